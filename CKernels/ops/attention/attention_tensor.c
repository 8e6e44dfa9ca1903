#include "attention_tensor.h"

#include <string.h>

#include "../../cuda/geometry.h"
#include "attention_choices.h"
#include "attention_variants.h"

#define PASS_FORWARD CKAttentionPassForward
#define PASS_QUERY CKAttentionPassQuery
#define PASS_KEY CKAttentionPassKey
#define PASS_WHOLE CKAttentionPassWhole
#define FACTORS_tf32 CKFactorTypeTF32
#define FACTORS_bf16 CKFactorTypeBFloat16
#define QUOTED(name) QUOTED_AGAIN(name)
#define QUOTED_AGAIN(name) #name
#define ROW(pass, features, precision, rows, keys, stages)                 \
  {PASS_##pass, FACTORS_##precision, features, rows, keys, stages,         \
   QUOTED(CK_ATTENTION_NAME(pass, features, precision, rows, keys, stages))},

static const CKAttentionVariant variants[] = {CK_ATTENTION_VARIANTS(ROW)};
static const int32_t variantCount = sizeof variants / sizeof *variants;

#define NAME(pass, features, precision, shape) \
  "attention" pass "_" #features "_" #precision "_" #shape
#define WHOLE_ROW(architecture, precision, features, longest, forward, whole) \
  {architecture, FACTORS_##precision, features, longest,                      \
   NAME("Forward", features, precision, forward),                             \
   NAME("BackwardWhole", features, precision, whole), NULL, NULL},
#define SPLIT_ROW(architecture, precision, features, longest, forward, query, key) \
  {architecture, FACTORS_##precision, features, longest,                           \
   NAME("Forward", features, precision, forward), NULL,                            \
   NAME("BackwardQuery", features, precision, query),                              \
   NAME("BackwardKey", features, precision, key)},

static const CKAttentionChoice choices[] = {CK_ATTENTION_CHOICES(WHOLE_ROW, SPLIT_ROW)};
static const int32_t choiceCount = sizeof choices / sizeof *choices;

const CKAttentionVariant *ck_attentionVariantAt(int32_t index) {
  return index < variantCount ? &variants[index] : NULL;
}

const CKAttentionChoice *ck_attentionChoiceAt(int32_t index) {
  return index < choiceCount ? &choices[index] : NULL;
}

int32_t ck_attentionThreads(const CKAttentionVariant *variant) {
  return ckAttentionTensorThreads(variant->rows);
}

int32_t ck_attentionSharedBytes(const CKAttentionVariant *variant) {
  int32_t perWord = variant->factors == CKFactorTypeBFloat16 ? 2 : 1;
  int32_t row = variant->features / perWord + ckAttentionPadding;
  int32_t weights = ckAttentionTile / perWord + ckAttentionPadding;
  int32_t words = 0;
  switch (variant->pass) {
    case CKAttentionPassForward: words = (variant->rows + 2 * variant->keys) * row; break;
    case CKAttentionPassQuery:
    case CKAttentionPassKey: words = 2 * (variant->rows + variant->keys) * row; break;
    case CKAttentionPassWhole: words = variant->rows * (4 * row + 2 * weights); break;
  }
  return words * (int32_t)sizeof(uint32_t);
}

/// The newest architecture of the table that is no newer than this one.
static int32_t tableArchitecture(int32_t architecture) {
  int32_t best = choices[0].architecture;
  for (int32_t i = 0; i < choiceCount; i++) {
    int32_t known = choices[i].architecture;
    if (known <= architecture && known > best) best = known;
  }
  return best;
}

const CKAttentionChoice *ck_attentionChoice(int32_t architecture, CKFactorType factors,
                                            int32_t features, int32_t longest) {
  int32_t known = tableArchitecture(architecture);
  const CKAttentionChoice *choice = choices;
  for (int32_t i = 0; i < choiceCount; i++) {
    const CKAttentionChoice *row = &choices[i];
    if (row->architecture != known || row->factors != factors || row->features != features)
      continue;
    choice = row;
    if (longest <= row->longest) break;
  }
  return choice;
}

const CKAttentionVariant *ck_attentionVariant(const char *kernel) {
  for (int32_t i = 0; i < variantCount; i++)
    if (strcmp(variants[i].kernel, kernel) == 0) return &variants[i];
  return NULL;
}

bool ck_attentionIsChosen(const char *kernel, int32_t architecture) {
  int32_t known = tableArchitecture(architecture);
  for (int32_t i = 0; i < choiceCount; i++) {
    const CKAttentionChoice *row = &choices[i];
    const char *names[] = {row->forward, row->whole, row->query, row->key};
    for (int name = 0; name < 4 && row->architecture == known; name++)
      if (names[name] != NULL && strcmp(names[name], kernel) == 0) return true;
  }
  return false;
}
