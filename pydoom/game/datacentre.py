"""The levels of a session that are built from the fleet instead of read from the WAD.

A level is built when it starts, in the shape that the fleet has then. A saved game notes the site that its level was
built on, and gets the same level again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydoom.fleetmap.build import build
from pydoom.fleetmap.draft import SIGN_HEIGHT, SIGN_WIDTH, Draft, DraftPlace
from pydoom.fleetmap.errors import FleetMapError
from pydoom.fleetmap.plan import sign_names
from pydoom.fleetmap.signs import plain_text, sign_patches
from pydoom.fleetmap.site import FleetSite, fingerprint
from pydoom.fleetmap.stock import Stock
from pydoom.game.dsg import SaveError
from pydoom.game.level import Level

if TYPE_CHECKING:
    from pydoom.data.info import GameInfo
    from pydoom.wad import Assets, MapData

LEVELS_BEFORE_REPEAT: Final = 7
"""A game in the data centre goes on for ever, on the maps before the one that ends DOOM's episodes."""


def _unknown() -> FleetSite | None:
    """Nothing is known of a fleet."""
    return None


@dataclass(frozen=True, slots=True)
class RoomName:
    """What a room is called, in the letters of its sign, and its middle, 16.16."""

    name: str
    x: int
    y: int


class DataCentre:
    """Builds levels for one session.

    `survey` tells the fleet's groups, None while they are not known. `site` is what the last level was built on,
    `places` where its monsters stand, and `rooms` what is where on the automap. `is_blind`: that level was built before
    the fleet was known. `repainted` is called when textures have changed.
    """

    def __init__(self, assets: Assets, info: GameInfo) -> None:
        self.survey: Callable[[], FleetSite | None] = _unknown
        self.repainted: Callable[[], object] = lambda: None
        self.site = FleetSite()
        self.places: tuple[DraftPlace, ...] = ()
        self.rooms: tuple[RoomName, ...] = ()
        self.is_blind = False
        self._assets = assets
        self._info = info
        self._stock: Stock | None = None
        self._built: tuple[FleetSite, str, Draft, MapData] | None = None
        self._print = ""
        assets.reserve_textures(sign_names(), SIGN_WIDTH, SIGN_HEIGHT)

    @property
    def is_open(self) -> bool:
        """Whether somebody tells the fleet's groups."""
        return self.survey is not _unknown

    def enter(self, name: str, site: FleetSite | None = None) -> MapData:
        """Build the level called `name` on `site`, or in the fleet's shape of now. Raises FleetMapError."""
        known = site if site is not None else self.survey()
        self.is_blind = known is None
        self.site = known if known is not None else FleetSite()
        draft, data = self._build(self.site, name)
        self._print = fingerprint(draft)
        self._assets.paint_textures(sign_patches(draft.signs, self._assets))
        self.places = draft.places
        self.rooms = _rooms(self.site, draft.places)
        self.repainted()
        return data

    def note(self) -> dict[str, Any]:
        """What a saved game has to know about the level that was entered last."""
        return {**self.site.to_json(), "print": self._print}

    def noted(self, note: Any, name: str) -> MapData:
        """The level called `name` that a saved game notes, not entered yet; raises SaveError."""
        try:
            draft, data = self._build(FleetSite.from_json(note), name)
        except FleetMapError as error:
            raise SaveError(f"the saved game is damaged: {error}") from error
        if note.get("print") != fingerprint(draft):
            raise SaveError("this was saved in a data centre of another version or WAD")
        return data

    def _build(self, site: FleetSite, name: str) -> tuple[Draft, MapData]:
        """The level called `name` on `site`; kept until another is built, as a saved game is checked, then entered."""
        if self._built is None or self._built[:2] != (site, name):
            if self._stock is None:
                self._stock = Stock.of(self._assets, self._info)
            draft = site.draft(self._stock, name)
            self._built = site, name, draft, build(draft).read()
        return self._built[2:]


def _rooms(site: FleetSite, places: Iterable[DraftPlace]) -> tuple[RoomName, ...]:
    """The rooms of groups, largest first, then vault and dock; each in the middle of its places."""
    inside: dict[tuple[int, bool], list[DraftPlace]] = {}
    for place in places:
        inside.setdefault((place.group, place.protected), []).append(place)
    return tuple(
        RoomName(
            "VAULT" if protected else plain_text(site.groups[number].name) if number >= 0 else "LOADING DOCK",
            (min(place.x for place in own) + max(place.x for place in own)) << 15,
            (min(place.y for place in own) + max(place.y for place in own)) << 15,
        )
        for (number, protected), own in sorted(inside.items(), key=lambda item: -len(item[1]))
    )


def map_after(level: Level) -> int:
    """The map (from 0) that follows a level of the data centre: its exit leads to another."""
    return level.map % LEVELS_BEFORE_REPEAT
