"""The units in docs/systemd, judged by systemd itself."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

UNITS = ROOT / "docs" / "systemd"
TOOL = "systemd-analyze"
EXPOSURE = 10
"""Tenths of what `systemd-analyze security` calls the exposure level: up to 20 is "OK", 100 is no sandbox at all."""

pytestmark = pytest.mark.skipif(shutil.which(TOOL) is None, reason="systemd is not installed")


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """Copies of the units that start an existing program."""
    found = []
    for each in UNITS.iterdir():
        copy = tmp_path / each.name
        copy.write_text(each.read_text().replace("/usr/local/bin/hostbridge", shutil.which("true") or ""))
        found.append(copy)
    return found


def test_systemd_understands_everything_in_the_units(units: list[Path]) -> None:
    done = subprocess.run([TOOL, "verify", *map(str, units)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_sandboxes_are_as_tight_as_documented(units: list[Path]) -> None:
    services = [str(each) for each in units if each.suffix == ".service"]
    assert len(services) == 2
    for each in services:
        command = [TOOL, "security", "--offline=true", f"--threshold={EXPOSURE}", "--no-pager", each]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def test_services_can_tell_who_connects() -> None:
    # in a user namespace every peer would be `nobody` to SO_PEERCRED
    assert not any("\nPrivateUsers=" in each.read_text() for each in UNITS.iterdir())


def test_only_the_gate_is_in_the_group_of_the_docker_socket() -> None:
    groups = {
        each.stem: re.findall(r"^SupplementaryGroups=(.*)$", each.read_text(), re.MULTILINE)
        for each in UNITS.glob("*.service")
    }
    assert groups == {"pydoom-gate": ["docker"], "pydoom-bridge": ["pydoom-engine"]}
    assert not {name for names in groups.values() for name in names} & set(groups), "DynamicUser= takes these names"
