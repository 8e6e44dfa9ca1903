/// The kernels of Pure: one parameter struct an operation, read by the C half and the CUDA half alike.
///
/// Every pointer in a parameter struct is memory of the device that runs the operation. Matrices are
/// row-major and dense unless a stride is given; activations are packed as [tokens, features], and
/// `sequenceOffsets` [sequenceCount + 1] says where each text begins and ends.
#ifndef CKERNELS_H
#define CKERNELS_H

#include "../cuda/geometry.h"
#include "../ops/activation/activation.h"
#include "../ops/adamw/adamw_rows.h"
#include "../ops/attention/attention.h"
#include "../ops/attention/attention_tensor.h"
#include "../ops/attention_norm/attention_norm.h"
#include "../ops/cross_entropy/cross_entropy.h"
#include "../ops/dropout/dropout.h"
#include "../ops/embedding/embedding.h"
#include "../ops/fill/fill.h"
#include "../ops/first_rows/first_rows.h"
#include "../ops/first_token_attention/first_token_attention.h"
#include "../ops/global_norm/global_norm.h"
#include "../ops/head_linear/head_linear.h"
#include "../ops/inner_product/inner_product.h"
#include "../ops/layer_norm/layer_norm.h"
#include "../ops/linear/linear.h"
#include "../ops/output_entropy/output_entropy.h"
#include "../runtime/blas.h"
#include "../runtime/cuda_context.h"
#include "../runtime/host.h"
#include "../runtime/parallel.h"

#endif
