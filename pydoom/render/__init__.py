"""The 3-D view (``r_*.c``) as numpy batches."""
