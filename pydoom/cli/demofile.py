"""Demos by name: a lump of the WAD, or a file with or without ``.lmp`` (what ``-playdemo`` takes)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydoom.game.demo import MAX_DEMO_SIZE, DemoError

if TYPE_CHECKING:
    from pydoom.game.session import Session
    from pydoom.wad import Assets


def start_demo(session: Session, name: str) -> None:
    """Let the session play the one demo called `name`. Raises DemoError, and OSError for an unreadable file."""
    data, in_wad = _read(name, session.assets)
    try:
        session.play_demo(data, single=True, allow_longtics=not in_wad)
    except DemoError as error:
        raise DemoError(f"{name}: {error}") from error


def _read(name: str, assets: Assets) -> tuple[bytes, bool]:
    """The bytes of a demo lump or file, and whether it is a lump."""
    path = Path(name)
    if len(path.parts) == 1 and not path.suffix and assets.has_lump(name.upper()):
        return assets.demo(name.upper()), True
    for candidate in (path, Path(name + ".lmp")):
        if candidate.is_dir() or not candidate.exists():
            continue
        with candidate.open("rb") as stream:
            data = stream.read(MAX_DEMO_SIZE + 1)
        if len(data) > MAX_DEMO_SIZE:
            raise DemoError(f"{candidate} is too long for a demo: it may never end")
        return data, False
    raise DemoError(f"no demo {name}: neither a lump of the WAD nor a file")
