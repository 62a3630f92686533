"""Runs a fuzzer: one input after another, each with a limit on its processor time, and collects findings."""

from __future__ import annotations

import contextlib
import logging
import random
import signal
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, ClassVar, Final

MAX_FINDINGS: Final = 20
"""Distinct findings after which a run stops: more would be more of the same."""


class Fuzzer:
    """One fuzzer. Its docstring says what must hold for every input."""

    name: ClassVar[str]
    cpu_seconds: ClassVar[float] = 10.0
    """Processor time that one input may take."""
    short_inputs: ClassVar[int] = 300
    """Number of inputs in the short form, in the normal test run."""

    def make(self, random: random.Random) -> Any:
        """Generate an input; the same for the same state of `random`."""
        raise NotImplementedError

    def check(self, data: Any) -> None:
        """Try one input. Raises any exception if something does not hold."""
        raise NotImplementedError

    def open(self) -> None:
        """Get ready, before the first input."""

    def close(self) -> None:
        """Clean up, after the last input; raises if something does not hold for all inputs together."""


class TookTooLongError(Exception):
    """An input used more processor time than it may."""


@dataclass(slots=True)
class Figures:
    """The statistics of a run."""

    name: str
    inputs: int = 0
    seconds: float = 0.0
    slowest: float = 0.0  # processor time of the slowest input, in seconds
    slowest_number: int = 0
    findings: dict[str, str] = field(default_factory=dict)  # by kind of error and place: the number and the traceback

    def __str__(self) -> str:
        rate = self.inputs / self.seconds if self.seconds else 0.0
        return (
            f"{self.name:<12} {self.inputs:>9} inputs {self.seconds:>8.1f} s {rate:>9.1f}/s"
            f"  slowest {self.slowest:.2f} s (input {self.slowest_number})  findings {len(self.findings)}"
        )


def run(
    fuzzer: Fuzzer, seed: int = 0, *, first: int = 0, inputs: int | None = None, seconds: float | None = None
) -> Figures:
    """Try `inputs` inputs from number `first` on, or as many as fit into `seconds`."""
    figures = Figures(fuzzer.name)
    begun = time.monotonic()
    number = first
    fuzzer.open()
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # refusals are logged, thousands of times
    try:
        while (inputs is None or number < first + inputs) and len(figures.findings) < MAX_FINDINGS:
            if seconds is not None and time.monotonic() - begun > seconds:
                break
            _try_one(fuzzer, seed, number, figures)
            number += 1
    finally:
        logging.disable(disabled)
        try:
            fuzzer.close()
        except Exception as error:
            _note(figures, error, "at the end")
    figures.inputs = number - first
    figures.seconds = time.monotonic() - begun
    return figures


def input_of(fuzzer: Fuzzer, seed: int, number: int) -> Any:
    """Input `number` of a seed."""
    return fuzzer.make(random.Random(f"{fuzzer.name} {seed} {number}"))


def _try_one(fuzzer: Fuzzer, seed: int, number: int, figures: Figures) -> None:
    data = input_of(fuzzer, seed, number)
    begun = time.process_time()
    try:
        with _bounded(fuzzer.cpu_seconds):
            fuzzer.check(data)
    except Exception as error:
        _note(figures, error, f"seed {seed} input {number}")
    took = time.process_time() - begun
    if took > figures.slowest:
        figures.slowest, figures.slowest_number = took, number


def _note(figures: Figures, error: Exception, which: str) -> None:
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    text = "".join(traceback.format_exception(error)[-6:])
    figures.findings.setdefault(f"{type(error).__name__} at {place}", f"{which}\n{text[-3000:]}")


@contextlib.contextmanager
def _bounded(cpu_seconds: float) -> Iterator[None]:
    """Raise TookTooLongError in the block after this much processor time of the process; main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TookTooLongError(f"more than {cpu_seconds:.0f} s of processor time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
