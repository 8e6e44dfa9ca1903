/// Attention's kernels for tensor cores, each as VARIANT(pass, features, precision, rows, keys,
/// stages), and what its name is made of.
///
/// A block has `rows` rows of one head, 16 a warp, and goes through the rows of the other side
/// `keys` at a time, 32 of them together. In two stages the next `keys` are fetched meanwhile. The
/// pass WHOLE is the backward pass of texts of at most `rows` tokens. All variants of a pass give
/// the same bits: which one is launched is a matter of time alone (attention_choices.h).
#ifndef CK_ATTENTION_VARIANTS_H
#define CK_ATTENTION_VARIANTS_H

#define CK_ATTENTION_VARIANTS(VARIANT)                                                      \
  CK_ATTENTION_SIZES(VARIANT, tf32) CK_ATTENTION_SIZES(VARIANT, bf16)

#define CK_ATTENTION_SIZES(VARIANT, precision)                                              \
  CK_ATTENTION_SHAPES(VARIANT, 32, precision) CK_ATTENTION_SHAPES(VARIANT, 64, precision)   \
  CK_ATTENTION_LARGE_SHAPES(VARIANT, 128, precision)

#define CK_ATTENTION_SHAPES(VARIANT, features, precision)                                   \
  VARIANT(FORWARD, features, precision, 32, 32, 1)                                          \
  VARIANT(FORWARD, features, precision, 64, 32, 2)                                          \
  VARIANT(FORWARD, features, precision, 64, 64, 1)                                          \
  VARIANT(FORWARD, features, precision, 128, 32, 2)                                         \
  VARIANT(FORWARD, features, precision, 128, 64, 1)                                         \
  VARIANT(FORWARD, features, precision, 128, 64, 2)                                         \
  VARIANT(FORWARD, features, precision, 128, 128, 1)                                        \
  VARIANT(QUERY, features, precision, 32, 32, 1)                                            \
  VARIANT(QUERY, features, precision, 64, 32, 2)                                            \
  VARIANT(QUERY, features, precision, 64, 64, 1)                                            \
  VARIANT(QUERY, features, precision, 128, 64, 1)                                           \
  VARIANT(KEY, features, precision, 32, 32, 1)                                              \
  VARIANT(KEY, features, precision, 64, 32, 2)                                              \
  VARIANT(KEY, features, precision, 64, 64, 1)                                              \
  VARIANT(KEY, features, precision, 128, 64, 1)                                             \
  VARIANT(WHOLE, features, precision, 32, 32, 1)                                            \
  VARIANT(WHOLE, features, precision, 64, 64, 1)                                            \
  VARIANT(WHOLE, features, precision, 128, 128, 1)

/// Of heads whose sums take most registers, and whose rows most shared memory.
#define CK_ATTENTION_LARGE_SHAPES(VARIANT, features, precision)                             \
  VARIANT(FORWARD, features, precision, 32, 32, 1)                                          \
  VARIANT(FORWARD, features, precision, 64, 32, 1)                                          \
  VARIANT(QUERY, features, precision, 32, 32, 1)                                            \
  VARIANT(KEY, features, precision, 32, 32, 1)                                              \
  VARIANT(WHOLE, features, precision, 64, 64, 1)

#define CK_ATTENTION_PASS_FORWARD attentionForward
#define CK_ATTENTION_PASS_QUERY attentionBackwardQuery
#define CK_ATTENTION_PASS_KEY attentionBackwardKey
#define CK_ATTENTION_PASS_WHOLE attentionBackwardWhole
#define CK_ATTENTION_FACTOR_tf32 TF32
#define CK_ATTENTION_FACTOR_bf16 BFloat16
#define CK_ATTENTION_BLOCKS_32 1
#define CK_ATTENTION_BLOCKS_64 2
#define CK_ATTENTION_BLOCKS_128 4

/// attentionForward_64_bf16_128x32x2
#define CK_ATTENTION_NAME(pass, features, precision, rows, keys, stages) \
  CK_ATTENTION_JOINED(CK_ATTENTION_PASS_##pass, features, precision, rows, keys, stages)
#define CK_ATTENTION_JOINED(...) CK_ATTENTION_PASTED(__VA_ARGS__)
#define CK_ATTENTION_PASTED(pass, features, precision, rows, keys, stages) \
  pass##_##features##_##precision##_##rows##x##keys##x##stages

#endif
