"""Fuzzers: each generates inputs from a seed and checks what must hold for every one of them.

``python -m tests.fuzz --minutes 10`` (or ``make fuzz MINUTES=10``) runs all of them and prints statistics; names after
the flags choose single fuzzers. Input number N of a seed is always the same, so a finding is repeated with ``--seed S
--from N --inputs 1``. `tests/unit/test_fuzz.py` runs a few hundred fixed inputs of each in the normal test run.
"""
