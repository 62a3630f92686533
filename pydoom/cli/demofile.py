"""Demos by name: a lump of the WAD, or a file with or without ``.lmp`` (what ``-playdemo`` takes)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydoom.files import open_to_read
from pydoom.game.demo import MAX_DEMO_SIZE, DemoError, parse_demo
from pydoom.game.edition import mode_of, version_of
from pydoom.game.level import Level

if TYPE_CHECKING:
    from pydoom.game.session import Session
    from pydoom.sim.rules import GameVersion
    from pydoom.wad import Assets


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that can be played with the WAD. `longtics`: it is of version 1.91, which is refused in lumps."""

    name: str
    data: bytes
    longtics: bool

    def start(self, session: Session) -> None:
        """Let the session play this demo and nothing else."""
        try:
            session.play_demo(self.data, single=True, allow_longtics=self.longtics)
        except DemoError as error:
            raise DemoError(f"{self.name}: {error}") from error


def read_demo(name: str, assets: Assets, version: GameVersion | None = None, *, strict: bool = False) -> Demo:
    """The demo called `name`, for the executable `version`; `strict` refuses what the original could not play.

    Raises DemoError for one that cannot be played, OSError for an unreadable file.
    """
    data, in_wad = _read(name, assets)
    longtics = not (in_wad or strict)
    version = version if version is not None else version_of(assets)
    try:
        header = parse_demo(data, version, allow_longtics=longtics).header
    except DemoError as error:
        raise DemoError(f"{name}: {error}") from error
    level = Level(header.episode, header.map).lump_name(mode_of(assets, version))
    if level not in assets.map_names:
        raise DemoError(f"{name}: the demo plays on {level}, which this WAD does not have")
    return Demo(name, data, header.longtics)


def start_demo(session: Session, name: str) -> None:
    """Let the session play the one demo called `name`. Raises as `read_demo` does."""
    read_demo(name, session.assets, session.world.version).start(session)


def _read(name: str, assets: Assets) -> tuple[bytes, bool]:
    """The bytes of a demo file or lump, and whether it is a lump; a file with ``.lmp`` comes first (``D_DoomMain``)."""
    path = Path(name)
    is_lump = len(path.parts) == 1 and assets.has_lump(name)
    if path.suffix.lower() == ".lmp":
        files = [path]
    else:
        files = [Path(f"{name}.lmp"), *([] if is_lump else [path])]
    for file in files:
        if file.is_dir() or not file.exists():
            continue
        with open_to_read(file) as stream:
            data = stream.read(MAX_DEMO_SIZE + 1)
        if len(data) > MAX_DEMO_SIZE:
            raise DemoError(f"{file} is too large for a demo")
        return data, False
    if is_lump:
        return assets.demo(name.upper()), True
    raise DemoError(f"no demo {name}: neither a lump of the WAD nor a file")
