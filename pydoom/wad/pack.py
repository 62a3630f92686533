"""Writing a WAD: its bytes from its lumps, through omgifol's header and directory entries."""

from __future__ import annotations

from collections.abc import Iterable

from omg.wadio import Entry, Header


def pack_wad(lumps: Iterable[tuple[str, bytes]], kind: str = "PWAD") -> bytes:
    """A WAD of these lumps in their order, with names of at most 8 ASCII characters; `kind` is "IWAD" or "PWAD"."""
    header = Header()
    body = bytearray(len(bytes(header)))
    entries = bytearray()
    count = 0
    for name, data in lumps:
        entries += bytes(Entry(ptr=len(body), size=len(data), name=name.encode("ascii")))
        body += data
        count += 1
    header.type, header.dir_len, header.dir_ptr = kind.encode("ascii"), count, len(body)
    body[: len(bytes(header))] = bytes(header)
    return bytes(body + entries)
