#include "modules.h"

#include "../ops/attention/attention_variants.h"
#include "sources.h"

#define CK_FILE_FORWARD "attention"
#define CK_FILE_BACKWARD "attention_backward"
#define CK_TENSOR_FILE_FORWARD "attention_tensor"
#define CK_TENSOR_FILE_QUERY "attention_tensor_backward"
#define CK_TENSOR_FILE_KEY "attention_tensor_backward"
#define CK_TENSOR_FILE_WHOLE "attention_tensor_whole"
#define CK_QUOTED(...) CK_QUOTED_AGAIN(__VA_ARGS__)
#define CK_QUOTED_AGAIN(...) #__VA_ARGS__

#define CK_ROOT(file, macro, arguments) \
  "#include \"../ops/attention/" file ".cu\"\n" macro arguments "\n"
#define CK_PLAIN(pass, size, blocks) \
  {false, NULL, CK_ROOT(CK_FILE_##pass, "CK_ATTENTION_" #pass, "(" #size ", " #blocks ")")},
#define CK_TENSOR(pass, features, precision, rows, keys, stages)                                \
  {false, CK_QUOTED(CK_ATTENTION_NAME(pass, features, precision, rows, keys, stages)),          \
   CK_ROOT(CK_TENSOR_FILE_##pass, "CK_ATTENTION_" #pass "_TENSOR",                              \
           "(" CK_QUOTED(CK_ATTENTION_NAME(pass, features, precision, rows, keys, stages)) ", " \
           CK_QUOTED(CK_ATTENTION_FACTOR_##precision) ", "                                      \
           CK_QUOTED(CK_ATTENTION_BLOCKS_##features) ", " #rows ", " #keys ", " #stages ")")},

const CKKernelModule ck_kernelModules[] = {
    {true, NULL, "#include \"operations.cu\"\n"},
    CK_ATTENTION_KERNELS(CK_PLAIN) CK_ATTENTION_VARIANTS(CK_TENSOR)};
const int ck_kernelModuleCount = sizeof ck_kernelModules / sizeof *ck_kernelModules;
_Static_assert(sizeof ck_kernelModules / sizeof *ck_kernelModules <= ckMostModules,
               "a context has room for every module");
