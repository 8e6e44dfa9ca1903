/// CUDA graphs of the emulated driver: calls that are kept with copies of all that they were given.
#ifndef CK_EMULATED_GRAPHS_H
#define CK_EMULATED_GRAPHS_H

#include "CUDAEmulator.h"

/// Whether calls of this thread are captured.
bool ck_isCapturing(void);
/// Keeps `run` for the graph, with a copy of what it takes.
int ck_capture(int (*run)(const void *arguments), const void *arguments, size_t byteCount);

/// The driver's functions for graphs.
void ck_addGraphs(CKDriver *driver);

#endif
