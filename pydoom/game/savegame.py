"""Saved games on disk: six slots of ``doomsav?.dsg`` in one folder (``G_DoSaveGame``, ``G_DoLoadGame``).

A save appears under its name only when it is whole. A file is read and checked to its end before the running game is
given up for it; whatever is wrong becomes a message on the player's screen.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydoom.data import strings
from pydoom.files import write_atomically
from pydoom.game import archive, dsg
from pydoom.game.dsg import SavedGame, SaveError, Shape
from pydoom.game.level import Level
from pydoom.sim.mobj import Mobj
from pydoom.sim.rules import SK_NIGHTMARE

if TYPE_CHECKING:
    from pydoom.game.session import Session
    from pydoom.wad import Assets
    from pydoom.wad.maps import MapData

MAX_FILE_SIZE: Final = 16 << 20
"""Bytes; a file larger than this is no saved game."""


class SaveFolder:
    """The slots in `directory`, which is made when first needed.

    `label_of` may give mobjs a text that is saved with them, and `labels_loaded` gets those texts back after a load
    with the mobjs now standing for them: this is how monsters that are containers find their containers again.
    `complain` shows what went wrong; without it that is a message at the top of the screen.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.label_of: Callable[[Mobj], str | None] = _no_label
        self.labels_loaded: Callable[[list[tuple[Mobj, str]]], None] = _ignore_labels
        self.complain: Callable[[str], None] | None = None

    def path(self, slot: int) -> Path:
        """Where a slot is kept (``P_SaveGameFile``)."""
        return self.directory / f"doomsav{slot}.dsg"

    def description(self, slot: int) -> str | None:
        """What the player called the game in a slot, None for an empty one."""
        try:
            with self.path(slot).open("rb") as stream:
                data = stream.read(dsg.DESCRIPTION_SIZE)
        except OSError:
            return None
        return dsg.read_description(data) if len(data) == dsg.DESCRIPTION_SIZE else None

    def save(self, session: Session, slot: int, description: str) -> None:
        """Write the running game to a slot, and say so on the screen."""
        world = session.world
        data = dsg.pack(archive.archive(world, description, self.label_of))
        try:
            write_atomically(self.path(slot), data)
        except OSError as error:
            self._complain(session, f"could not save: {error.strerror or error}")
        else:
            session.message(world.info.text(strings.GGSAVED))

    def load(self, session: Session, path: Path) -> None:
        """Go on with a saved game; one that cannot be loaded leaves the running one as it is."""
        try:
            saved = read(path, session)
        except SaveError as error:
            self._complain(session, str(error))
        else:
            self.labels_loaded(resume(session, saved))

    def _complain(self, session: Session, text: str) -> None:
        if self.complain is not None:
            self.complain(text)
        else:
            session.message(text)


def read(path: Path, session: Session) -> SavedGame:
    """Read and check a file for the WAD that is being played; raises SaveError."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_SIZE + 1)
    except OSError as error:
        raise SaveError(f"could not load {path.name}: {error.strerror or error}") from error
    if len(data) > MAX_FILE_SIZE:
        raise SaveError(f"{path.name} is too large for a saved game")
    return parse(data, session)


def parse(data: bytes, session: Session) -> SavedGame:
    """Check the bytes of a save for the WAD that is being played; raises SaveError."""
    world = session.world
    header = dsg.read_header(data)
    if header.skill > SK_NIGHTMARE:
        raise SaveError("the saved game is damaged: wrong skill")
    lump_name = Level(header.episode, header.map).lump_name(world.mode)
    if lump_name not in session.assets.map_names:
        raise SaveError(f"the saved game is on {lump_name}, which this WAD does not have")
    if not header.playeringame[world.consoleplayer]:
        raise SaveError("the saved game is damaged: you are not in it")
    return dsg.parse(data, _shape(session, session.assets.map(lump_name)))


def _shape(session: Session, level: MapData) -> Shape:
    assets: Assets = session.assets
    info = session.world.info
    return Shape(
        sectors=len(level.sectors.floorheight),
        sides_of_lines=[sum(number != -1 for number in sides) for sides in level.linedefs[:, 5:7].tolist()],
        textures=len(assets.texture_heights),
        flats=len(assets.flat_names),
        states=len(info.states),
        mobj_types=len(info.mobjinfo),
        frames_of_sprites=[len(assets.sprites.get(name, ())) for name in info.sprites],
    )


def resume(session: Session, saved: SavedGame) -> list[tuple[Mobj, str]]:
    """Start the saved game's level and make it what it was; returns the mobjs that had labels."""
    world = session.world
    header = saved.header
    # set before the level starts, as the original does; monsters' speed therefore stays what it was, although it
    # changes when a new game is started at or after Nightmare
    world.skill = header.skill
    world.playeringame[:] = header.playeringame
    session.init_new(header.skill, header.episode, header.map)
    return archive.unarchive(world, saved)


def _no_label(mobj: Mobj) -> str | None:
    del mobj
    return None


def _ignore_labels(labels: list[tuple[Mobj, str]]) -> None:
    del labels
