"""The format of saved games, ``doomsav?.dsg`` of DOOM 1.9 (``p_saveg.c``): bytes to plain data and back.

No world is needed to read a save, only the shape of the level it belongs to (the file does not say how many sectors
and lines there are), so a file can be checked to its end before anything in the running game is touched. A
record is a dict of the original structure's fields. Pointers in the file are memory addresses of the program that
wrote it and mean nothing, except for one thing: the function of a ceiling or plat is zero while that is in stasis.

After the end marker, where the original stops reading, pydoom may write lines of JSON: the labels of mobjs, the fleet
that the level was built from, and the game that the save comes from.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final, TypeAlias

from pydoom import parsing
from pydoom.data.info import FF_FRAMEMASK, NUMAMMO, NUMWEAPONS, WP_NOCHANGE
from pydoom.game.origin import Origin
from pydoom.sim.player import MAXPLAYERS, NUMCARDS, NUMPOWERS, NUMPSPRITES
from pydoom.sim.rules import NAMES_BY_CODE, GameVersion
from pydoom.sim.specials.kinds import CeilingType, DoorType, FloorType, PlatStatus, PlatType

DESCRIPTION_SIZE: Final = 24
VERSION_SIZE: Final = 16
VERSION_TEXT: Final = b"version "
END_MARKER: Final = 0x1D
_LONGEST_NAME: Final = 255
"""Of a game or an add-on, in characters."""
LABELS_MAGIC: Final = b"\npydoom labels "
FLEET_MAGIC: Final = b"\npydoom fleet "
ORIGIN_MAGIC: Final = b"\npydoom game "

_MOBJS_END: Final = 0
_MOBJS_MOBJ: Final = 1

Fields: TypeAlias = dict[str, int]
"""One record: field name -> value."""


class SaveError(Exception):
    """A saved game cannot be read or written; the message is one line for the player."""


class SpecialClass(IntEnum):
    """What kind of thinker a record of the specials section holds (``specials_e``)."""

    CEILING = 0
    DOOR = 1
    FLOOR = 2
    PLAT = 3
    FLASH = 4
    STROBE = 5
    GLOW = 6
    END = 7


class Record:
    """A structure of the file: its fields in order, little-endian without gaps.

    Fields are given as ``name`` or ``name:code``, where the code is ``i`` (signed 32 bit, the default), ``u``
    (unsigned 32 bit), ``h`` (signed 16 bit), ``b`` (signed 8 bit) or ``p`` (a pointer; read as unsigned).
    """

    _READ: Final = {"i": "i", "u": "I", "h": "h", "b": "b", "p": "I"}
    _WRITE: Final = {"i": ("I", 0xFFFFFFFF), "u": ("I", 0xFFFFFFFF), "h": ("H", 0xFFFF), "b": ("B", 0xFF)}

    def __init__(self, layout: str) -> None:
        self.names: list[str] = []
        codes = []
        for item in layout.split():
            name, _, code = item.partition(":")
            self.names.append(name)
            codes.append(code or "i")
        self._reader = struct.Struct("<" + "".join(self._READ[code] for code in codes))
        write = [self._WRITE["u" if code == "p" else code] for code in codes]
        self._writer = struct.Struct("<" + "".join(code for code, _ in write))
        self._masks = [mask for _, mask in write]
        self.size = self._reader.size

    def unpack(self, data: bytes, position: int) -> Fields:
        """Read the fields at `position`; the data must be long enough."""
        return dict(zip(self.names, self._reader.unpack_from(data, position), strict=True))

    def pack(self, fields: Mapping[str, int]) -> bytes:
        """Write the fields, missing ones as 0, truncated to their size as in C."""
        get = fields.get
        return self._writer.pack(*(get(name, 0) & mask for name, mask in zip(self.names, self._masks, strict=True)))


def numbered(name: str, count: int) -> list[str]:
    """The field names of an array: ``ammo0 ammo1 ...``."""
    return [f"{name}{index}" for index in range(count)]


def _array(name: str, count: int) -> str:
    return " ".join(numbered(name, count))


_THINKER: Final = "prev:p next:p function:p "

MOBJ: Final = Record(
    _THINKER + "x y z snext:p sprev:p angle:u sprite frame bnext:p bprev:p subsector:p floorz ceilingz radius height "
    "momx momy momz validcount type info:p tics state flags health movedir movecount target:p reactiontime threshold "
    "player lastlook spawn_x:h spawn_y:h spawn_angle:h spawn_type:h spawn_options:h tracer:p"
)
PLAYER: Final = Record(
    "mo:p playerstate forwardmove:b sidemove:b angleturn:h consistancy:h chatchar:b buttons:b "
    "viewz viewheight deltaviewheight bob health armorpoints armortype "
    f"{_array('power', NUMPOWERS)} {_array('card', NUMCARDS)} backpack {_array('frag', MAXPLAYERS)} "
    f"readyweapon pendingweapon {_array('weaponowned', NUMWEAPONS)} "
    f"{_array('ammo', NUMAMMO)} {_array('maxammo', NUMAMMO)} "
    "attackdown usedown cheats refire killcount itemcount secretcount message:p damagecount bonuscount attacker:p "
    "extralight fixedcolormap colormap "
    + " ".join(f"psp{index}_state psp{index}_tics psp{index}_sx psp{index}_sy" for index in range(NUMPSPRITES))
    + " didsecret"
)
SECTOR: Final = Record("floorheight:h ceilingheight:h floorpic:h ceilingpic:h lightlevel:h special:h tag:h")
LINE: Final = Record("flags:h special:h tag:h")
SIDE: Final = Record("textureoffset:h rowoffset:h toptexture:h bottomtexture:h midtexture:h")
SPECIALS: Final = {
    SpecialClass.CEILING: Record(
        _THINKER + "type sector bottomheight topheight speed crush direction tag olddirection"
    ),
    SpecialClass.DOOR: Record(_THINKER + "type sector topheight speed direction topwait topcountdown"),
    SpecialClass.FLOOR: Record(_THINKER + "type crush sector direction newspecial texture:h floordestheight speed"),
    SpecialClass.PLAT: Record(_THINKER + "sector speed low high wait count status oldstatus crush tag type"),
    SpecialClass.FLASH: Record(_THINKER + "sector count maxlight minlight maxtime mintime"),
    SpecialClass.STROBE: Record(_THINKER + "sector count minlight maxlight darktime brighttime"),
    SpecialClass.GLOW: Record(_THINKER + "sector minlight maxlight direction"),
}


@dataclass(slots=True)
class Header:
    """The first 50 bytes: `description` as typed by the player, `leveltime` in tics, the executable's `version`."""

    description: str
    skill: int
    episode: int
    map: int
    playeringame: list[bool]
    leveltime: int
    version: int = GameVersion.DOOM_1_9.code


