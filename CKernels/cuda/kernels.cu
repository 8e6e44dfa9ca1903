/// Every kernel of every module, for the emulator and for a look at what the compiler makes of them.
#include "../ops/attention/attention.cu"
#include "../ops/attention/attention_backward.cu"
#include "modules.h"
#include "operations.cu"

#define CK_PLAIN(pass, ...) CK_ATTENTION_##pass(__VA_ARGS__)
#if defined(CK_EMULATOR) || __CUDA_ARCH__ >= 800
#include "../ops/attention/attention_tensor.cu"
#include "../ops/attention/attention_tensor_backward.cu"
#define CK_TENSOR(pass, ...) CK_ATTENTION_##pass##_TENSOR(__VA_ARGS__)
#else
#define CK_TENSOR(pass, ...)
#endif

CK_ATTENTION_KERNELS(CK_PLAIN, CK_TENSOR)
