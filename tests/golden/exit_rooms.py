"""An IWAD whose every level is one room with the players at its exit: tallies and finales within seconds."""

import re
import struct
from pathlib import Path

from pydoom.wad.archive import read_wad
from tests.unit.wadmaker import Lumps, pack_wad

SIZE = 512
EXIT, SECRET_EXIT = 11, 51
SECRET_SECTOR = 9
ALL_SKILLS = 7
NORTH = 90
CORNERS = ((0, 0), (0, SIZE), (SIZE, SIZE), (SIZE, 0))
LINE_SPECIALS = (0, EXIT, 0, SECRET_EXIT)
SEG_ANGLES = (0x4000, 0, -0x4000, -0x8000)
THINGS = (
    # x, y, angle, type: four players, six deathmatch starts, two zombies and bonuses
    *((256, 460, NORTH, 1), (200, 460, NORTH, 2), (312, 460, NORTH, 3), (256, 390, NORTH, 4)),
    *((256, 460, NORTH, 11), (200, 470, NORTH, 11), (312, 460, NORTH, 11), (256, 380, NORTH, 11)),
    *((180, 400, 0, 11), (330, 400, 180, 11)),
    *((60, 60, NORTH, 3004), (100, 60, NORTH, 2014), (256, 470, NORTH, 2014), (140, 60, NORTH, 2015)),
    (60, 120, NORTH, 3001),
)


def write_exit_rooms(wad: Path, target: Path) -> None:
    """Write `wad` to `target`, with every level replaced by the room."""
    lumps: Lumps = []
    skipped = 0
    for lump in read_wad(wad).lumps:
        if skipped:
            skipped -= 1
        elif re.fullmatch(r"E\dM\d|MAP\d\d", lump.name):
            room = _room()
            lumps += [(lump.name, b""), *room]
            skipped = len(room)
        else:
            lumps.append((lump.name, bytes(lump.data)))
    target.write_bytes(pack_wad(lumps))


def _room() -> Lumps:
    sides = [(b"SW1STRTN" if special else b"STARTAN3") for special in LINE_SPECIALS]
    blocks = SIZE // 128 + 1
    blockmap = struct.pack("<4h", -8, -8, blocks, blocks) + struct.pack("<h", 4 + blocks**2) * blocks**2
    return [
        ("THINGS", b"".join(struct.pack("<5h", *thing, ALL_SKILLS) for thing in THINGS)),
        (
            "LINEDEFS",
            b"".join(
                struct.pack("<7h", i, (i + 1) % 4, 1, special, 0, i, -1) for i, special in enumerate(LINE_SPECIALS)
            ),
        ),
        ("SIDEDEFS", b"".join(struct.pack("<2h8s8s8sh", 0, 0, b"-", b"-", wall, 0) for wall in sides)),
        ("VERTEXES", b"".join(struct.pack("<2h", *corner) for corner in CORNERS)),
        (
            "SEGS",
            b"".join(struct.pack("<6h", i, (i + 1) % 4, angle, i, 0, 0) for i, angle in enumerate(SEG_ANGLES)),
        ),
        ("SSECTORS", struct.pack("<2h", 4, 0)),
        ("NODES", b""),
        ("SECTORS", struct.pack("<2h8s8s3h", 0, 128, b"FLOOR4_8", b"CEIL3_5", 192, SECRET_SECTOR, 0)),
        ("REJECT", b"\0"),
        ("BLOCKMAP", blockmap + struct.pack("<6h", 0, 0, 1, 2, 3, -1)),
    ]