@dataclass(slots=True)
class ArchivedGame:
    """A whole file: players by number, sectors, lines with their sides, mobjs and specials in order.

    `labels` maps indexes in `mobjs` to pydoom's labels. `origin` is the game to note in the file (see `read_origin`),
    `fleet` what the level was built from, None for a level of the WAD.
    """

    header: Header
    players: dict[int, Fields] = field(default_factory=dict)
    sectors: list[Fields] = field(default_factory=list)
    lines: list[tuple[Fields, list[Fields]]] = field(default_factory=list)
    mobjs: list[Fields] = field(default_factory=list)
    specials: list[tuple[SpecialClass, Fields]] = field(default_factory=list)
    labels: dict[int, str] = field(default_factory=dict)
    origin: Origin | None = None
    fleet: dict[str, Any] | None = None


@dataclass(slots=True)
class Shape:
    """What a save must fit: how many sectors, sides per line, textures and so on there are.

    A save may use a sprite without any frames in the WAD; it cannot be drawn anyway. `mobj_size` is the
    largest radius or height of any mobj type, 16.16: patches may make monsters of any size.
    """

    sectors: int
    sides_of_lines: list[int]
    textures: int
    flats: int
    thing_states: frozenset[int]
    weapon_states: frozenset[int]
    mobj_types: int
    mobj_size: int
    frames_of_sprites: list[int]


