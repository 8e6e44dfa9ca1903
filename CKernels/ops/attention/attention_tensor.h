/// Attention's kernels for tensor cores as values, and which of them a GPU launches.
#ifndef CK_ATTENTION_TENSOR_H
#define CK_ATTENTION_TENSOR_H

#include "../../runtime/cuda_context.h"
CK_BEGIN

typedef CK_ENUM(CKAttentionPass){
    CKAttentionPassForward = 0,
    CKAttentionPassQuery = 1,  // backward: the gradient of the queries, and then
    CKAttentionPassKey = 2,    // of keys and values; or
    CKAttentionPassWhole = 3,  // all three, of texts that fit into a block
} CKAttentionPass;

/// One kernel (attention_variants.h).
typedef struct CKAttentionVariant {
  CKAttentionPass pass;
  CKFactorType factors;
  int32_t features;  // of the largest head
  int32_t rows, keys, stages;
  const char *CK_NONNULL kernel;  // its name
} CKAttentionVariant;

/// Number `index` of them all, or of this name; null: there is none.
const CKAttentionVariant *CK_NULLABLE ck_attentionVariantAt(int32_t index);
const CKAttentionVariant *CK_NULLABLE ck_attentionVariant(const char *CK_NONNULL kernel);

/// Threads of a block, and bytes of its shared memory.
int32_t ck_attentionThreads(const CKAttentionVariant *CK_NONNULL variant);
int32_t ck_attentionSharedBytes(const CKAttentionVariant *CK_NONNULL variant);

/// The kernels for texts of up to `longest` tokens: `whole`, or `query` and `key`.
typedef struct CKAttentionChoice {
  int32_t architecture;  // 10 · major + minor
  CKFactorType factors;
  int32_t features, longest;
  const char *CK_NONNULL forward;
  const char *CK_NULLABLE whole;
  const char *CK_NULLABLE query;
  const char *CK_NULLABLE key;
} CKAttentionChoice;

/// Row `index` of the table (attention_choices.h); null: there is none.
const CKAttentionChoice *CK_NULLABLE ck_attentionChoiceAt(int32_t index);

/// What is launched for heads of up to `features`, 32, 64 or 128, in texts of up to `longest`
/// tokens, on an architecture from 80 on. One that the table has not takes the next older one's
/// rows.
const CKAttentionChoice *CK_NONNULL ck_attentionChoice(int32_t architecture, CKFactorType factors,
                                                       int32_t features, int32_t longest);
/// Some choice for the architecture has the kernel.
bool ck_attentionIsChosen(const char *CK_NONNULL kernel, int32_t architecture);

CK_END
#endif
