/// Every kernel of every module, for the emulator and for a look at what the compiler makes of
/// them.
#include "../ops/attention/attention.cu"
#include "../ops/attention/attention_backward.cu"
#include "modules.h"
#include "operations.cu"

#define CK_PLAIN(pass, ...) CK_ATTENTION_##pass(__VA_ARGS__)
CK_ATTENTION_KERNELS(CK_PLAIN)

#if defined(CK_EMULATOR) || __CUDA_ARCH__ >= 800
#include "../ops/attention/attention_tensor.cu"
#include "../ops/attention/attention_tensor_backward.cu"
#include "../ops/attention/attention_tensor_whole.cu"
#include "../ops/attention/attention_variants.h"

#define CK_TENSOR(pass, features, precision, rows, keys, stages)                    \
  CK_ATTENTION_##pass##_TENSOR(                                                     \
      CK_ATTENTION_NAME(pass, features, precision, rows, keys, stages),             \
      CK_ATTENTION_FACTOR_##precision, CK_ATTENTION_BLOCKS_##features, rows, keys, stages)
CK_ATTENTION_VARIANTS(CK_TENSOR)
#endif
