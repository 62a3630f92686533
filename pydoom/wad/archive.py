"""One WAD file on disk: its directory through omgifol, its bytes in memory (``W_AddFile``).

omgifol's own `WadIO` opens files for writing and creates missing ones, so only its header and entries are used.
Nothing of a file is trusted: sizes and offsets are checked against the file before anything is made of them.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from omg.wadio import Entry, Header

from pydoom.files import open_to_read
from pydoom.wad.errors import WadError
from pydoom.wad.source import Source

MAX_FILE_BYTES: Final = 512 * 1024 * 1024
MAX_LUMPS: Final = 65536

_HEADER_BYTES: Final = ctypes.sizeof(Header)
_ENTRY_BYTES: Final = ctypes.sizeof(Entry)
_ARCHIVES: Final = {b"PK": "a ZIP archive", b"7z": "a 7z archive", b"Rar!": "a RAR archive", b"\x1f\x8b": "a gzip file"}


@dataclass(frozen=True, slots=True)
class Lump:
    """One entry of a directory: upper-case `name` of at most 8 characters and the bytes it points at.

    `content` is None where the entry points past the end of its file, which matters only when somebody asks for its
    bytes.
    """

    name: str
    content: memoryview | None
    source: Source = field(default_factory=Source)

    @property
    def view(self) -> memoryview:
        """The lump's bytes, not copied, or WadError."""
        if self.content is None:
            raise self.source.error(f"truncated WAD (lump {printable(self.name)} lies past the end of the file)")
        return self.content

    @property
    def data(self) -> bytes:
        """The lump's bytes, or WadError."""
        return bytes(self.view)


@dataclass(frozen=True, slots=True)
class WadFile:
    """A WAD in memory: `kind` is "IWAD" or "PWAD", `lumps` are in directory order."""

    path: Path
    kind: str
    lumps: tuple[Lump, ...]


def packed_as(start: bytes) -> str:
    """What kind of archive a file is by its first 4 bytes; empty if none that add-ons come in."""
    return next((kind for mark, kind in _ARCHIVES.items() if start.startswith(mark)), "")


def lump_name(raw: bytes) -> str:
    """The name in an 8-byte field: up to its first zero byte, in upper case."""
    return raw[:8].split(b"\0", 1)[0].decode("latin-1").upper()


def read_wad(path: str | Path) -> WadFile:
    """Read the WAD at `path` into memory, or raise WadError."""
    path = Path(path)
    try:
        with open_to_read(path) as stream:
            size = stream.seek(0, 2)
            if size < _HEADER_BYTES:
                raise WadError(f"{path}: not a WAD file (only {size} bytes)")
            if size > MAX_FILE_BYTES:
                raise WadError(f"{path}: too large for a WAD ({size} bytes)")
            stream.seek(0)
            content = memoryview(stream.read(size))
    except OSError as error:
        raise WadError(f"{path}: {error.strerror or error}") from error
    if len(content) < size:
        raise WadError(f"{path}: truncated while it was read")
    header = Header(bytes=bytes(content[:_HEADER_BYTES]))
    kind, count, start = bytes(content[:4]), int(header.dir_len), int(header.dir_ptr)
    if kind not in (b"IWAD", b"PWAD"):
        packed = packed_as(kind)
        raise WadError(
            f"{path}: not a WAD file but {packed}"
            if packed
            else f"{path}: not a WAD file (it does not begin with IWAD or PWAD)"
        )
    if count > MAX_LUMPS:
        raise WadError(f"{path}: damaged WAD (its header claims {count} lumps)")
    end = start + count * _ENTRY_BYTES
    if count and end > len(content):
        raise WadError(f"{path}: truncated WAD (the lump directory lies past the end of the file)")
    source = Source(path)
    # one by one through its own constructor, omgifol takes 70 ms for a thousand
    entries = (Entry * count).from_buffer_copy(content[start:end]) if count else ()
    lumps = tuple(_lump(source, content, entry) for entry in entries)
    return WadFile(path, kind.decode("ascii"), lumps)


def read_add_on(path: str | Path) -> WadFile:
    """Read an add-on: a WAD, or any other file as one lump named after it (``W_AddFile``).

    Raises WadError, also for archives, of which the original makes a lump that nobody wants.
    """
    path = Path(path)
    try:
        with open_to_read(path) as stream:
            data = stream.read(4)
            if path.suffix.lower() != ".wad" and data not in (b"IWAD", b"PWAD"):
                data += stream.read(MAX_FILE_BYTES)
    except OSError as error:
        raise WadError(f"{path}: {error.strerror or error}") from error
    packed = packed_as(data[:4])
    if packed:
        raise WadError(f"{path}: not a WAD file but {packed}; unpack it first")
    if path.suffix.lower() == ".wad" or data in (b"IWAD", b"PWAD"):
        return read_wad(path)
    if len(data) > MAX_FILE_BYTES:
        raise WadError(f"{path}: too large for a lump")
    name = lump_name(path.stem.encode("latin-1", "replace"))
    return WadFile(path, "PWAD", (Lump(name, memoryview(data), Source(path)),))


def _lump(source: Source, content: memoryview, entry: Any) -> Lump:
    name = lump_name(bytes(entry)[8:16])
    start, size = int(entry.ptr), int(entry.size)
    if size and start + size > len(content):
        return Lump(name, None, source)
    return Lump(name, content[start : start + size] if size else content[:0], source)


def printable(name: str) -> str:
    """A lump name made safe for a one-line message, whatever its bytes."""
    return name if name.isascii() and name.isprintable() else ascii(name)
