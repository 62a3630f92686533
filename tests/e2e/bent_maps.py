"""Levels bent at random, and random demos on them: they show whether two engines' ints overflow in the same way.

A level of Freedoom is moved to the edge of the map, stretched up to all of its width, given floors and ceilings of
any height, things and corners anywhere, specials, tags, thick and fast monsters. Nothing of it needs to look like a
level: both engines read the same lumps.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path

from pydoom.wad.archive import read_wad
from tests.unit import wadmaker

LEVELS = ("E1M1", "E2M1", "E2M8", "E3M1", "E1M8", "E1M3", "MAP01", "MAP04", "MAP07")
LEAST, MOST = -32768, 32767
BLOCK = 128
MAX_BLOCKMAP_WORDS = 32000
"""The original's offsets into BLOCKMAP are signed."""
THING_TYPES = (3004, 9, 3001, 3002, 3006, 3005, 3003, 16, 7, 2035, 2012, 2048, 2018, 58, 14)
"""Monsters of DOOM, barrels, a few items, teleport destinations."""
COMMERCIAL_TYPES = (*THING_TYPES, 64, 64, 65, 66, 66, 67, 68, 69, 71, 84, 87, 88, 89)
"""Those, and what DOOM II adds: with brain, cubes and their targets."""
SPECIALS = (1, 31, 46, 88, 62, 10, 97, 39, 36, 38, 5, 91, 92, 58, 22, 20, 8, 73, 25, 41, 16, 30, 9, 40, 44, 53, 87, 24)

Row = list[int]


class Level:
    """The lumps of a level as rows of 16-bit numbers; `sectors` and `sidedefs` keep their names as bytes."""

    def __init__(self, lumps: dict[str, bytes]) -> None:
        self.lumps = lumps
        self.types: tuple[int, ...] = THING_TYPES
        self.things = _rows(lumps["THINGS"], 5)
        self.lines = _rows(lumps["LINEDEFS"], 7)
        self.vertexes = _rows(lumps["VERTEXES"], 2)
        self.nodes = _rows(lumps["NODES"], 14)
        self.sectors = [list(row) for row in struct.iter_unpack("<hh8s8shhh", lumps["SECTORS"])]
        self.blockmap: bytes | None = None

    def packed(self, name: str) -> list[tuple[str, bytes]]:
        """The lumps of the level in their order, after the level's name."""
        made = {
            "THINGS": _bytes(self.things),
            "LINEDEFS": _bytes(self.lines),
            "VERTEXES": _bytes(self.vertexes),
            "NODES": _bytes(self.nodes),
            "SECTORS": b"".join(struct.pack("<hh8s8shhh", *row) for row in self.sectors),
            "BLOCKMAP": self.blockmap or self.lumps["BLOCKMAP"],
        }
        return [(name, b""), *((lump, made.get(lump, data)) for lump, data in self.lumps.items())]


def _rows(data: bytes, columns: int) -> list[Row]:
    return [list(row) for row in struct.iter_unpack(f"<{columns}h", data)]


def _bytes(rows: list[Row]) -> bytes:
    return b"".join(struct.pack(f"<{len(row)}h", *row) for row in rows)


def _clamp(value: float) -> int:
    return max(LEAST, min(MOST, int(value)))


def read_level(iwad: Path, name: str) -> Level:
    lumps = read_wad(iwad).lumps
    start = next(number for number, lump in enumerate(lumps) if lump.name == name)
    return Level({lump.name: bytes(lump.data) for lump in lumps[start + 1 : start + 11]})


def place(level: Level, scale_x: float, scale_y: float, move_x: int, move_y: int) -> None:
    """Stretch and move all coordinates of a level, as far as 16 bits allow."""

    def x(value: int) -> int:
        return _clamp(value * scale_x + move_x)

    def y(value: int) -> int:
        return _clamp(value * scale_y + move_y)

    for row in (*level.vertexes, *level.things):
        row[0], row[1] = x(row[0]), y(row[1])
    for node in level.nodes:
        x1, y1, x2, y2 = x(node[0]), y(node[1]), x(node[0] + node[2]), y(node[1] + node[3])
        node[:4] = [x1, y1, _clamp(x2 - x1), _clamp(y2 - y1)]
        for box in (4, 8):
            node[box : box + 4] = [y(node[box]), y(node[box + 1]), x(node[box + 2]), x(node[box + 3])]
    level.blockmap = blockmap_of(level)


