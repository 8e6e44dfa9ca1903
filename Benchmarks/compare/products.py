#!/usr/bin/env python3
"""Measures the rate of fp32 matrix products, in GFLOP/s, and prints it as JSON.

Shapes are those of a training step; `torch` is PyTorch's product and `openblas` the system's OpenBLAS, told the
core type of an AVX-512 processor as Pure does. The larger rate stands for what the machine can do.
"""

import argparse
import ctypes
import json
import os
import statistics
import time

# Rows by inner by columns: a packed batch through MiniLM's layers, and 32 x 128 tokens through BERT-base's.
SHAPES = {"minilm": (832, 384, 1536), "bert-base": (4096, 768, 3072)}
SECONDS = 1.5


def rate(product, rows, inner, columns):
    product()
    rates, begin = [], time.perf_counter()
    while time.perf_counter() - begin < SECONDS or len(rates) < 3:
        start = time.perf_counter()
        product()
        rates.append(2 * rows * inner * columns / (time.perf_counter() - start) / 1e9)
    return statistics.median(rates)


def open_blas(threads):
    """OpenBLAS's product of row-major matrices, or None without the library."""
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            has_avx512 = "avx512f" in file.read()
    except OSError:
        has_avx512 = False
    if has_avx512:
        os.environ.setdefault("OPENBLAS_CORETYPE", "SkylakeX")
    os.environ["OPENBLAS_NUM_THREADS"] = str(threads)
    try:
        # A fresh name space, since numpy brings an OpenBLAS of its own.
        library = ctypes.CDLL("libopenblas.so.0", mode=os.RTLD_LOCAL | os.RTLD_NOW)
    except OSError:
        return None
    ROW_MAJOR, AS_IT_IS = 101, 111
    size, scalar = ctypes.c_int, ctypes.c_float
    library.cblas_sgemm.restype = None
    library.cblas_sgemm.argtypes = [
        size, size, size, size, size, size, scalar, ctypes.c_void_p, size, ctypes.c_void_p, size, scalar,
        ctypes.c_void_p, size]

    def product(a, b, c, rows, inner, columns):
        library.cblas_sgemm(
            ROW_MAJOR, AS_IT_IS, AS_IT_IS, rows, columns, inner, 1.0, a, inner, b, columns, 0.0, c, columns)
    return product


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--threads", type=int, required=True)
    threads = parser.parse_args().threads
    blas = open_blas(threads)

    import torch  # After OpenBLAS has read its settings from the environment.

    torch.set_num_threads(threads)
    measured = {}
    for name, (rows, inner, columns) in SHAPES.items():
        a, b, c = torch.rand(rows, inner), torch.rand(inner, columns), torch.empty(rows, columns)
        measured[name] = {"torch": rate(lambda: torch.mm(a, b, out=c), rows, inner, columns)}
        if blas:
            pointers = a.data_ptr(), b.data_ptr(), c.data_ptr()
            measured[name]["openblas"] = rate(lambda: blas(*pointers, rows, inner, columns), rows, inner, columns)
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
