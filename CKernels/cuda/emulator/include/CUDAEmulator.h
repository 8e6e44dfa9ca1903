/// A stand-in for the CUDA libraries: kernels run on the emulator, products on the host. See
/// ../emulator.h for what is checked while they run.
#ifndef CUDA_EMULATOR_H
#define CUDA_EMULATOR_H

#include "../../../runtime/cuda_platform.h"
#include "../emulator.h"
CK_BEGIN

/// The emulated libraries, with one device of compute capability 8.6. Modules are kept in
/// `cacheFolder`; null: nowhere. Its name is copied and lives as long as the process.
CKCUDAPlatform ck_emulatedPlatform(const char *CK_NULLABLE cacheFolder);

/// Makes the machine one on which something is wrong, as `situation` names it (situations.c).
/// False: there is no such situation.
bool ck_stage(CKCUDAPlatform *CK_NONNULL platform, const char *CK_NONNULL situation);

/// Makes the machine's GPU one that copies from the host as late as it may, for what launches
/// nothing. One at a time.
void ck_delayCopies(CKCUDAPlatform *CK_NONNULL platform);

/// What was asked of a GPU that only counts.
typedef struct CKCallCounts {
  int32_t launches, products, uploads, downloads, events;
  int32_t replays;      // of graphs, which count for nothing else
  int32_t choices;      // of an algorithm for a product
  int32_t waits;        // for the stream or for an event
  int32_t allocations;  // and their ends, for which the driver may wait too
} CKCallCounts;

/// Makes the machine's GPU one that only counts. One at a time: all share the counts.
void ck_countCalls(CKCUDAPlatform *CK_NONNULL platform);

/// The counts since the last call.
CKCallCounts ck_takeCallCounts(void);

/// What the last launch that failed did wrong; "" when none has.
const char *CK_NONNULL ck_emulatedFault(void);

/// Runs a planted kernel, on 64 values of device memory, in one or two blocks of 64 threads. Null,
/// or what was found.
const char *CK_NULLABLE ck_runPlanted(const char *CK_NONNULL name);

/// Names of the planted kernels; null behind the last.
const char *CK_NULLABLE ck_plantedName(int32_t index);

CK_END
#endif
