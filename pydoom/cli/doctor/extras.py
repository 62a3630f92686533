"""Optional parts: videos, Gymnasium, the kiosk and its browser page."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

from pydoom.cli.doctor.check import Check, Status
from pydoom.cli.doctor.packages import PIP
from pydoom.cli.options import Options
from pydoom.kiosk.supervisor import find_novnc, missing_packages


def check_extras(options: Options) -> Iterator[Check]:
    """Check the optional parts."""
    yield _module("videos", "av", "video", "--record-video", needed=options.record_video is not None)
    yield _module("gymnasium", "gymnasium", "gym", "pydoom.gym:pydoom/Doom-v0")
    yield _kiosk()
    yield _page()


def _module(name: str, module: str, extra: str, purpose: str, *, needed: bool = False) -> Check:
    if importlib.util.find_spec(module) is not None:
        return Check(name, Status.OK, f"{module} is installed, for {purpose}")
    status = Status.MISSING if needed else Status.NOTE
    return Check(
        name, status, f"{module} is not installed, for {purpose}", f"{PIP} install 'pydoom-containers[{extra}]'"
    )


def _kiosk() -> Check:
    lacking = missing_packages()
    remedies = [f"apt install {' '.join(lacking)}"] if lacking else []
    if importlib.util.find_spec("cryptography") is None:
        lacking = [*lacking, "cryptography"]
        remedies.append(f"{PIP} install 'pydoom-containers[kiosk]'")
    if lacking:
        message = f"{' and '.join(lacking)} not installed, for playing through VNC"
        return Check("kiosk", Status.NOTE, message, " && ".join(remedies))
    return Check("kiosk", Status.OK, "Xvfb and x11vnc are installed: python -m pydoom.kiosk plays through VNC")


def _page() -> Check:
    remedies = []
    if find_novnc() is None:
        remedies.append("apt install novnc")
    if importlib.util.find_spec("aiohttp") is None:
        remedies.append(f"{PIP} install 'pydoom-containers[kiosk]'")
    if remedies:
        return Check("browser", Status.NOTE, "the kiosk has no browser page", " && ".join(remedies))
    return Check("browser", Status.OK, "noVNC and aiohttp are installed: the kiosk has a browser page")