# -- writing


def pack(saved: ArchivedGame) -> bytes:
    """The bytes of a saved game."""
    out = bytearray(_pack_header(saved.header))
    for number in sorted(saved.players):
        _pad(out)
        out += PLAYER.pack(saved.players[number])
    for sector in saved.sectors:
        out += SECTOR.pack(sector)
    for line, sides in saved.lines:
        out += LINE.pack(line)
        for side in sides:
            out += SIDE.pack(side)
    for mobj in saved.mobjs:
        out.append(_MOBJS_MOBJ)
        _pad(out)
        out += MOBJ.pack(mobj)
    out.append(_MOBJS_END)
    for kind, special in saved.specials:
        out.append(kind)
        _pad(out)
        out += SPECIALS[kind].pack(special)
    out.append(SpecialClass.END)
    out.append(END_MARKER)
    if saved.labels:
        out += LABELS_MAGIC + json.dumps(saved.labels).encode("ascii") + b"\n"
    if saved.fleet is not None:
        out += FLEET_MAGIC + json.dumps(saved.fleet).encode("ascii") + b"\n"
    if saved.origin is not None:
        out += ORIGIN_MAGIC + json.dumps([saved.origin.game, *saved.origin.add_ons]).encode("ascii") + b"\n"
    return bytes(out)


def _pack_header(header: Header) -> bytes:
    # 23 characters and a NUL: the original's menu reads 24 bytes as a string
    description = header.description.encode("latin-1", "replace")[: DESCRIPTION_SIZE - 1]
    return b"".join(
        (
            description.ljust(DESCRIPTION_SIZE, b"\0"),
            (b"%s%d" % (VERSION_TEXT, header.version)).ljust(VERSION_SIZE, b"\0"),
            bytes((header.skill & 0xFF, header.episode & 0xFF, header.map & 0xFF)),
            bytes(header.playeringame),
            (header.leveltime & 0xFFFFFF).to_bytes(3, "big"),
        )
    )


def _pad(out: bytearray) -> None:
    out += b"\0" * (-len(out) & 3)


# -- reading


