/// Which of attention's kernels for tensor cores are launched, by architecture, precision, features
/// of a head and longest text of a batch: WHOLE(…, forward, backward) or SPLIT(…, forward, backward
/// by query, backward by key). What is longer than the last row's length takes that row.
///
/// The last row of each size of head is a SPLIT. `gpu-check --parts variants` times all kernels,
/// and `Benchmarks/compare/variants` writes an architecture's rows anew; NOTES.md says which were
/// measured.
#ifndef CK_ATTENTION_CHOICES_H
#define CK_ATTENTION_CHOICES_H

#define CK_ATTENTION_CHOICES(WHOLE, SPLIT) \
  WHOLE(80, tf32, 32, 32, 32x32x1, 32x32x1)              \
  WHOLE(80, tf32, 32, 64, 64x64x1, 64x64x1)              \
  WHOLE(80, tf32, 32, 128, 128x128x1, 128x128x1)         \
  SPLIT(80, tf32, 32, 512, 128x64x2, 64x32x2, 64x32x2)   \
  WHOLE(80, tf32, 64, 32, 32x32x1, 32x32x1)              \
  WHOLE(80, tf32, 64, 64, 64x64x1, 64x64x1)              \
  SPLIT(80, tf32, 64, 128, 128x128x1, 64x64x1, 64x64x1)  \
  SPLIT(80, tf32, 64, 512, 128x64x2, 64x32x2, 64x32x2)   \
  WHOLE(80, tf32, 128, 64, 64x32x1, 64x64x1)             \
  SPLIT(80, tf32, 128, 512, 64x32x1, 32x32x1, 32x32x1)   \
  WHOLE(80, bf16, 32, 32, 32x32x1, 32x32x1)              \
  WHOLE(80, bf16, 32, 64, 64x64x1, 64x64x1)              \
  WHOLE(80, bf16, 32, 128, 128x128x1, 128x128x1)         \
  SPLIT(80, bf16, 32, 512, 128x64x2, 64x32x2, 64x32x2)   \
  WHOLE(80, bf16, 64, 32, 32x32x1, 32x32x1)              \
  WHOLE(80, bf16, 64, 64, 64x64x1, 64x64x1)              \
  WHOLE(80, bf16, 64, 128, 128x128x1, 128x128x1)         \
  SPLIT(80, bf16, 64, 512, 128x64x2, 64x32x2, 64x32x2)   \
  WHOLE(80, bf16, 128, 64, 64x32x1, 64x64x1)             \
  SPLIT(80, bf16, 128, 512, 64x32x1, 32x32x1, 32x32x1)   \
  WHOLE(86, tf32, 32, 32, 32x32x1, 32x32x1)              \
  WHOLE(86, tf32, 32, 64, 64x64x1, 64x64x1)              \
  SPLIT(86, tf32, 32, 128, 128x128x1, 64x64x1, 64x64x1)  \
  SPLIT(86, tf32, 32, 512, 128x64x2, 64x32x2, 64x32x2)   \
  WHOLE(86, tf32, 64, 32, 32x32x1, 32x32x1)              \
  WHOLE(86, tf32, 64, 64, 64x64x1, 64x64x1)              \
  SPLIT(86, tf32, 64, 128, 128x64x1, 64x64x1, 64x64x1)   \
  SPLIT(86, tf32, 64, 512, 128x64x2, 64x32x2, 64x32x2)   \
  SPLIT(86, tf32, 128, 512, 64x32x1, 32x32x1, 32x32x1)   \
  WHOLE(86, bf16, 32, 32, 32x32x1, 32x32x1)              \
  WHOLE(86, bf16, 32, 64, 64x64x1, 64x64x1)              \
  WHOLE(86, bf16, 32, 128, 128x128x1, 128x128x1)         \
  SPLIT(86, bf16, 32, 512, 128x64x2, 64x32x2, 64x32x2)   \
  WHOLE(86, bf16, 64, 32, 32x32x1, 32x32x1)              \
  WHOLE(86, bf16, 64, 64, 64x64x1, 64x64x1)              \
  WHOLE(86, bf16, 64, 128, 128x128x1, 128x128x1)         \
  SPLIT(86, bf16, 64, 512, 128x64x2, 64x32x2, 64x32x2)   \
  WHOLE(86, bf16, 128, 64, 64x32x1, 64x64x1)             \
  SPLIT(86, bf16, 128, 512, 64x32x1, 32x32x1, 32x32x1)   \
  WHOLE(89, tf32, 32, 32, 32x32x1, 32x32x1)              \
  WHOLE(89, tf32, 32, 64, 64x64x1, 64x64x1)              \
  SPLIT(89, tf32, 32, 128, 128x128x1, 64x64x1, 64x64x1)  \
  SPLIT(89, tf32, 32, 512, 128x64x2, 64x32x2, 64x32x2)   \
  WHOLE(89, tf32, 64, 32, 32x32x1, 32x32x1)              \
  WHOLE(89, tf32, 64, 64, 64x64x1, 64x64x1)              \
  SPLIT(89, tf32, 64, 128, 128x64x1, 64x64x1, 64x64x1)   \
  SPLIT(89, tf32, 64, 512, 128x64x2, 64x32x2, 64x32x2)   \
  SPLIT(89, tf32, 128, 512, 64x32x1, 32x32x1, 32x32x1)   \
  WHOLE(89, bf16, 32, 32, 32x32x1, 32x32x1)              \
  WHOLE(89, bf16, 32, 64, 64x64x1, 64x64x1)              \
  WHOLE(89, bf16, 32, 128, 128x128x1, 128x128x1)         \
  SPLIT(89, bf16, 32, 512, 128x64x2, 64x32x2, 64x32x2)   \
  WHOLE(89, bf16, 64, 32, 32x32x1, 32x32x1)              \
  WHOLE(89, bf16, 64, 64, 64x64x1, 64x64x1)              \
  WHOLE(89, bf16, 64, 128, 128x128x1, 128x128x1)         \
  SPLIT(89, bf16, 64, 512, 128x64x2, 64x32x2, 64x32x2)   \
  WHOLE(89, bf16, 128, 64, 64x32x1, 64x64x1)             \
  SPLIT(89, bf16, 128, 512, 64x32x1, 32x32x1, 32x32x1)   \
  WHOLE(90, tf32, 32, 32, 32x32x1, 32x32x1)              \
  WHOLE(90, tf32, 32, 64, 64x64x1, 64x64x1)              \
  WHOLE(90, tf32, 32, 128, 128x128x1, 128x128x1)         \
  SPLIT(90, tf32, 32, 512, 128x64x2, 64x32x2, 64x32x2)   \
  WHOLE(90, tf32, 64, 32, 32x32x1, 32x32x1)              \
  WHOLE(90, tf32, 64, 64, 64x64x1, 64x64x1)              \
  WHOLE(90, tf32, 64, 128, 128x128x1, 128x128x1)         \
  SPLIT(90, tf32, 64, 512, 128x64x2, 64x32x2, 64x32x2)   \
  WHOLE(90, tf32, 128, 64, 64x32x1, 64x64x1)             \
  SPLIT(90, tf32, 128, 512, 64x32x1, 32x32x1, 32x32x1)   \
  WHOLE(90, bf16, 32, 32, 32x32x1, 32x32x1)              \
  WHOLE(90, bf16, 32, 64, 64x64x1, 64x64x1)              \
  WHOLE(90, bf16, 32, 128, 128x128x1, 128x128x1)         \
  SPLIT(90, bf16, 32, 512, 128x64x2, 64x32x2, 64x32x2)   \
  WHOLE(90, bf16, 64, 32, 32x32x1, 32x32x1)              \
  WHOLE(90, bf16, 64, 64, 64x64x1, 64x64x1)              \
  WHOLE(90, bf16, 64, 128, 128x128x1, 128x128x1)         \
  SPLIT(90, bf16, 64, 512, 128x64x2, 64x32x2, 64x32x2)   \
  WHOLE(90, bf16, 128, 64, 64x32x1, 64x64x1)             \
  SPLIT(90, bf16, 128, 512, 64x32x1, 32x32x1, 32x32x1)   \
  WHOLE(120, tf32, 32, 32, 32x32x1, 32x32x1)             \
  WHOLE(120, tf32, 32, 64, 64x64x1, 64x64x1)             \
  SPLIT(120, tf32, 32, 128, 128x128x1, 64x64x1, 64x64x1) \
  SPLIT(120, tf32, 32, 512, 128x64x2, 64x32x2, 64x32x2)  \
  WHOLE(120, tf32, 64, 32, 32x32x1, 32x32x1)             \
  WHOLE(120, tf32, 64, 64, 64x64x1, 64x64x1)             \
  SPLIT(120, tf32, 64, 128, 128x64x1, 64x64x1, 64x64x1)  \
  SPLIT(120, tf32, 64, 512, 128x64x2, 64x32x2, 64x32x2)  \
  SPLIT(120, tf32, 128, 512, 64x32x1, 32x32x1, 32x32x1)  \
  WHOLE(120, bf16, 32, 32, 32x32x1, 32x32x1)             \
  WHOLE(120, bf16, 32, 64, 64x64x1, 64x64x1)             \
  WHOLE(120, bf16, 32, 128, 128x128x1, 128x128x1)        \
  SPLIT(120, bf16, 32, 512, 128x64x2, 64x32x2, 64x32x2)  \
  WHOLE(120, bf16, 64, 32, 32x32x1, 32x32x1)             \
  WHOLE(120, bf16, 64, 64, 64x64x1, 64x64x1)             \
  WHOLE(120, bf16, 64, 128, 128x128x1, 128x128x1)        \
  SPLIT(120, bf16, 64, 512, 128x64x2, 64x32x2, 64x32x2)  \
  WHOLE(120, bf16, 128, 64, 64x32x1, 64x64x1)            \
  SPLIT(120, bf16, 128, 512, 64x32x1, 32x32x1, 32x32x1)

#endif
