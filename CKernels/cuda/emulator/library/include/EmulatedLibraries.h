// Nothing to include: the functions are found by NVIDIA's names for them, at run time.
