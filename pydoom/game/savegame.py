"""Saved games on disk: six slots of ``doomsav?.dsg`` in one folder (``G_DoSaveGame``, ``G_DoLoadGame``).

A save appears under its name only once it is complete. A file is read and checked to its end before the running game is
dropped for it; any error becomes a message on the player's screen.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from pydoom.data import strings
from pydoom.files import open_to_read, write_atomically
from pydoom.fleetmap.site import FleetSite
from pydoom.game import archive, dsg
from pydoom.game.dsg import ArchivedGame, SaveError, Shape
from pydoom.game.level import Level
from pydoom.game.origin import Origin
from pydoom.sim import actions
from pydoom.sim.mobj import Mobj
from pydoom.sim.rules import NAMES_BY_CODE, SK_NIGHTMARE

if TYPE_CHECKING:
    from pydoom.game.saves import SavableGame
    from pydoom.wad import Assets
    from pydoom.wad.mapdata import MapData

MAX_FILE_SIZE: Final = 16 << 20
"""A larger file, in bytes, is not a saved game."""


class LabelKeeper(Protocol):
    """Supplies labels to be saved with mobjs."""

    def label_of(self, mobj: Mobj) -> str | None:
        """The text to save with a mobj, None for none."""

    def labels_loaded(self, labelled: list[tuple[Mobj, str]]) -> None:
        """Take back the labels of a loaded game: these mobjs had them when it was saved."""


class SaveFolder:
    """The slots in `directory`, which is created when first needed.

    With a label keeper, monsters that are containers find their containers again after a load.
    """

    def __init__(self, directory: Path, labels: LabelKeeper | None = None) -> None:
        """`labels` is asked for the labels of mobjs, and gets them back after a load."""
        self.directory = directory
        self._labels: LabelKeeper = labels if labels is not None else _NoLabels()

    def path(self, slot: int) -> Path:
        """The file of a slot (``P_SaveGameFile``)."""
        return self.directory / f"doomsav{slot}.dsg"

    def description(self, slot: int) -> str | None:
        """What the player called the game in a slot, None for an empty one."""
        try:
            with open_to_read(self.path(slot)) as stream:
                data = stream.read(dsg.DESCRIPTION_SIZE)
        except OSError:
            return None
        return dsg.read_description(data) if len(data) == dsg.DESCRIPTION_SIZE else None

    def save(self, session: SavableGame, slot: int, description: str) -> None:
        """Write the running game to a slot, and say so on the screen."""
        world = session.world
        saved = archive.archive(world, description, self._labels.label_of)
        saved.origin = Origin.of(session.assets)
        saved.fleet = session.datacentre.note() if session.in_fleet else None
        data = dsg.pack(saved)
        try:
            write_atomically(self.path(slot), data)
        except OSError as error:
            session.message(f"could not save: {error.strerror or error}")
        else:
            session.message(world.info.text(strings.GGSAVED))

    def load(self, session: SavableGame, path: Path) -> None:
        """Load a saved game; one that cannot be loaded leaves the running game as it is."""
        try:
            saved = read(path, session)
        except SaveError as error:
            session.message(str(error))
        else:
            self._labels.labels_loaded(resume(session, saved))


def read(path: Path, session: SavableGame) -> ArchivedGame:
    """Read and check a file for the WAD that is being played; raises SaveError."""
    try:
        with open_to_read(path) as stream:
            data = stream.read(MAX_FILE_SIZE + 1)
    except OSError as error:
        raise SaveError(f"could not load {path.name}: {error.strerror or error}") from error
    if len(data) > MAX_FILE_SIZE:
        raise SaveError(f"{path.name} is too large for a saved game")
    return parse(data, session)


def parse(data: bytes, session: SavableGame) -> ArchivedGame:
    """Check the bytes of a save for the WAD that is being played; raises SaveError.

    A save made with other add-ons is refused only if it does not fit: many add-ons change no levels.
    """
    world = session.world
    header = dsg.read_header(data)
    if header.version != world.version.code:
        name = NAMES_BY_CODE[header.version]
        raise SaveError(f"saved by doom {name}: needs --gameversion {name}")
    if header.skill > SK_NIGHTMARE:
        raise SaveError("the saved game is damaged: wrong skill")
    origin, here = dsg.read_origin(data), Origin.of(session.assets)
    if origin is not None and origin.game != here.game:
        raise SaveError(f"this was saved in {origin.title}")
    lump_name = Level(header.episode, header.map).lump_name(world.mode)
    if lump_name not in session.assets.map_names:
        if origin is not None and origin != here:
            raise SaveError(f"this was saved in {origin.title}")
        raise SaveError(f"the saved game is on {lump_name}, which this WAD does not have")
    if not header.playeringame[world.consoleplayer]:
        raise SaveError("the saved game is damaged: the player is not in it")
    note = dsg.read_fleet(data)
    level = session.assets.map(lump_name) if note is None else session.datacentre.noted(note, lump_name)
    try:
        saved = dsg.parse(data, _shape(session, level))
        saved.fleet = note
        return saved
    except SaveError as error:
        if origin is not None and origin != here:
            raise SaveError(f"this was saved in {origin.title}") from error
        if origin is None and dsg.is_complete(data):
            raise SaveError(f"saved in a game other than {here.title}, or damaged") from error
        raise


def _shape(session: SavableGame, level: MapData) -> Shape:
    assets: Assets = session.assets
    info = session.world.info
    return Shape(
        sectors=len(level.sectors.floorheight),
        sides_of_lines=[sum(number != -1 for number in sides) for sides in level.linedefs[:, 5:7].tolist()],
        textures=len(assets.texture_heights),
        flats=len(assets.flat_names),
        thing_states=actions.thing_states(info),
        weapon_states=actions.weapon_states(info),
        mobj_types=len(info.mobjinfo),
        mobj_size=max(max(kind.radius, kind.height) for kind in info.mobjinfo),
        frames_of_sprites=[len(assets.sprites.get(name, ())) for name in info.sprites],
    )


def resume(session: SavableGame, saved: ArchivedGame) -> list[tuple[Mobj, str]]:
    """Start the saved game's level and restore its state; returns the mobjs that had labels."""
    world = session.world
    header = saved.header
    # set before the level starts, as the original does; so the monsters keep their speed, which otherwise
    # changes when a new game is started at or after Nightmare
    world.skill = header.skill
    level = Level(header.episode, header.map)
    rules = session.rules.loaded(header.skill, tuple(header.playeringame))
    site = None if saved.fleet is None else FleetSite.from_json(saved.fleet)
    session.start(rules, level, site is not None, site)
    return archive.unarchive(world, saved)


class _NoLabels:
    """Keeps no labels."""

    def label_of(self, mobj: Mobj) -> str | None:
        del mobj
        return None

    def labels_loaded(self, labelled: list[tuple[Mobj, str]]) -> None:
        pass
