"""Runs families of checks in parallel, with a time limit, and returns their results in order."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from pydoom.cli.doctor.check import Check, Status

SECONDS: Final = 30.0
"""Seconds for all families together; the probes have shorter limits of their own."""


class _Family:
    """A family of checks running in a thread, which is abandoned if it hangs."""

    def __init__(self, name: str, family: Callable[[], Iterable[Check]]) -> None:
        self.name = name
        self._family = family
        self._checks: list[Check] = []
        self._thread = threading.Thread(target=self._run, name=f"doctor-{name}", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            for check in self._family():
                self._checks.append(check)
        except Exception as error:  # the other families' findings are still worth having
            message = f"could not be checked: {type(error).__name__}: {error}"
            self._checks.append(Check(self.name, Status.WARNING, message))

    def wait(self, seconds: float) -> list[Check]:
        """Its results, plus a warning if it hangs."""
        self._thread.join(max(seconds, 0))
        checks = list(self._checks)
        if self._thread.is_alive():
            checks.append(Check(self.name, Status.WARNING, "does not answer in time"))
        return checks


def examine(families: Mapping[str, Callable[[], Iterable[Check]]], seconds: float = SECONDS) -> Iterator[Check]:
    """Yield all families' results in order; the wait for all of them is `seconds` at most."""
    deadline = time.monotonic() + seconds
    running = [_Family(name, family) for name, family in families.items()]
    for family in running:
        yield from family.wait(deadline - time.monotonic())
