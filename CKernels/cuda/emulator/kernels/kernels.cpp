// Every kernel as C++, and how to call each by name with the driver's array of parameter addresses.
#define CK_EMULATOR
#define __CUDACC__

#include "../../kernels.cu"

#include "include/kernel_table.h"
#include "planted.cu"
#include "planted_fragments.cu"

/// Reads the parameters as the driver does: by value, from one address each. This is the host's
/// part of a launch, so its accesses are not looked at.
#define CK_HOST_PART __attribute__((no_sanitize("kernel-address"), noinline))

template <auto kernel>
struct Call;

template <typename First, void (*kernel)(First)>
struct Call<kernel> {
  static constexpr size_t sizes[3] = {sizeof(First)};
  CK_HOST_PART static void run(void **parameters) { kernel(*(First *)parameters[0]); }
};

template <typename First, typename Second, void (*kernel)(First, Second)>
struct Call<kernel> {
  static constexpr size_t sizes[3] = {sizeof(First), sizeof(Second)};
  CK_HOST_PART static void run(void **parameters) {
    kernel(*(First *)parameters[0], *(Second *)parameters[1]);
  }
};

template <typename First, typename Second, typename Third, void (*kernel)(First, Second, Third)>
struct Call<kernel> {
  static constexpr size_t sizes[3] = {sizeof(First), sizeof(Second), sizeof(Third)};
  CK_HOST_PART static void run(void **parameters) {
    kernel(*(First *)parameters[0], *(Second *)parameters[1], *(Third *)parameters[2]);
  }
};

/// Of a name that a macro makes.
#define CK_NAMED(name) CK_KERNEL(name)
#define CK_KERNEL(name) {#name, Call<name>::run, Call<name>::sizes}

static const CKEmulatedKernel kernels[] = {
    CK_KERNEL(activationBackward_fourPerThread),
    CK_KERNEL(adamW_fourPerThread),
    CK_KERNEL(adamWRows_rowPerBlock),
    CK_KERNEL(add_elementPerThread),
    CK_KERNEL(addToFirstRows_textPerBlock),
    CK_KERNEL(attentionBackward_keyTile32),
    CK_KERNEL(attentionBackward_keyTile64),
    CK_KERNEL(attentionBackward_keyTile128),
    CK_KERNEL(attentionBackward_queryTile32),
    CK_KERNEL(attentionBackward_queryTile64),
    CK_KERNEL(attentionBackward_queryTile128),
    CK_KERNEL(attentionForward_queryTile32),
    CK_KERNEL(attentionForward_queryTile64),
    CK_KERNEL(attentionForward_queryTile128),
#define CK_VARIANT(pass, features, precision, rows, keys, stages) \
  CK_NAMED(CK_ATTENTION_NAME(pass, features, precision, rows, keys, stages)),
    CK_ATTENTION_VARIANTS(CK_VARIANT)
    CK_KERNEL(attentionNorm_headPerThread),
    CK_KERNEL(columnSums_eightPerBlock),
    CK_KERNEL(copy_elementPerThread),
    CK_KERNEL(crossEntropy_rowPerThread),
    CK_KERNEL(dropoutInPlace_rowPerBlock),
    CK_KERNEL(embeddingBackward_positionPerBlock),
    CK_KERNEL(embeddingBackward_wordPerBlock),
    CK_KERNEL(embeddingForward_tokenPerBlock),
    CK_KERNEL(fill_elementPerThread),
    CK_KERNEL(firstTokenBackward_headsPerBlock),
    CK_KERNEL(firstTokenBackward_tokenTile),
    CK_KERNEL(firstTokenForward_headsPerBlock),
    CK_KERNEL(gatherFirstRows_textPerBlock),
    CK_KERNEL(globalNorm_chunkPerBlock),
    CK_KERNEL(headLinearForward_headTile),
    CK_KERNEL(headLinearInput_headTile),
    CK_KERNEL(headLinearWeight_headTile),
    CK_KERNEL(innerProduct_chunkPerBlock),
    CK_KERNEL(layerNormBackward_chunkPerBlock),
    CK_KERNEL(layerNormForward_rowPerWarp),
    CK_KERNEL(linearForward_rowPerBlock),
    CK_KERNEL(outputEntropy_rowPerThread),
    CK_KERNEL(roundToBFloat16_rowPerBlock),
    CK_KERNEL(planted_correct),
    CK_KERNEL(planted_missingBarrier),
    CK_KERNEL(planted_missingWarpBarrier),
    CK_KERNEL(planted_divergentBarrier),
    CK_KERNEL(planted_returnBeforeBarrier),
    CK_KERNEL(planted_storeBehindTheEnd),
    CK_KERNEL(planted_loadBeforeTheBeginning),
    CK_KERNEL(planted_storeBehindSharedMemory),
    CK_KERNEL(planted_unwrittenSharedMemory),
    CK_KERNEL(planted_raceOfBlocks),
    CK_KERNEL(planted_raceOfBlocksThatArrive),
    CK_KERNEL(planted_joinedBlocks),
    CK_KERNEL(planted_misalignedLoad),
    CK_KERNEL(planted_shuffleWithoutItsLanes),
    CK_KERNEL(plantedFragments_none_tf32),
    CK_KERNEL(plantedFragments_none_bf16),
    CK_KERNEL(plantedFragments_exchangedRows_tf32),
    CK_KERNEL(plantedFragments_exchangedRows_bf16),
    CK_KERNEL(plantedFragments_exchangedTerms_tf32),
    CK_KERNEL(plantedFragments_exchangedTerms_bf16),
    CK_KERNEL(plantedFragments_exchangedColumns_tf32),
    CK_KERNEL(plantedFragments_exchangedColumns_bf16),
    CK_KERNEL(plantedFragments_wrongOrder_tf32),
    CK_KERNEL(plantedFragments_wrongOrder_bf16),
};

CK_HOST_PART const CKEmulatedKernel *ck_emulatedKernel(const char *name) {
  for (const CKEmulatedKernel &kernel : kernels)
    if (__builtin_strcmp(kernel.name, name) == 0) return &kernel;
  return nullptr;
}
