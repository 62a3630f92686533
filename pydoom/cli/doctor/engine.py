"""The container engine, which the game never talks to: the bridge's own command checks it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator

from pydoom.cli.doctor.check import Check, Status
from pydoom.cli.doctor.probe import ProbeError, run
from pydoom.cli.options import Options


def check_engine(_options: Options) -> Iterator[Check]:
    """Pass on the findings of ``hostbridge doctor``, as warnings at most, since the game runs without an engine."""
    if importlib.util.find_spec("hostbridge") is None:
        yield Check("engine", Status.NOTE, "hostbridge is not installed here: the bridge runs elsewhere")
        return
    try:
        answer = run([sys.executable, "-m", "hostbridge", "doctor", "--json"])
    except ProbeError as error:
        yield Check("engine", Status.WARNING, f"hostbridge doctor: {error}", "hostbridge doctor")
        return
    for found in answer.get("checks", []):
        if found["name"] == "engine":
            status = Status(found["status"])
            yield Check(
                "engine",
                Status.NOTE if status is Status.MISSING else status,
                f"{found['message']}{'; plain DOOM needs none' if status is Status.MISSING else ''}",
                found["remedy"],
            )