def blockmap_of(level: Level) -> bytes | None:
    """BLOCKMAP with each line in all blocks that its box overlaps; None if that does not fit into the lump."""
    xs, ys = zip(*level.vertexes, strict=True)
    left, bottom = max(min(xs) - 8, LEAST), max(min(ys) - 8, LEAST)
    width, height = (max(xs) - left) // BLOCK + 1, (max(ys) - bottom) // BLOCK + 1
    if width * height > MAX_BLOCKMAP_WORDS:
        return None
    blocks: dict[int, list[int]] = {}
    for number, line in enumerate(level.lines):
        (x1, y1), (x2, y2) = level.vertexes[line[0]], level.vertexes[line[1]]
        for row in range((min(y1, y2) - bottom) // BLOCK, (max(y1, y2) - bottom) // BLOCK + 1):
            for column in range((min(x1, x2) - left) // BLOCK, (max(x1, x2) - left) // BLOCK + 1):
                blocks.setdefault(row * width + column, []).append(number)
    words = [left, bottom, width, height, *[0] * (width * height)]
    places: dict[tuple[int, ...], int] = {}
    for block in range(width * height):
        listed = (0, *blocks.get(block, []), -1)
        if listed not in places:
            places[listed] = len(words)
            words.extend(listed)
        words[4 + block] = places[listed]
    return struct.pack(f"<{len(words)}h", *words) if len(words) <= MAX_BLOCKMAP_WORDS else None


def _to_an_edge(level: Level, rng: random.Random) -> None:
    xs, ys = zip(*level.vertexes, strict=True)
    move_x = rng.choice((0, MOST - max(xs), LEAST - min(xs), rng.randint(LEAST - min(xs), MOST - max(xs))))
    move_y = rng.choice((0, MOST - max(ys), LEAST - min(ys), rng.randint(LEAST - min(ys), MOST - max(ys))))
    place(level, 1, 1, move_x, move_y)


def _stretched(level: Level, rng: random.Random) -> None:
    xs, ys = zip(*level.vertexes, strict=True)
    scale_x, scale_y = 1.0, 1.0
    axis = rng.randrange(2)
    size = (max(xs) - min(xs), max(ys) - min(ys))[axis]
    scale = rng.uniform(30000, 65535) / size
    if axis == 0:
        scale_x = scale
    else:
        scale_y = scale
    middle = ((max(xs) + min(xs)) / 2 * scale_x, (max(ys) + min(ys)) / 2 * scale_y)
    place(level, scale_x, scale_y, -int(middle[0]) * (axis == 0), -int(middle[1]) * (axis == 1))


def _blockmap_elsewhere(level: Level, rng: random.Random) -> None:
    words = bytearray(level.blockmap or level.lumps["BLOCKMAP"])
    struct.pack_into("<hh", words, 0, rng.randint(LEAST, MOST), rng.randint(LEAST, MOST))
    level.blockmap = bytes(words)


def _tall(level: Level, rng: random.Random) -> None:
    for sector in level.sectors:
        if rng.random() < 0.3:
            sector[0] = rng.choice((LEAST, LEAST + rng.randrange(300), rng.randint(LEAST, MOST), sector[0]))
        if rng.random() < 0.3:
            sector[1] = rng.choice((MOST, MOST - rng.randrange(300), rng.randint(LEAST, MOST), sector[1]))


def _things_anywhere(level: Level, rng: random.Random) -> None:
    for thing in level.things:
        if thing[3] > 4 and rng.random() < 0.2:
            thing[0], thing[1] = rng.randint(LEAST, MOST), rng.randint(LEAST, MOST)
    edge = (LEAST, LEAST + 20, 0, MOST - 20, MOST)
    for _ in range(rng.randrange(40)):
        x = rng.choice((*edge, rng.randint(LEAST, MOST)))
        y = rng.choice((*edge, rng.randint(LEAST, MOST)))
        level.things.append([x, y, rng.randrange(8) * 45, rng.choice(level.types), 7 | rng.choice((0, 8))])


def company(level: Level, rng: random.Random) -> None:
    """Put monsters around the player that see and shoot at once."""
    start = next(thing for thing in level.things if thing[3] == 1)
    for _ in range(rng.randrange(30)):
        x = _clamp(start[0] + rng.randint(-600, 600))
        y = _clamp(start[1] + rng.randint(-600, 600))
        level.things.append([x, y, rng.randrange(8) * 45, rng.choice(level.types), 7])


def _corners_anywhere(level: Level, rng: random.Random) -> None:
    for vertex in rng.sample(level.vertexes, max(1, len(level.vertexes) // 50)):
        vertex[0] = rng.choice((LEAST, MOST, rng.randint(LEAST, MOST), vertex[0]))
        vertex[1] = rng.choice((LEAST, MOST, rng.randint(LEAST, MOST), vertex[1]))


def _player_anywhere(level: Level, rng: random.Random) -> None:
    for thing in level.things:
        if thing[3] == 1:
            thing[0] = rng.choice((LEAST, LEAST + 30, rng.randint(LEAST, MOST), MOST - 30, MOST))
            thing[1] = rng.choice((LEAST, LEAST + 30, rng.randint(LEAST, MOST), MOST - 30, MOST))


def specials(level: Level, rng: random.Random) -> None:
    tags = range(1, 6)
    for sector in level.sectors:
        if rng.random() < 0.2:
            sector[6] = rng.choice(tags)
    for line in level.lines:
        if line[6] >= 0 and rng.random() < 0.2:
            line[3], line[4] = rng.choice(SPECIALS), rng.choice(tags)


def _thicket(level: Level, rng: random.Random) -> None:
    """Put so many lines and special lines around the player that the lists of intercepts overflow."""
    start = next(thing for thing in level.things if thing[3] == 1)
    model = next((line for line in level.lines if line[6] >= 0), None)
    if model is None:
        return
    for _ in range(rng.choice((10, 60, 150))):
        for _ in range(2):
            x, y = (_clamp(start[axis] + rng.randint(-200, 200)) for axis in range(2))
            level.vertexes.append([x, y])
        last = len(level.vertexes)
        special = rng.choice((0, *SPECIALS))
        level.lines.append([last - 2, last - 1, 4, special, rng.randrange(5), model[5], model[6]])
    level.blockmap = blockmap_of(level) or level.blockmap


BENDS: tuple[tuple[float, Callable[[Level, random.Random], None]], ...] = (
    (0.4, _to_an_edge),
    (0.4, _stretched),
    (0.2, _thicket),
    (0.1, _blockmap_elsewhere),
    (0.25, _tall),
    (0.5, _things_anywhere),
    (0.5, company),
    (0.15, _corners_anywhere),
    (0.1, _player_anywhere),
    (0.3, specials),
)


def random_patch(rng: random.Random) -> bytes:
    """A DeHackEd patch with things of unusual width, height, speed and weight."""
    lines = ["Patch File for DeHackEd v3.0", "Doom version = 19", "Patch format = 6", ""]
    for number in rng.sample(range(1, 40), 8):
        lines.append(f"Thing {number} (x)")
        lines.append(f"Width = {rng.choice((8, 20, 64, 128, 500, 4000)) << 16}")
        lines.append(f"Height = {rng.choice((8, 56, 110, 900, 20000)) << 16}")
        lines.append(f"Mass = {rng.choice((1, 10, 100, 100000))}")
        lines.append("")
    return "\n".join(lines).encode()


def random_demo(rng: random.Random, tics: int) -> bytes:
    """A demo of one player on the first level who runs, turns, shoots and uses at random."""
    data = bytearray([109, rng.randrange(5), 1, 1, 0, rng.randrange(2), rng.randrange(2), 0, 0, 1, 0, 0, 0])
    forward = side = turn = buttons = 0
    for _ in range(tics):
        if rng.random() < 0.1:
            forward, side = rng.choice((-50, -25, 0, 25, 50, 50)), rng.choice((-50, 0, 0, 0, 50))
            turn = rng.choice((0, 0, 0, rng.randint(-6, 6)))
            buttons = rng.choice((0, 0, 1, 1, 2, 3))
        data += struct.pack("<bbbB", forward, side, turn, buttons)
    return bytes(data) + b"\x80"


def bent(iwads: tuple[Path, Path], seed: int, tics: int) -> tuple[Path, bytes, bytes, bytes]:
    """The IWAD (DOOM's or DOOM II's), a PWAD, a DeHackEd patch (perhaps empty), a demo; determined by `seed` alone."""
    rng = random.Random(seed)
    name = rng.choice(LEVELS)
    commercial = name.startswith("MAP")
    iwad = iwads[commercial]
    level = read_level(iwad, name)
    if commercial:
        level.types = COMMERCIAL_TYPES
    for chance, bend in BENDS:
        if rng.random() < chance:
            bend(level, rng)
    patch = random_patch(rng) if rng.random() < 0.15 else b""
    pwad = wadmaker.pack_wad(level.packed("MAP01" if commercial else "E1M1"), b"PWAD")
    return iwad, pwad, patch, random_demo(rng, tics)
