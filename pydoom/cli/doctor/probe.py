"""Runs probes in a child process, because a driver may crash, hang or write to the terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Final

from pydoom import parsing

SECONDS: Final = 20.0


class ProbeError(Exception):
    """A probe failed; the message says why."""


def ask(name: str) -> dict[str, Any]:
    """The result of a probe in `probes`. Raises ProbeError."""
    answer = run([sys.executable, "-m", "pydoom.cli.doctor.probes", name])
    if "error" in answer:
        raise ProbeError(str(answer["error"]))
    return answer


def run(command: Sequence[str], seconds: float = SECONDS) -> dict[str, Any]:
    """The JSON object that a command prints. Raises ProbeError if none arrives in time."""
    environment = os.environ | {"PYGAME_HIDE_SUPPORT_PROMPT": "1"}
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ProbeError(f"no answer in {seconds:.0f} seconds") from error
    except OSError as error:
        raise ProbeError(f"{command[0]}: {error.strerror or error}") from error
    if done.returncode < 0:
        raise ProbeError(f"it crashed ({signal.Signals(-done.returncode).name})")
    try:
        answer = parsing.json_value(done.stdout)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ProbeError(words[-1] if words else f"exit status {done.returncode}")
    return answer