class _RecordReader:
    """Reads records from the file one after the other; raises SaveError at its end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def take(self, count: int) -> bytes:
        start = self._position
        if start + count > len(self._data):
            raise SaveError("the saved game is cut short")
        self._position = start + count
        return self._data[start : self._position]

    def byte(self) -> int:
        return self.take(1)[0]

    def pad(self) -> None:
        self.take(-self._position & 3)

    def record(self, record: Record) -> Fields:
        return record.unpack(self.take(record.size), 0)

    def rest(self) -> bytes:
        return self._data[self._position :]


def read_header(data: bytes) -> Header:
    """The header of a saved game; raises SaveError when it is not one of DOOM 1.666 to 1.9."""
    return _read_header(_RecordReader(data))


def read_description(data: bytes) -> str:
    """The description that the player typed, from the first bytes of a file."""
    return data[:DESCRIPTION_SIZE].split(b"\0")[0].decode("latin-1")


def read_origin(data: bytes) -> Origin | None:
    """The game that a file of ours comes from, even of a damaged one; None for files of other programs."""
    start = data.rfind(ORIGIN_MAGIC)
    if start < 0:
        return None
    try:
        game, *add_ons = parsing.json_value(data[start + len(ORIGIN_MAGIC) :])
        return Origin(_name(game), tuple(map(_name, add_ons)))
    except (ValueError, TypeError):
        return None


def read_fleet(data: bytes) -> Any:
    """What the level of a saved game was built from, unchecked; None for a level of the WAD.

    It stands before the game it comes from, which is last. Raises SaveError when it is damaged.
    """
    trailer = data[max(0, data.rfind(ORIGIN_MAGIC)) :]
    start = data.rfind(FLEET_MAGIC)
    if start < 0 or not trailer.startswith(ORIGIN_MAGIC):
        return None
    line, _, after = data[start + len(FLEET_MAGIC) :].partition(b"\n")
    if not after.startswith(ORIGIN_MAGIC):
        return None
    try:
        return parsing.json_value(line)
    except ValueError as error:
        raise SaveError("the saved game is damaged: its fleet cannot be read") from error


def _name(value: object) -> str:
    """A name from a file, if it is fit to be shown. Raises ValueError for anything else."""
    if not isinstance(value, str) or not value.isprintable() or len(value) > _LONGEST_NAME:
        raise ValueError
    return value


def is_complete(data: bytes) -> bool:
    """Whether a file, of any program, has its end mark."""
    end = data.partition(LABELS_MAGIC)[0].partition(FLEET_MAGIC)[0].partition(ORIGIN_MAGIC)[0]
    return end.endswith(bytes((END_MARKER,)))


def _read_header(reader: _RecordReader) -> Header:
    description = read_description(reader.take(DESCRIPTION_SIZE))
    text = reader.take(VERSION_SIZE).split(b"\0")[0]
    version = next((code for code in NAMES_BY_CODE if text == b"%s%d" % (VERSION_TEXT, code)), None)
    if version is None:
        raise SaveError("this is not a saved game of DOOM 1.666 to 1.9")
    skill, episode, map_number, *playeringame = reader.take(3 + MAXPLAYERS)
    players = [bool(value) for value in playeringame]
    return Header(description, skill, episode, map_number, players, int.from_bytes(reader.take(3)), version)


def parse(data: bytes, shape: Shape) -> ArchivedGame:
    """Read a whole file and check every number that play will use as an index; raises SaveError."""
    reader = _RecordReader(data)
    saved = ArchivedGame(_read_header(reader))
    check = _Checker(shape)
    for number, present in enumerate(saved.header.playeringame):
        if present:
            reader.pad()
            saved.players[number] = check.player(reader.record(PLAYER))
    saved.sectors = [check.sector(reader.record(SECTOR)) for _ in range(shape.sectors)]
    for count in shape.sides_of_lines:
        line = reader.record(LINE)
        saved.lines.append((line, [check.side(reader.record(SIDE)) for _ in range(count)]))
    _read_mobjs(reader, check, saved)
    _read_specials(reader, check, saved)
    if reader.byte() != END_MARKER:
        raise SaveError("the saved game is damaged: its end mark is missing")
    saved.labels = _read_labels(reader.rest(), len(saved.mobjs))
    return saved


def _read_mobjs(reader: _RecordReader, check: _Checker, saved: ArchivedGame) -> None:
    missing = set(saved.players)
    while (kind := reader.byte()) != _MOBJS_END:
        if kind != _MOBJS_MOBJ:
            raise SaveError(f"the saved game is damaged: there is no thinker class {kind}")
        reader.pad()
        mobj = check.mobj(reader.record(MOBJ))
        number = mobj["player"] - 1
        if number >= 0:
            check.within("player of a body", number in saved.players)
            missing.discard(number)
        saved.mobjs.append(mobj)
    if missing:
        raise SaveError("the saved game is damaged: a player has no body")


def _read_specials(reader: _RecordReader, check: _Checker, saved: ArchivedGame) -> None:
    while (number := reader.byte()) != SpecialClass.END:
        if number > SpecialClass.END:
            raise SaveError(f"the saved game is damaged: there is no special class {number}")
        kind = SpecialClass(number)
        reader.pad()
        saved.specials.append((kind, check.special(kind, reader.record(SPECIALS[kind]))))


def _read_labels(rest: bytes, mobjs: int) -> dict[int, str]:
    """The labels after the end mark; anything foreign or incomplete is ignored."""
    if not rest.startswith(LABELS_MAGIC):
        return {}
    try:
        labels = parsing.json_value(rest[len(LABELS_MAGIC) :].partition(b"\n")[0])
        return {int(place): str(text) for place, text in labels.items() if 0 <= int(place) < mobjs}
    except (ValueError, AttributeError):
        return {}


class _Checker:
    """Refuses values that the original trusts and uses to address memory."""

    _MAX_FRAMES: Final = 29
    _MAX_SIZE: Final = 1024 << 16
    _LAST_COLORMAP: Final = 33
    _DI_NODIR: Final = 8

    def __init__(self, shape: Shape) -> None:
        self._shape = shape

    def within(self, what: str, condition: bool) -> None:
        if not condition:
            raise SaveError(f"the saved game is damaged: wrong {what}")

    def player(self, player: Fields) -> Fields:
        within, shape = self.within, self._shape
        within("player state", 0 <= player["playerstate"] <= 2)
        within("weapon", 0 <= player["readyweapon"] < NUMWEAPONS)
        pending = player["pendingweapon"]
        within("weapon", 0 <= pending < NUMWEAPONS or pending == WP_NOCHANGE)
        within("colormap", 0 <= player["fixedcolormap"] <= self._LAST_COLORMAP)
        within("health", 0 <= player["health"] <= 0x7FFF)
        within("damage count", player["damagecount"] >= 0 and player["bonuscount"] >= 0)
        for index in range(NUMPSPRITES):
            state = player[f"psp{index}_state"]
            within("weapon state", not state or state in shape.weapon_states)
        return player

    def sector(self, sector: Fields) -> Fields:
        flats = self._shape.flats
        self.within("flat", 0 <= sector["floorpic"] < flats and 0 <= sector["ceilingpic"] < flats)
        return sector

    def side(self, side: Fields) -> Fields:
        for part in ("toptexture", "bottomtexture", "midtexture"):
            self.within("texture", 0 <= side[part] < self._shape.textures)
        return side

    def mobj(self, mobj: Fields) -> Fields:
        within, shape = self.within, self._shape
        within("mobj type", 0 <= mobj["type"] < shape.mobj_types)
        within("mobj state", mobj["state"] in shape.thing_states)
        within("sprite", 0 <= mobj["sprite"] < len(shape.frames_of_sprites))
        frames = shape.frames_of_sprites[mobj["sprite"]] or self._MAX_FRAMES
        within("sprite frame", mobj["frame"] >= 0 and mobj["frame"] & FF_FRAMEMASK < frames)
        largest = max(self._MAX_SIZE, shape.mobj_size)
        within("mobj size", 0 <= mobj["radius"] <= largest and 0 <= mobj["height"] <= largest)
        within("direction", 0 <= mobj["movedir"] <= self._DI_NODIR)
        within("player number", mobj["player"] <= MAXPLAYERS)
        within("player number", 0 <= mobj["lastlook"] < MAXPLAYERS)
        return mobj

    def special(self, kind: SpecialClass, special: Fields) -> Fields:
        within = self.within
        within("sector number", 0 <= special["sector"] < self._shape.sectors)
        if kind == SpecialClass.CEILING:
            within("ceiling type", special["type"] in set(CeilingType))
        elif kind == SpecialClass.DOOR:
            within("door type", special["type"] in set(DoorType))
        elif kind == SpecialClass.FLOOR:
            within("floor type", special["type"] in set(FloorType))
            # only these types ever use the flat; for the others the original saves uninitialised memory
            if special["type"] in (FloorType.DONUT_RAISE, FloorType.LOWER_AND_CHANGE):
                within("flat", 0 <= special["texture"] < self._shape.flats)
        elif kind == SpecialClass.PLAT:
            within("plat type", special["type"] in set(PlatType))
            within("plat status", special["status"] in set(PlatStatus))
        return special
