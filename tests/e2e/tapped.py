"""Frames of Debian's Chocolate or Crispy Doom: the program itself draws a demo, and `frame_tap.c` writes them down."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray

from pydoom.run.headless import play_through
from pydoom.run.machine import Machine
from pydoom.wad.archive import read_wad
from pydoom.wad.pack import pack_wad

PATIENCE_S: Final = 120
_HEAD: Final = struct.Struct("<3I")
_COLOURS: Final = 768
_EXTRAS: Final = ("show_diskicon 0", "show_endoom 0", "vga_porch_flash 0")


_PADDING: Final = bytes(128)
"""As many bytes as a column's drawer can read past the end of a lump, where the original shows what is in memory."""


@dataclass(frozen=True, slots=True)
class TappedFrame:
    """`pixels` are palette indexes uint8[H,W]; `colours` uint8[256,3], of which the two low bits are not used."""

    pixels: NDArray[np.uint8]
    colours: NDArray[np.uint8]


def build_tap(folder: Path) -> Path:
    """The compiled `frame_tap.c`, or the test is skipped."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler (Debian: apt install gcc libc6-dev)")
    tap = folder / "frame_tap.so"
    source = Path(__file__).with_name("frame_tap.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", tap, source, "-ldl"], check=True)
    return tap


def padded(iwad: Path, folder: Path) -> Path:
    """A copy of an IWAD with zeroes behind its patches, so that both programs read the same past the end of each."""
    lumps = []
    ends = None
    for lump in read_wad(iwad).lumps:
        if lump.name in ("S_START", "P_START"):
            ends = f"{lump.name[0]}_END"
        elif lump.name == ends:
            ends = None
        lumps.append((lump.name, lump.data + _PADDING if ends and lump.data else lump.data))
    path = folder / iwad.name
    path.write_bytes(pack_wad(lumps, "IWAD"))
    return path


def frames_of(
    program: str,
    tap: Path,
    folder: Path,
    iwad: Path,
    demo: bytes,
    *options: str | Path,
    screenblocks: int = 10,
    low_detail: bool = False,
    extras: tuple[str, ...] = (),
) -> list[TappedFrame]:
    """What `program` shows in a -timedemo, without melts; `extras` are lines for its second settings file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "played.lmp").write_bytes(demo)
    (folder / "default.cfg").write_text(f"screenblocks {screenblocks}\ndetaillevel {int(low_detail)}\n")
    (folder / "extra.cfg").write_text("\n".join([*_EXTRAS, *extras, ""]))
    written = folder / "frames"
    environment = os.environ | {
        "HOME": str(folder),
        "SDL_VIDEODRIVER": "dummy",
        "SDL_AUDIODRIVER": "dummy",
        "LD_PRELOAD": str(tap),
        "FRAME_TAP": str(written),
    }
    command: list[str | Path] = [program, "-iwad", iwad, "-nosound", "-nogui"]
    command += ["-config", "default.cfg", "-extraconfig", "extra.cfg"]
    result = subprocess.run(
        [*command, *options, "-timedemo", "played.lmp"],
        cwd=folder,
        env=environment,
        capture_output=True,
        timeout=PATIENCE_S,
    )
    assert written.is_file(), (result.stdout + result.stderr).decode(errors="replace")[-2000:]
    return _read(written.read_bytes())


def _read(data: bytes) -> list[TappedFrame]:
    frames: list[TappedFrame] = []
    at = 0
    while at < len(data):
        width, height, slept = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        colours = np.frombuffer(data, np.uint8, _COLOURS, at).reshape(256, 3)
        at += _COLOURS
        pixels = np.frombuffer(data, np.uint8, width * height, at).reshape(height, width)
        at += width * height
        if not slept:
            frames.append(TappedFrame(pixels, colours))
    return frames


def our_frames(machine: Machine, demo: bytes) -> list[TappedFrame]:
    """What pydoom shows of the same demo, without the frames that melt in."""
    machine.session.play_demo(demo, single=True)
    return [
        TappedFrame(machine.frame.copy(), machine.colours())
        for frame in play_through(machine)
        if frame is not None and not frame.melts
    ]


def first_difference(ours: list[TappedFrame], theirs: list[TappedFrame]) -> str:
    """The first frame that differs, and how; empty when all are the same."""
    for number, (our, their) in enumerate(zip(ours, theirs, strict=False)):
        if our.pixels.shape != their.pixels.shape:
            return f"frame {number}: {our.pixels.shape} is not {their.pixels.shape}"
        rows, columns = np.nonzero(our.pixels != their.pixels)
        if len(rows):
            y, x = int(rows[0]), int(columns[0])
            values = f"{our.pixels[y, x]}/{their.pixels[y, x]}"
            return f"frame {number}: {len(rows)} pixels, the first at x {x} y {y}: {values}"
        if ((our.colours ^ their.colours) >> 2).any():
            return f"frame {number}: colours"
    return "" if len(ours) == len(theirs) else f"{len(ours)} frames instead of {len(theirs)}"
