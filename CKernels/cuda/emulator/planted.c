#include "kernels/include/planted.h"

#include <string.h>

#include "CUDAEmulator.h"
#include "kernels/include/kernel_table.h"

enum { valueCount = 64 };

const char *ck_plantedName(int32_t index) {
  static const char *const names[] = {
      "planted_correct",
      "planted_missingBarrier",
      "planted_missingWarpBarrier",
      "planted_divergentBarrier",
      "planted_returnBeforeBarrier",
      "planted_storeBehindTheEnd",
      "planted_loadBeforeTheBeginning",
      "planted_storeBehindSharedMemory",
      "planted_unwrittenSharedMemory",
      "planted_raceOfBlocks",
      "planted_raceOfBlocksThatArrive",
      "planted_joinedBlocks",
      "planted_misalignedLoad",
      "planted_shuffleWithoutItsLanes",
      "plantedFragments_none_tf32",
      "plantedFragments_none_bf16",
      "plantedFragments_exchangedRows_tf32",
      "plantedFragments_exchangedRows_bf16",
      "plantedFragments_exchangedTerms_tf32",
      "plantedFragments_exchangedTerms_bf16",
      "plantedFragments_exchangedColumns_tf32",
      "plantedFragments_exchangedColumns_bf16",
      "plantedFragments_wrongOrder_tf32",
      "plantedFragments_wrongOrder_bf16",
  };
  return index < (int32_t)(sizeof names / sizeof *names) ? names[index] : NULL;
}

const char *ck_runPlanted(const char *name) {
  const CKEmulatedKernel *kernel = ck_emulatedKernel(name);
  float *values = ck_emulatedAllocate(valueCount * sizeof *values);
  if (kernel == NULL || values == NULL) return "there is no such kernel, or no memory";
  memset(values, 0, valueCount * sizeof *values);
  CKPlanted arguments = {values};
  void *parameters[] = {&arguments};
  bool needsTwoBlocks = strstr(name, "Blocks") != NULL;
  const char *found = ck_emulate(&(CKEmulatedLaunch){.name = name,
                                                     .run = kernel->run,
                                                     .parameters = parameters,
                                                     .grid = {needsTwoBlocks ? 2 : 1, 1, 1},
                                                     .threads = valueCount,
                                                     .sharedBytes = valueCount * sizeof *values});
  // Fragments leave how far they are from what they should be.
  for (int i = 0; strstr(name, "Fragments") != NULL && found == NULL && i < valueCount; i++)
    if (values[i] != 0) found = "fragments: a sum differs from the plain one";
  ck_emulatedFree(values);
  return found;
}
