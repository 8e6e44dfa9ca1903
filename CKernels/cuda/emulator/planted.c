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
      "planted_misalignedLoad",
      "planted_shuffleWithoutItsLanes",
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
  bool needsTwoBlocks = strstr(name, "OfBlocks") != NULL;
  const char *found = ck_emulate(&(CKEmulatedLaunch){.name = name,
                                                     .run = kernel->run,
                                                     .parameters = parameters,
                                                     .grid = {needsTwoBlocks ? 2 : 1, 1, 1},
                                                     .threads = valueCount,
                                                     .sharedBytes = valueCount * sizeof *values});
  ck_emulatedFree(values);
  return found;
}
