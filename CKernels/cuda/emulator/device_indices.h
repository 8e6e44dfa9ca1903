/// threadIdx and its kin, as C sees them.
#ifndef CK_DEVICE_INDICES_H
#define CK_DEVICE_INDICES_H

typedef struct CKEmulatedIndex {
  unsigned int x, y, z;
} CKEmulatedIndex;

/// threadIdx, blockIdx, blockDim and gridDim of the fiber that runs.
extern CKEmulatedIndex ck_emulatedIndices[4];

#endif
