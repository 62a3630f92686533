"""Builds small WADs in memory: a playable square room, one texture of two patches, two flats, a few sprites."""

import struct

Lumps = list[tuple[str, bytes]]


def pack_wad(lumps: Lumps, kind: bytes = b"IWAD") -> bytes:
    body, directory = bytearray(12), bytearray()
    for name, data in lumps:
        directory += struct.pack("<II8s", len(body), len(data), name.encode())
        body += data
    body[:12] = struct.pack("<4sII", kind, len(lumps), len(body))
    return bytes(body + directory)


def pack_patch(columns: list[list[tuple[int, bytes]]], height: int, left: int = 0, top: int = 0) -> bytes:
    """A patch from the posts of its columns; the padding bytes around each post are 0xEE."""
    body, offsets = bytearray(), []
    for posts in columns:
        offsets.append(8 + 4 * len(columns) + len(body))
        for topdelta, pixels in posts:
            body += bytes([topdelta, len(pixels), 0xEE]) + pixels + b"\xee"
        body.append(0xFF)
    return struct.pack(f"<4h{len(columns)}I", len(columns), height, left, top, *offsets) + body


def pack_texture(name: str, width: int, height: int, patches: list[tuple[int, int, int]]) -> bytes:
    """`patches` are (originx, originy, number in PNAMES)."""
    head = struct.pack("<8sihhih", name.encode(), 0, width, height, 0, len(patches))
    return head + b"".join(struct.pack("<5h", x, y, patch, 1, 0) for x, y, patch in patches)


def pack_textures(textures: list[bytes]) -> bytes:
    offsets, at = [], 4 + 4 * len(textures)
    for texture in textures:
        offsets.append(at)
        at += len(texture)
    return struct.pack(f"<I{len(textures)}I", len(textures), *offsets) + b"".join(textures)


def pack_names(names: list[str]) -> bytes:
    return struct.pack("<I", len(names)) + b"".join(struct.pack("8s", name.encode()) for name in names)


def room(name: str) -> Lumps:
    """A square room of 256 map units with the player's start in the middle."""
    corners = [(0, 0), (0, 256), (256, 256), (256, 0)]
    sides = [(i, (i + 1) % 4) for i in range(4)]
    return [
        (name, b""),
        ("THINGS", struct.pack("<5h", 128, 128, 90, 1, 7)),
        ("LINEDEFS", b"".join(struct.pack("<7h", a, b, 1, 0, 0, i, -1) for i, (a, b) in enumerate(sides))),
        ("SIDEDEFS", struct.pack("<hh8s8s8sh", 0, 0, b"-", b"-", b"WALL", 0) * 4),
        ("VERTEXES", b"".join(struct.pack("<2h", x, y) for x, y in corners)),
        ("SEGS", b"".join(struct.pack("<6h", a, b, 0x4000, i, 0, 0) for i, (a, b) in enumerate(sides))),
        ("SSECTORS", struct.pack("<2h", 4, 0)),
        ("NODES", b""),
        ("SECTORS", struct.pack("<hh8s8shhh", 0, 128, b"FLOOR", b"CEIL", 160, 0, 0)),
        ("REJECT", b"\0"),
        ("BLOCKMAP", struct.pack("<4h", 0, 0, 1, 1) + struct.pack("<7h", 5, 0, 0, 1, 2, 3, -1)),
    ]


def sound(samples: bytes, rate: int = 11025) -> bytes:
    return struct.pack("<HHI", 3, rate, len(samples)) + samples


def small_lumps() -> Lumps:
    solid = pack_patch([[(0, bytes([x + 1] * 16))] for x in range(8)], 16)
    holed = pack_patch([[(2, b"\x51\x52"), (8, b"\x53")] for _ in range(4)], 16, left=2, top=15)
    texture = pack_texture("WALL", 8, 16, [(0, 0, 0), (2, 3, 1)])
    return [
        ("PLAYPAL", bytes(range(256)) * 3 * 14),
        ("COLORMAP", bytes(range(256)) * 34),
        ("PNAMES", pack_names(["SOLID", "HOLED"])),
        ("TEXTURE1", pack_textures([pack_texture("BLANK", 8, 16, [(0, 0, 0)]), texture])),
        ("DSPISTOL", sound(bytes(range(100)))),
        *room("E1M1"),
        ("S_START", b""),
        ("PUFFA0", holed),
        *((f"TROOA{rotation}", holed) for rotation in ("1", "2A8", "3A7", "4A6", "5")),
        ("S_END", b""),
        ("P_START", b""),
        ("SOLID", solid),
        ("HOLED", holed),
        ("P_END", b""),
        ("F_START", b""),
        ("F1_START", b""),
        ("FLOOR", bytes([7]) * 4096),
        ("CEIL", bytes([8]) * 4096),
        ("F1_END", b""),
        ("F_END", b""),
    ]


def small_wad() -> bytes:
    return pack_wad(small_lumps())
