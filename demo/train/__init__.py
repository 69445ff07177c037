"""Trains the demo Emu: the paper's objective on the demo world, small enough for two CPU cores."""

import os

# Kernels of AVX2, on newer processors too: wider ones add in another order, and a chain hangs on its rounding (see the README).
# PyTorch and oneDNN read these when they first compute. Who names other kernels gets them, and bfloat16 with them.
if os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx2") == "avx2":
    os.environ.setdefault("ONEDNN_MAX_CPU_ISA", "AVX2")
