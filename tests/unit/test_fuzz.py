"""The short form of the fuzzers: a few hundred fixed inputs of each. `tests/fuzz` says what must hold for them."""

from __future__ import annotations

import random
from typing import ClassVar

import pytest

from tests.conftest import WAD
from tests.fuzz import harness, mutate
from tests.fuzz.fuzzers import FUZZERS
from tests.fuzz.harness import Fuzzer

pytestmark = pytest.mark.slow

NEED_THE_WAD = ("pwad", "demo", "save", "dehacked", "song")


@pytest.mark.parametrize("name", FUZZERS)
def test_no_input_of_the_short_form_finds_anything(name: str) -> None:
    if name in NEED_THE_WAD and not WAD.is_file():
        pytest.skip(f"{WAD} is missing")
    fuzzer = FUZZERS[name]()
    figures = harness.run(fuzzer, inputs=fuzzer.short_inputs)
    assert not figures.findings, "\n".join(figures.findings.values())
    assert figures.inputs == fuzzer.short_inputs


class Loops(Fuzzer):
    """Finds something in every third input, and never ends with every fourth."""

    name = "loops"
    cpu_seconds: ClassVar[float] = 0.05

    def make(self, random: random.Random) -> int:
        return random.randrange(12)

    def check(self, data: int) -> None:
        while data % 4 == 1:
            pass
        assert data % 3, "a multiple of three"


def test_run_counts_findings_by_kind_and_place_and_stops_endless_inputs() -> None:
    figures = harness.run(Loops(), seed=1, inputs=30)
    assert figures.inputs == 30
    assert sorted(each.split(" ")[0] for each in figures.findings) == ["AssertionError", "TookTooLongError"]
    assert "a multiple of three" in "".join(figures.findings.values())


def test_an_input_is_the_same_whenever_it_is_made() -> None:
    for name in ("protocol", "docker", "gate"):
        one, two = FUZZERS[name](), FUZZERS[name]()
        assert harness.input_of(one, 3, 77) == harness.input_of(two, 3, 77)


def test_mutations_change_something_and_end() -> None:
    rng = random.Random(5)
    changed = sum(mutate.mutated_bytes(rng, b"hello, world" * 20) != b"hello, world" * 20 for _ in range(100))
    assert changed > 90
    assert sum(map(len, mutate.pieces(rng, b"x" * 50))) == 50
