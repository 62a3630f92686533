"""The locks in ``requirements/``: they keep to what ``pyproject.toml`` allows, on every architecture."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

FOLDER = ROOT / "requirements"
LOCKS = ("bridge", "build", "game", "sbom")
MACHINES = ("x86_64", "aarch64")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of a lock."""

    requirement: Requirement
    hashes: int

    @property
    def version(self) -> str:
        (only,) = self.requirement.specifier
        assert only.operator == "=="
        return only.version


def lock(name: str) -> dict[str, Locked]:
    """The packages of a lock by name."""
    text = (FOLDER / f"{name}.txt").read_text().replace("\\\n", " ")
    found: dict[str, Locked] = {}
    for line in text.splitlines():
        if line and not line.startswith(("#", " ")):
            requirement = Requirement(line.split("--hash")[0].strip())
            found[canonicalize_name(requirement.name)] = Locked(requirement, len(re.findall(r"--hash=sha256:", line)))
    return found


def asked_for(name: str) -> list[Requirement]:
    """The source of a lock."""
    return [Requirement(line) for line in (FOLDER / f"{name}.in").read_text().splitlines()]


def applies(requirement: Requirement, machine: str) -> bool:
    """Whether it is installed in an image of this architecture."""
    where = {"platform_machine": machine, "sys_platform": "linux", "python_version": "3.13", "extra": ""}
    return requirement.marker is None or requirement.marker.evaluate(where)


def needed() -> set[str]:
    """What the project needs to run in the images."""
    texts = (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["kiosk"])
    # only `hostbridge up` uses the docker package, and that never runs in an image
    return {name for text in texts if (name := canonicalize_name(Requirement(text).name)) != "docker"}


def ranges() -> Iterator[Requirement]:
    """The project's requirements for each package in the images, with and without extras."""
    asked = {canonicalize_name(each.name) for name in ("game", "bridge") for each in asked_for(name)}
    for text in (*PROJECT["dependencies"], *itertools.chain(*PROJECT["optional-dependencies"].values())):
        if canonicalize_name(Requirement(text).name) in asked:
            yield Requirement(text)


def test_images_have_what_the_project_needs() -> None:
    assert needed() <= {canonicalize_name(each.name) for name in ("game", "bridge") for each in asked_for(name)}


@pytest.mark.parametrize("machine", MACHINES)
def test_locked_versions_are_in_the_projects_ranges(machine: str) -> None:
    locked = lock("game") | lock("bridge")
    for requirement in filter(lambda each: applies(each, machine), ranges()):
        found = locked[canonicalize_name(requirement.name)]
        assert applies(found.requirement, machine)
        assert requirement.specifier.contains(found.version), found.requirement


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("name", LOCKS)
def test_lock_has_all_that_was_asked_for(name: str, machine: str) -> None:
    locked = lock(name)
    for requirement in filter(lambda each: applies(each, machine), asked_for(name)):
        assert applies(locked[canonicalize_name(requirement.name)].requirement, machine)


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_has_hashes(name: str) -> None:
    assert all(locked.hashes for locked in lock(name).values())


def test_builder_of_the_wheel_is_locked() -> None:
    system = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert set(system) <= set(lock("build"))


def test_compiler_of_the_core_is_locked_and_the_game_gets_what_it_was_compiled_for() -> None:
    built = lock("build")
    assert {"hatchling", "mypy", "setuptools"} <= set(built)
    for name in ("librt", "mypy-extensions"):
        assert lock("game")[name].version == built[name].version


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_no_registry_is_named(path: Path) -> None:
    assert "://" not in path.read_text()
    assert "index" not in path.read_text()
