"""Coverage-guided fuzzing of what the gate lets through; opt-in, since it runs as long as you let it.

    pip install atheris && python -m tests.fuzz.fuzz_gate -max_total_time=60

Checked for every input: what is refused is refused with one kind of error, a request is the same however its bytes are
cut, and what gets through is one of the known requests, written in the one way that the engine gets it.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["hostbridge"]):
    from tests.gate_requests import check

if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
