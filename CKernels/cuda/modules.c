#include "modules.h"

#include "sources.h"

#define CK_FILE_FORWARD "attention"
#define CK_FILE_BACKWARD "attention_backward"
#define CK_TENSOR_FILE_FORWARD "attention_tensor"
#define CK_TENSOR_FILE_BACKWARD "attention_tensor_backward"
#define CK_FACTORS_tf32 CKFactorTypeTF32
#define CK_FACTORS_bf16 CKFactorTypeBFloat16

#define CK_ROOT(file, macro, arguments) \
  "#include \"../ops/attention/" file ".cu\"\n" macro arguments "\n"
#define CK_PLAIN(pass, size, blocks)                                    \
  {false, CKFactorTypeFloat,                                            \
   CK_ROOT(CK_FILE_##pass, "CK_ATTENTION_" #pass, "(" #size ", " #blocks ")")},
#define CK_TENSOR(pass, size, blocks, precision, Factor)                \
  {false, CK_FACTORS_##precision,                                       \
   CK_ROOT(CK_TENSOR_FILE_##pass, "CK_ATTENTION_" #pass "_TENSOR",      \
           "(" #size ", " #blocks ", " #precision ", " #Factor ")")},

const CKKernelModule ck_kernelModules[] = {
    {true, CKFactorTypeFloat, "#include \"operations.cu\"\n"},
    CK_ATTENTION_KERNELS(CK_PLAIN, CK_TENSOR)};
const int ck_kernelModuleCount = sizeof ck_kernelModules / sizeof *ck_kernelModules;
_Static_assert(sizeof ck_kernelModules / sizeof *ck_kernelModules <= ckMostModules,
               "a context has room for every module");
