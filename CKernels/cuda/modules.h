/// The attention kernels: which pass, for heads up to which size, of so many blocks of 32 features,
/// and for tensor cores in which precision. Each is a module of its own, since they are most of what
/// there is to compile, and a model needs few of them.
#ifndef CK_MODULES_H
#define CK_MODULES_H

#define CK_ATTENTION_KERNELS(PLAIN, TENSOR)                                     \
  PLAIN(FORWARD, 32, 1)                                                         \
  PLAIN(FORWARD, 64, 2)                                                         \
  PLAIN(FORWARD, 128, 4)                                                        \
  PLAIN(BACKWARD, 32, 1)                                                        \
  PLAIN(BACKWARD, 64, 2)                                                        \
  PLAIN(BACKWARD, 128, 4)                                                       \
  CK_TENSOR_KERNELS(TENSOR, tf32, TF32) CK_TENSOR_KERNELS(TENSOR, bf16, BFloat16)

#define CK_TENSOR_KERNELS(TENSOR, precision, Factor) \
  TENSOR(FORWARD, 32, 1, precision, Factor)          \
  TENSOR(FORWARD, 64, 2, precision, Factor)          \
  TENSOR(FORWARD, 128, 4, precision, Factor)         \
  TENSOR(BACKWARD, 32, 1, precision, Factor)         \
  TENSOR(BACKWARD, 64, 2, precision, Factor)         \
  TENSOR(BACKWARD, 128, 4, precision, Factor)

#endif
