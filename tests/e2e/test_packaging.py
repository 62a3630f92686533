"""The distributions: what is in them, and that a stranger can install and use the wheel on every Python."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.e2e import pythons

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PING = """\
import subprocess, sys, time
bridge = subprocess.Popen([sys.argv[1], "--backend", "simulated", "--socket", "run/s", "--audit", "run/audit", "-q"])
ping = [sys.argv[1], "ping", "--socket", "run/s"]
deadline = time.monotonic() + 30
while subprocess.run(ping, capture_output=True).returncode and time.monotonic() < deadline:
    time.sleep(0.1)
try:
    print(subprocess.run(ping, capture_output=True, text=True, check=True).stdout)
finally:
    bridge.terminate()
    bridge.wait()
"""
"""Starts a bridge with simulated containers and pings it."""

GYMNASIUM = """\
import sys, gymnasium
env = gymnasium.make("pydoom.gym:pydoom/Doom-v0", wad=sys.argv[1])
env.reset(seed=1)
env.step(env.action_space.sample())
env.close()
print(env.spec.id)
"""
"""Finds the environment without importing pydoom."""


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The result of `make dist`: the source distribution, and the wheel built from it."""
    folder = tmp_path_factory.mktemp("dist")
    command = ["make", "-o", f"{sys.prefix}/.installed-test", f"VENV={sys.prefix}", f"DIST={folder}", "dist"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr
    (source,) = folder.glob("*.tar.gz")
    (wheel,) = folder.glob("*.whl")
    return source, wheel


def tracked(*folders: str) -> set[str]:
    """The repository's files below these folders."""
    listed = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}


def test_wheel_has_both_packages_with_data_and_licence(distributions: tuple[Path, Path]) -> None:
    names = set(zipfile.ZipFile(distributions[1]).namelist())
    assert names >= tracked("pydoom", "hostbridge")
    assert {"pydoom/data/states.csv", "pydoom/kiosk/web/index.html", "pydoom/py.typed"} <= names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_wheel_has_nothing_else(distributions: tuple[Path, Path]) -> None:
    names = zipfile.ZipFile(distributions[1]).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"pydoom", "hostbridge", "pydoom_containers"}
    assert not [name for name in names if "test" in name or name.lower().endswith((".wad", ".pyc"))]


def test_source_distribution_is_the_repository(distributions: tuple[Path, Path]) -> None:
    with tarfile.open(distributions[0]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= tracked() - tracked(".ci")
    assert not [name for name in names if name.lower().endswith((".wad", ".pyc"))]


def test_metadata_says_what_it_is(distributions: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(distributions[1]) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        text = archive.read(name).decode()
    assert "License-Expression: GPL-2.0-or-later" in text
    assert "Requires-Python: >=3.11" in text
    assert pythons.supported() == list(pythons.VERSIONS)


@pytest.fixture(params=pythons.VERSIONS)
def python(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[pythons.Python]:
    """Each Python: this machine's, or else one in a container."""
    if pythons.find(request.param) is not None:
        yield pythons.Installed(tmp_path, request.param)
        return
    pythons.need_container(request.param)
    there = pythons.InContainer(tmp_path, request.param, request.getfixturevalue("engine"))
    yield there
    there.container.remove(force=True)


def test_compiled_wheel_plays_with_the_compiled_core(
    distributions: tuple[Path, Path], tmp_path: Path, wad_path: Path
) -> None:
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path)]
    environment = os.environ | {"PYDOOM_COMPILE": "1"}
    subprocess.run([*pip, str(distributions[0])], check=True, env=environment, timeout=900)
    (wheel,) = tmp_path.glob("*.whl")
    assert f"-cp{sys.version_info.major}{sys.version_info.minor}-" in wheel.name
    names = zipfile.ZipFile(wheel).namelist()
    pure = {name for name in zipfile.ZipFile(distributions[1]).namelist() if ".dist-info/" not in name}
    assert pure == {name for name in names if ".dist-info/" not in name and not name.endswith(".so")}
    python = pythons.Installed(tmp_path, "{}.{}".format(*sys.version_info[:2]))
    python.run(python.name, "-m", "venv", "venv")
    python.run("venv/bin/pip", "install", "--quiet", "--only-binary", ":all:", str(wheel))
    python.run("venv/bin/pip", "check")
    assert "compiled core" in python.run("venv/bin/pydoom", "--version")
    for drawing in ([], ["--renderer", "numpy"]):
        assert "2134" in python.run(
            *("venv/bin/pydoom", "--wad", str(wad_path), "--headless", "--timedemo", "DEMO3", *drawing)
        )


def test_stranger_installs_and_plays(
    python: pythons.Python, distributions: tuple[Path, Path], tmp_path: Path, wad_path: Path
) -> None:
    wheel = tmp_path / distributions[1].name
    wheel.write_bytes(distributions[1].read_bytes())
    python.run(python.name, "-m", "venv", "venv")
    # where there is no wheel there may be no compiler either
    python.run("venv/bin/pip", "install", "--quiet", "--only-binary", ":all:", f"{wheel}[gym]")
    python.run("venv/bin/pip", "check")

    for program in ("pydoom", "hostbridge"):
        assert python.run(f"venv/bin/{program}", "--version").startswith(f"{program} ")
        assert f"usage: {program}" in python.run(f"venv/bin/{program}", "--help")
    played = python.run(
        *("venv/bin/pydoom", "--wad", str(wad_path), "--headless", "--timedemo", "DEMO1", "--no-draw"),
    )
    assert "5026" in played
    assert "hostbridge" in python.run("venv/bin/python", "-c", PING, "venv/bin/hostbridge")
    assert "pydoom/Doom-v0" in python.run("venv/bin/python", "-c", GYMNASIUM, str(wad_path))
