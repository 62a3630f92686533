"""The play simulation (``p_*.c``): plain ints, no numpy, no pygame, no clock, no files."""
