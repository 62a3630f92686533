"""The tests do not depend on the environment of the person who starts them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import surroundings
from tests.conftest import ROOT

STRAY = {
    "COMPOSE_FILE": "/nowhere/compose.yaml",
    "COMPOSE_PROJECT_NAME": "somebody-elses",
    "DOCKER_CONTEXT": "faraway",
    "DOCKER_TLS_VERIFY": "1",
    "DOOMWADDIR": "/nowhere",
    "GIT_DIR": "/nowhere",
    "MAKEFLAGS": "n",
    "PSDOOMPSCMD": "true",
    "PYDOOM_ANYTHING": "1",
    "PYTEST_ADDOPTS": "--collect-only",
    "PYTHONOPTIMIZE": "2",
    "PYTHONPATH": "/nowhere",
    "RUFF_CONFIG": "/nowhere",
    "SDL_VIDEO_X11_VISUALID": "nonsense",
    "VNC_PASSWORD": "secret",
    "XDG_RUNTIME_DIR": "/nowhere",
}


def test_tools_started_by_make_see_no_stray_variable() -> None:
    command = [sys.executable, "-I", "tests/surroundings.py", "env"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | STRAY, capture_output=True, text=True, check=True)
    names = {line.partition("=")[0] for line in done.stdout.splitlines()}
    assert not names & STRAY.keys()
    assert {"PATH", "HOME"} <= names


def test_the_engine_the_index_and_ci_are_passed_on() -> None:
    wanted = {"DOCKER_HOST": "unix:///x", "PIP_CERT": "x", "CI": "true", "PYDOOM_FORBID_SKIPS": "1", "https_proxy": "x"}
    assert surroundings.kept(wanted | STRAY) == wanted | surroundings.SET


def test_this_test_process_has_no_stray_variable() -> None:
    assert not os.environ.keys() & STRAY.keys()


def test_this_test_process_can_be_interrupted() -> None:
    assert signal.getsignal(signal.SIGINT) is not signal.SIG_IGN


def test_pytest_started_by_hand_in_the_background_drops_stray_variables_and_heeds_ctrl_c_too(tmp_path: Path) -> None:
    stray = {name: value for name, value in STRAY.items() if not name.startswith(("PYTEST", "PYTHON"))}
    background = ["sh", "-c", """trap '' INT; exec "$0" "$@" """]
    command = [*background, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path}"]
    tests = [f"{__file__}::test_this_test_process_{does}" for does in ("has_no_stray_variable", "can_be_interrupted")]
    done = subprocess.run([*command, *tests], cwd=ROOT, env=os.environ | stray, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("target", ["lint", "test", "test-fast", "test-golden", "test-e2e"])
def test_every_tool_of_these_targets_starts_in_a_clean_environment(target: str) -> None:
    command = ["make", "-n", "-o", ".venv/.installed-test", "-o", "wads/doom1.wad", target]
    lines = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert lines
    assert not [line for line in lines if not re.match(r"\S+/python -I tests/surroundings\.py ", line)]
