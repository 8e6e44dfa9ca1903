#include "sources.h"

// NVRTC finds a header by the spelling of the line that includes it, so some files stand here under two names.

static const char operationsKernels[] = {
#embed "operations.cu"
    , 0};
static const char columnSumsKernels[] = {
#embed "column_sums.cu"
    , 0};
static const char lastBlockDevice[] = {
#embed "last_block.cuh"
    , 0};
static const char roundingKernels[] = {
#embed "rounding.cu"
    , 0};
static const char roundingDevice[] = {
#embed "rounding.cuh"
    , 0};
static const char tensorCoresDevice[] = {
#embed "tensor_cores.cuh"
    , 0};
static const char commonDevice[] = {
#embed "common.cuh"
    , 0};
static const char geometryHeader[] = {
#embed "geometry.h"
    , 0};
static const char activationKernels[] = {
#embed "../ops/activation/activation.cu"
    , 0};
static const char activationDevice[] = {
#embed "../ops/activation/activation.cuh"
    , 0};
static const char activationHeader[] = {
#embed "../ops/activation/activation.h"
    , 0};
static const char adamwKernels[] = {
#embed "../ops/adamw/adamw.cu"
    , 0};
static const char adamwDevice[] = {
#embed "../ops/adamw/adamw.cuh"
    , 0};
static const char adamwHeader[] = {
#embed "../ops/adamw/adamw.h"
    , 0};
static const char adamwFactorsHeader[] = {
#embed "../ops/adamw/adamw_factors.h"
    , 0};
static const char adamwRowsKernels[] = {
#embed "../ops/adamw/adamw_rows.cu"
    , 0};
static const char adamwRowsHeader[] = {
#embed "../ops/adamw/adamw_rows.h"
    , 0};
static const char attentionKernels[] = {
#embed "../ops/attention/attention.cu"
    , 0};
static const char attentionDevice[] = {
#embed "../ops/attention/attention.cuh"
    , 0};
static const char attentionHeader[] = {
#embed "../ops/attention/attention.h"
    , 0};
static const char attentionBackwardKernels[] = {
#embed "../ops/attention/attention_backward.cu"
    , 0};
static const char attentionTensorDevice[] = {
#embed "../ops/attention/attention_tensor.cuh"
    , 0};
static const char attentionTensorKernels[] = {
#embed "../ops/attention/attention_tensor.cu"
    , 0};
static const char attentionTensorBackwardKernels[] = {
#embed "../ops/attention/attention_tensor_backward.cu"
    , 0};
static const char attentionTensorBackwardDevice[] = {
#embed "../ops/attention/attention_tensor_backward.cuh"
    , 0};
static const char attentionTensorWholeKernels[] = {
#embed "../ops/attention/attention_tensor_whole.cu"
    , 0};
static const char attentionNormKernels[] = {
#embed "../ops/attention_norm/attention_norm.cu"
    , 0};
static const char attentionNormHeader[] = {
#embed "../ops/attention_norm/attention_norm.h"
    , 0};
static const char crossEntropyKernels[] = {
#embed "../ops/cross_entropy/cross_entropy.cu"
    , 0};
static const char crossEntropyHeader[] = {
#embed "../ops/cross_entropy/cross_entropy.h"
    , 0};
static const char dropoutKernels[] = {
#embed "../ops/dropout/dropout.cu"
    , 0};
static const char dropoutDevice[] = {
#embed "../ops/dropout/dropout.cuh"
    , 0};
static const char dropoutHeader[] = {
#embed "../ops/dropout/dropout.h"
    , 0};
static const char embeddingKernels[] = {
#embed "../ops/embedding/embedding.cu"
    , 0};
static const char embeddingHeader[] = {
#embed "../ops/embedding/embedding.h"
    , 0};
static const char fillKernels[] = {
#embed "../ops/fill/fill.cu"
    , 0};
static const char fillHeader[] = {
#embed "../ops/fill/fill.h"
    , 0};
static const char firstRowsKernels[] = {
#embed "../ops/first_rows/first_rows.cu"
    , 0};
static const char firstRowsHeader[] = {
#embed "../ops/first_rows/first_rows.h"
    , 0};
static const char firstTokenAttentionKernels[] = {
#embed "../ops/first_token_attention/first_token_attention.cu"
    , 0};
static const char firstTokenAttentionHeader[] = {
#embed "../ops/first_token_attention/first_token_attention.h"
    , 0};
static const char globalNormKernels[] = {
#embed "../ops/global_norm/global_norm.cu"
    , 0};
static const char globalNormHeader[] = {
#embed "../ops/global_norm/global_norm.h"
    , 0};
static const char headLinearKernels[] = {
#embed "../ops/head_linear/head_linear.cu"
    , 0};
static const char headLinearHeader[] = {
#embed "../ops/head_linear/head_linear.h"
    , 0};
static const char innerProductKernels[] = {
#embed "../ops/inner_product/inner_product.cu"
    , 0};
static const char innerProductHeader[] = {
#embed "../ops/inner_product/inner_product.h"
    , 0};
static const char layerNormKernels[] = {
#embed "../ops/layer_norm/layer_norm.cu"
    , 0};
