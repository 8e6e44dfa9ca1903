/// Attention's kernels in fp32: which pass, for heads up to which size, of so many blocks of 32
/// features. Each is a module of its own, and so is each kernel for tensor cores
/// (ops/attention/attention_variants.h), since attention is most of what there is to compile, and a
/// GPU needs few of its kernels.
#ifndef CK_MODULES_H
#define CK_MODULES_H

#define CK_ATTENTION_KERNELS(PLAIN) \
  PLAIN(FORWARD, 32, 1)             \
  PLAIN(FORWARD, 64, 2)             \
  PLAIN(FORWARD, 128, 4)            \
  PLAIN(BACKWARD, 32, 1)            \
  PLAIN(BACKWARD, 64, 2)            \
  PLAIN(BACKWARD, 128, 4)

#endif
