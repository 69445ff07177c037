"""Trains the demo Emu: the paper's objective on the demo world, small enough for two CPU cores."""
