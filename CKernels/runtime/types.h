/// The scalar types that C, Swift and CUDA share. NVRTC compiles without system headers.
#ifndef CK_TYPES_H
#define CK_TYPES_H

#ifdef __CUDACC_RTC__
typedef int int32_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;
#define CK_ENUM(name) enum name : int
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#define CK_ENUM(name) enum __attribute__((enum_extensibility(closed))) name : int32_t
#endif

#ifdef __cplusplus
#define CK_BEGIN extern "C" {
#define CK_END }
#else
#define CK_BEGIN
#define CK_END
#endif

/// How a product takes its factors, whose sums are floats in any case: as they are, rounded to 10
/// bits of mantissa for a GPU's tensor cores, or to 7.
typedef CK_ENUM(CKFactorType){
    CKFactorTypeFloat = 0,
    CKFactorTypeTF32 = 1,
    CKFactorTypeBFloat16 = 2,
} CKFactorType;

#ifdef __clang__
#define CK_NULLABLE _Nullable
#define CK_NONNULL _Nonnull
#else
#define CK_NULLABLE
#define CK_NONNULL
#endif

#endif