static const char layerNormHeader[] = {
#embed "../ops/layer_norm/layer_norm.h"
    , 0};
static const char layerNormBackwardKernels[] = {
#embed "../ops/layer_norm/layer_norm_backward.cu"
    , 0};
static const char linearKernels[] = {
#embed "../ops/linear/linear.cu"
    , 0};
static const char linearHeader[] = {
#embed "../ops/linear/linear.h"
    , 0};
static const char outputEntropyKernels[] = {
#embed "../ops/output_entropy/output_entropy.cu"
    , 0};
static const char outputEntropyHeader[] = {
#embed "../ops/output_entropy/output_entropy.h"
    , 0};
static const char philoxHeader[] = {
#embed "../runtime/philox.h"
    , 0};
static const char typesHeader[] = {
#embed "../runtime/types.h"
    , 0};

const CKKernelSource ck_kernelSources[] = {
    {"../../cuda/common.cuh", commonDevice},
    {"../../cuda/last_block.cuh", lastBlockDevice},
    {"../../cuda/rounding.cuh", roundingDevice},
    {"../../cuda/tensor_cores.cuh", tensorCoresDevice},
    {"../../runtime/philox.h", philoxHeader},
    {"../../runtime/types.h", typesHeader},
    {"../activation/activation.cuh", activationDevice},
    {"../activation/activation.h", activationHeader},
    {"../attention/attention.cuh", attentionDevice},
    {"../dropout/dropout.cuh", dropoutDevice},
    {"../dropout/dropout.h", dropoutHeader},
    {"../ops/activation/activation.cu", activationKernels},
    {"../ops/adamw/adamw.cu", adamwKernels},
    {"../ops/adamw/adamw_rows.cu", adamwRowsKernels},
    {"../ops/attention/attention.cu", attentionKernels},
    {"../ops/attention/attention_backward.cu", attentionBackwardKernels},
    {"../ops/attention/attention_tensor.cu", attentionTensorKernels},
    {"../ops/attention/attention_tensor_backward.cu", attentionTensorBackwardKernels},
    {"../ops/attention/attention_tensor_whole.cu", attentionTensorWholeKernels},
    {"../ops/attention_norm/attention_norm.cu", attentionNormKernels},
    {"../ops/cross_entropy/cross_entropy.cu", crossEntropyKernels},
    {"../ops/dropout/dropout.cu", dropoutKernels},
    {"../ops/embedding/embedding.cu", embeddingKernels},
    {"../ops/fill/fill.cu", fillKernels},
    {"../ops/first_rows/first_rows.cu", firstRowsKernels},
    {"../ops/first_token_attention/first_token_attention.cu", firstTokenAttentionKernels},
    {"../ops/global_norm/global_norm.cu", globalNormKernels},
    {"../ops/head_linear/head_linear.cu", headLinearKernels},
    {"../ops/inner_product/inner_product.cu", innerProductKernels},
    {"../ops/layer_norm/layer_norm.cu", layerNormKernels},
    {"../ops/layer_norm/layer_norm_backward.cu", layerNormBackwardKernels},
    {"../ops/linear/linear.cu", linearKernels},
    {"../ops/output_entropy/output_entropy.cu", outputEntropyKernels},
    {"../runtime/types.h", typesHeader},
    {"activation.cuh", activationDevice},
    {"activation.h", activationHeader},
    {"adamw.cuh", adamwDevice},
    {"adamw.h", adamwHeader},
    {"adamw_rows.h", adamwRowsHeader},
    {"adamw_factors.h", adamwFactorsHeader},
    {"attention.cuh", attentionDevice},
    {"attention.h", attentionHeader},
    {"attention_tensor.cuh", attentionTensorDevice},
    {"attention_tensor_backward.cuh", attentionTensorBackwardDevice},
    {"attention_norm.h", attentionNormHeader},
    {"column_sums.cu", columnSumsKernels},
    {"common.cuh", commonDevice},
    {"cross_entropy.h", crossEntropyHeader},
    {"dropout.cuh", dropoutDevice},
    {"dropout.h", dropoutHeader},
    {"embedding.h", embeddingHeader},
    {"fill.h", fillHeader},
    {"first_rows.h", firstRowsHeader},
    {"first_token_attention.h", firstTokenAttentionHeader},
    {"geometry.h", geometryHeader},
    {"global_norm.h", globalNormHeader},
    {"head_linear.h", headLinearHeader},
    {"inner_product.h", innerProductHeader},
    {"layer_norm.h", layerNormHeader},
    {"linear.h", linearHeader},
    {"operations.cu", operationsKernels},
    {"output_entropy.h", outputEntropyHeader},
    {"rounding.cu", roundingKernels},
    {"rounding.cuh", roundingDevice},
    {"tensor_cores.cuh", tensorCoresDevice},
    {"types.h", typesHeader},
};
const int ck_kernelSourceCount = sizeof ck_kernelSources / sizeof *ck_kernelSources;
_Static_assert(sizeof ck_kernelSources / sizeof *ck_kernelSources <= ckMostSources,
               "a compilation has room for every file");
