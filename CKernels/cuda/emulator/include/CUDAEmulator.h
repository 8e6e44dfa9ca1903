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

/// What the last launch that failed did wrong; "" when none has.
const char *CK_NONNULL ck_emulatedFault(void);

/// Runs a planted kernel, on 64 values of device memory, in one or two blocks of 64 threads. Null,
/// or what was found.
const char *CK_NULLABLE ck_runPlanted(const char *CK_NONNULL name);

/// Names of the planted kernels; null behind the last.
const char *CK_NULLABLE ck_plantedName(int32_t index);

CK_END
#endif
