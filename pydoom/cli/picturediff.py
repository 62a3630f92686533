"""Compare a frame of a demo with another engine's frame: ``pydoom picturediff``.

Writes a PNG with ours, theirs and the differing pixels side by side, and says how many differ and where. Theirs is a
file of 64,000 palette indexes, or a PNG with a palette whose pixels are such indexes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.cli.demofile import start_demo
from pydoom.files import open_to_read
from pydoom.game.dehacked import DehackedError
from pydoom.game.demo import DemoError
from pydoom.run.headless import play_through
from pydoom.run.machine import Machine
from pydoom.screens.settings import Settings
from pydoom.screens.video import SCREENHEIGHT, SCREENWIDTH
from pydoom.wad import WadError, load

Indexes = NDArray[np.uint8]
"""A frame of palette indexes: uint8[200,320]."""

DIFFERENT: Final = (255, 0, 255)
_SHADE: Final = 3
"""Equal pixels are this many times darker in the third image."""


class PictureError(Exception):
    """The other frame cannot be used; the message says why."""


def render_tic(game: Machine, tic: int) -> Indexes:
    """Our frame after `tic` of the demo that the game's session plays. Raises DemoError if the demo ends earlier."""
    for number, frame in enumerate(play_through(game)):
        if number == tic:
            if frame is None:
                raise DemoError("tic 0 has no frame: the first one is drawn after tic 1")
            return np.frombuffer(frame.screen, np.uint8).reshape(SCREENHEIGHT, SCREENWIDTH)
    raise DemoError(f"the demo ends before tic {tic}")


def read_indexes(path: Path) -> Indexes:
    """The other engine's frame. Raises PictureError if it is not one, OSError if it cannot be read."""
    with open_to_read(path) as stream:
        data = stream.read(SCREENWIDTH * SCREENHEIGHT + 1)
    if len(data) == SCREENWIDTH * SCREENHEIGHT:
        return np.frombuffer(data, np.uint8).reshape(SCREENHEIGHT, SCREENWIDTH)
    import pygame  # only for PNG files

    try:
        surface = pygame.image.load(path)
    except pygame.error as error:
        raise PictureError(
            f"{path}: neither {SCREENWIDTH * SCREENHEIGHT} palette indexes nor a PNG: {error}"
        ) from error
    if surface.get_size() != (SCREENWIDTH, SCREENHEIGHT) or surface.get_bitsize() != 8:
        raise PictureError(f"{path}: not a {SCREENWIDTH}x{SCREENHEIGHT} image with a palette")
    return np.ascontiguousarray(pygame.surfarray.array2d(surface).T, np.uint8)


def side_by_side(ours: Indexes, theirs: Indexes, colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ours, theirs, and ours darkened with differing pixels marked: uint8[200,960,3]. `colours` is uint8[256,3]."""
    marked = colours[ours] // _SHADE
    marked[ours != theirs] = DIFFERENT
    return np.concatenate([colours[ours], colours[theirs], marked], axis=1)


def describe(ours: Indexes, theirs: Indexes) -> str:
    """The number of differing pixels, and their bounding box."""
    rows, columns = np.nonzero(ours != theirs)
    if rows.size == 0:
        return "equal"
    return (
        f"{rows.size} pixels differ, in columns {columns.min()} to {columns.max()} "
        f"and rows {rows.min()} to {rows.max()}; "
        f"the first at column {columns[0]}, row {rows[0]}: ours {ours[rows[0], columns[0]]}, "
        f"theirs {theirs[rows[0], columns[0]]}"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 if the frames are equal, 1 if not, 2 for a user's error."""
    options = _parser().parse_args(argv)
    try:
        game = Machine(load(options.wad), Settings(screenblocks=options.screenblocks))
        start_demo(game.session, options.demo)
        theirs = read_indexes(options.picture)
        ours = render_tic(game, options.tic)
        _save(side_by_side(ours, theirs, game.colours()), options.output)
    except (WadError, DehackedError, DemoError, PictureError, OSError) as error:
        print(f"pydoom: {error}", file=sys.stderr)
        return 2
    print(describe(ours, theirs))
    return int(not np.array_equal(ours, theirs))


def _save(image: NDArray[np.uint8], path: Path) -> None:
    import pygame

    height, width, _ = image.shape
    pygame.image.save(pygame.image.frombuffer(image.tobytes(), (width, height), "RGB"), path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pydoom picturediff", description=__doc__)
    parser.add_argument("--wad", type=Path, required=True, help="the IWAD")
    parser.add_argument("--demo", required=True, help="demo lump or file")
    parser.add_argument("--tic", type=int, required=True, help="the last tic that has run, as in the traces")
    parser.add_argument("--screenblocks", type=int, default=10, help="view size, 3 to 11; default 10")
    parser.add_argument("-o", "--output", type=Path, default=Path("difference.png"), help="where the PNG goes")
    parser.add_argument("picture", type=Path, help="the other frame: 64,000 palette indexes, or a PNG with a palette")
    return parser
