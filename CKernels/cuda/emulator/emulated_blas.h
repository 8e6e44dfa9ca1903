/// cuBLASLt's functions, by the host's product.
#ifndef CK_EMULATED_BLAS_H
#define CK_EMULATED_BLAS_H

#include "../../runtime/cuda_platform.h"

extern const CKDeviceBlas ck_emulatedBlas;

#endif
