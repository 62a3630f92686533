"""One WAD file on disk: its directory through omgifol, its bytes in memory (``W_AddFile``).

omgifol's own `WadIO.open` opens files for writing and creates missing ones, so it is narrowed here to reading. Nothing
of a file is trusted: sizes and offsets are checked against the file before anything is allocated.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from omg.wadio import Entry, Header, WadIO

from pydoom.wad.errors import WadError
from pydoom.wad.source import Source

MAX_FILE_BYTES: Final = 512 * 1024 * 1024
MAX_LUMPS: Final = 65536

_HEADER_BYTES: Final = ctypes.sizeof(Header)
_ENTRY_BYTES: Final = ctypes.sizeof(Entry)


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


def lump_name(raw: bytes) -> str:
    """The name in an 8-byte field: up to its first zero byte, in upper case."""
    return raw[:8].split(b"\0", 1)[0].decode("latin-1").upper()


class _Directory(WadIO):  # type: ignore[misc]  # omgifol has no types
    """omgifol's directory reader, read-only and with bounds."""

    header: Any
    entries: list[Any]

    def open(self, filename: str) -> None:
        """Read header and directory; the file is opened for reading only and must exist."""
        self.basefile = open(filename, "rb")  # noqa: SIM115  # WadIO closes it
        size = self.basefile.seek(0, 2)
        self.basefile.seek(0)
        if size < _HEADER_BYTES:
            raise WadError(f"{filename}: not a WAD file (only {size} bytes)")
        if size > MAX_FILE_BYTES:
            raise WadError(f"{filename}: too large for a WAD ({size} bytes)")
        self.header = Header(bytes=self.basefile.read(_HEADER_BYTES))
        if bytes(self.header)[:4] not in (b"IWAD", b"PWAD"):
            raise WadError(f"{filename}: not a WAD file (it does not begin with IWAD or PWAD)")
        count, start = int(self.header.dir_len), int(self.header.dir_ptr)
        if count > MAX_LUMPS:
            raise WadError(f"{filename}: damaged WAD (its header claims {count} lumps)")
        if count and start + count * _ENTRY_BYTES > size:
            raise WadError(f"{filename}: truncated WAD (the lump directory lies past the end of the file)")
        self.basefile.seek(start)
        table = self.basefile.read(count * _ENTRY_BYTES)
        self.entries = [
            Entry(bytes=table[at : at + _ENTRY_BYTES]) for at in range(0, count * _ENTRY_BYTES, _ENTRY_BYTES)
        ]


def read_wad(path: str | Path) -> WadFile:
    """Read the WAD at `path` into memory, or raise WadError."""
    path = Path(path)
    directory = _Directory()
    try:
        directory.open(str(path))
        directory.basefile.seek(0)
        content = memoryview(directory.basefile.read())
    except OSError as error:
        raise WadError(f"{path}: {error.strerror or error}") from error
    finally:
        if directory.basefile:
            directory.close()
    source = Source(path)
    lumps = tuple(_lump(source, content, entry) for entry in directory.entries)
    return WadFile(path, bytes(directory.header)[:4].decode("ascii"), lumps)


def read_add_on(path: str | Path) -> WadFile:
    """Read an add-on: a WAD, or any other file as one lump named after it (``W_AddFile``).

    Raises WadError.
    """
    path = Path(path)
    if path.suffix.lower() == ".wad":
        return read_wad(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise WadError(f"{path}: {error.strerror or error}") from error
    if data[:4] in (b"IWAD", b"PWAD"):
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
