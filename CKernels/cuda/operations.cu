/// The kernels of every operation but attention, which every precision needs: one module.
#include "../ops/activation/activation.cu"
#include "../ops/adamw/adamw.cu"
#include "../ops/adamw/adamw_rows.cu"
#include "../ops/attention_norm/attention_norm.cu"
#include "../ops/cross_entropy/cross_entropy.cu"
#include "../ops/dropout/dropout.cu"
#include "../ops/embedding/embedding.cu"
#include "../ops/fill/fill.cu"
#include "../ops/first_rows/first_rows.cu"
#include "../ops/first_token_attention/first_token_attention.cu"
#include "../ops/global_norm/global_norm.cu"
#include "../ops/head_linear/head_linear.cu"
#include "../ops/inner_product/inner_product.cu"
#include "../ops/layer_norm/layer_norm.cu"
#include "../ops/layer_norm/layer_norm_backward.cu"
#include "../ops/linear/linear.cu"
#include "../ops/output_entropy/output_entropy.cu"
#include "column_sums.cu"

// Tensor cores of the generations that multiply tf32 and bf16.
#if defined(CK_EMULATOR) || __CUDA_ARCH__ >= 800
#include "rounding.cu"
#endif
