"""The Pythons that pydoom is installed on, each in a fresh virtual environment: this machine's, or in a container.

A version that is not on this machine is taken from Debian's packages, in an image made for it once.
"""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Final, Protocol

import docker
import pytest

from tests.conftest import ROOT

VERSIONS: Final = ("3.11", "3.12", "3.13", "3.14")
"""The Pythons that the project supports."""

_SUITES: Final = {"3.13": "trixie", "3.14": "forky"}
"""The release of Debian that has this Python."""

_RECIPE: Final = """\
FROM debian:trixie-slim
# the package index of a testing release may have expired here
RUN sed -i -e 's/^Suites: .*/Suites: {suite}/' -e '$aCheck-Valid-Until: no' /etc/apt/sources.list.d/debian.sources \\
    && apt-get update \\
    && apt-get install -y --no-install-recommends ca-certificates python{version}-venv \\
    && rm -rf /var/lib/apt/lists/*
"""


class Python(Protocol):
    """One Python; paths below its folder are the same inside and outside of a container."""

    name: str
    """The command that starts it."""

    def run(self, *command: str) -> str:
        """The output of a command, which runs in the folder and must succeed."""


class Installed(Python):
    """A Python of this machine."""

    def __init__(self, folder: Path, version: str) -> None:
        self._folder = folder
        self.name = str(find(version))

    def run(self, *command: str) -> str:
        result = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, timeout=300)
        assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
        return result.stdout


class InContainer(Python):
    """A Python of Debian's in a container that sees the folder and nothing else of this machine."""

    def __init__(self, folder: Path, version: str, engine: docker.DockerClient) -> None:
        self.name = f"python{version}"
        image = _image(version)
        mounts = {
            str(path): {"bind": str(path), "mode": mode} for path, mode in ((folder, "rw"), (ROOT / "wads", "ro"))
        }
        self.container = engine.containers.run(
            image, ["sleep", "86400"], detach=True, init=True, volumes=mounts, working_dir=str(folder)
        )

    def run(self, *command: str) -> str:
        status, output = self.container.exec_run(list(command))
        assert isinstance(output, bytes)  # not a stream
        text = output.decode(errors="replace")
        assert status == 0, f"{command}\n{text}"
        return text


def find(version: str) -> Path | None:
    """A Python of this version on this machine that can make virtual environments: in the path, or pyenv's."""
    pyenv = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python{version}"))
    on_path = shutil.which(f"python{version}")
    for candidate in (*pyenv, *([Path(on_path)] if on_path else [])):
        probe = [str(candidate), "-c", "import ensurepip, sys; print('%d.%d' % sys.version_info[:2])"]
        result = subprocess.run(probe, capture_output=True, text=True)
        if result.returncode == 0 and result.stdout.strip() == version:
            return candidate
    return None


def need_container(version: str) -> None:
    """Skip where no container can have this Python."""
    if version not in _SUITES:
        pytest.skip(f"Python {version} is not on this machine")


def supported() -> list[str]:
    """The versions that the project's classifiers name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    numbers = (text.removeprefix("Programming Language :: Python :: ") for text in project["classifiers"])
    return [number for number in numbers if number.startswith("3.")]


def _image(version: str) -> str:
    name = f"pydoom-test-python:{version}"
    recipe = _RECIPE.format(suite=_SUITES[version], version=version)
    result = subprocess.run(
        ["docker", "build", "--tag", name, "-"], input=recipe, capture_output=True, text=True, timeout=600
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return name
