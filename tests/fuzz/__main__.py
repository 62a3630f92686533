"""Runs fuzzers from the command line; see the package's docstring. Exit status 1 when something was found."""

from __future__ import annotations

import argparse
import resource
import sys

from tests.fuzz import harness
from tests.fuzz.fuzzers import FUZZERS

MEMORY_BYTES = 4 << 30
"""Limit on the run's address space: an input that needs more is a finding."""


def main() -> int:
    """Run the chosen fuzzers; print statistics and findings."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Try inputs that should never exist.")
    parser.add_argument("names", nargs="*", choices=[[], *FUZZERS], help="fuzzers to run (default: all)")
    parser.add_argument("--minutes", type=float, default=1.0, help="for all fuzzers together (default 1)")
    parser.add_argument("--inputs", type=int, help="number of inputs of each, instead")
    parser.add_argument("--seed", type=int, default=0, help="chooses the inputs")
    parser.add_argument("--from", type=int, default=0, dest="first", help="number of the first input")
    chosen = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    names = chosen.names or list(FUZZERS)
    seconds = None if chosen.inputs is not None else chosen.minutes * 60 / len(names)
    found = 0
    for name in names:
        figures = harness.run(FUZZERS[name](), chosen.seed, first=chosen.first, inputs=chosen.inputs, seconds=seconds)
        print(figures, flush=True)
        for place, finding in figures.findings.items():
            print(f"\n{name}: {place}, {finding}", flush=True)
        found += len(figures.findings)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
