"""Python and the packages the game depends on. Needs none of them itself."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib import metadata
from typing import Final

from pydoom import __version__
from pydoom.cli.doctor.check import Check, Status
from pydoom.cli.doctor.probe import ProbeError, ask
from pydoom.cli.doctor.probes import needed_packages
from pydoom.core import core_name

OLDEST_PYTHON: Final = (3, 11)
PIP: Final = f"{sys.executable} -m pip"


def check_packages() -> Iterator[Check]:
    """Check Python's version, the packages' versions, and whether they load."""
    yield _python(sys.version_info[:2])
    try:
        broken = {name: reason for name, reason in ask("packages")["packages"].items() if reason}
    except ProbeError as error:
        yield Check(
            "packages",
            Status.MISSING,
            f"the packages do not load: {error}",
            f"{PIP} install --upgrade pydoom-containers",
        )
        return
    yield from (_broken(name, reason) for name, reason in broken.items())
    fine = [f"{name} {version(name)}" for name in needed_packages() if name not in broken]
    if fine:
        yield Check("packages", Status.OK, ", ".join(fine))
    yield from _pygames()
    yield from _namesakes()


def version(distribution: str) -> str:
    """The installed version; empty if it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def _python(found: tuple[int, ...]) -> Check:
    text = f"pydoom {__version__} ({core_name()} core) on Python {platform.python_version()}, {sys.executable}"
    if found >= OLDEST_PYTHON:
        return Check("python", Status.OK, text)
    wanted = ".".join(map(str, OLDEST_PYTHON))
    return Check("python", Status.MISSING, f"{text}: too old", f"install Python {wanted} or newer")


def _broken(name: str, reason: str) -> Check:
    if not version(name):
        return Check("packages", Status.MISSING, f"{name} is not installed", f"{PIP} install {name}")
    remedy = f"{PIP} install --force-reinstall {name}"
    return Check("packages", Status.MISSING, f"{name} does not load: {reason}", remedy)


def _pygames() -> Iterator[Check]:
    """Check that only pygame-ce is installed: pygame puts its files into the same place."""
    if not version("pygame"):
        return
    remedy = f"{PIP} uninstall --yes pygame && {PIP} install --force-reinstall pygame-ce"
    if version("pygame-ce"):
        message = "pygame and pygame-ce are both installed, and overwrite each other"
        yield Check("packages", Status.WARNING, message, remedy)
    else:
        yield Check("packages", Status.MISSING, "pygame is installed: the game needs pygame-ce instead", remedy)


def _namesakes() -> Iterator[Check]:
    """Check for the package index's other project named pydoom, whose files lie where ours do."""
    try:
        other = metadata.distribution("pydoom")
    except metadata.PackageNotFoundError:
        return
    if _has_hostbridge(other):  # ours, installed under its old name
        return
    # its metadata may be damaged, and a version hold anything
    given = (other.metadata.get_all("Version") or ["without a version"])[0]
    number = "".join(char if char.isprintable() else "?" for char in given)
    message = f"another project's package, pydoom {number}, is installed in place of this one"
    remedy = f"{PIP} uninstall --yes pydoom && {PIP} install --force-reinstall pydoom-containers"
    yield Check("packages", Status.WARNING, message, remedy)


def _has_hostbridge(package: metadata.Distribution) -> bool:
    """Whether a package installs a command of that name."""
    try:
        return any(script.name == "hostbridge" for script in package.entry_points)
    except (TypeError, ValueError):  # a line that is no entry point
        return False
