"""A second opinion on high resolution: Crispy Doom's 640x400, where Chocolate Doom has nothing to say.

Crispy Doom rounds otherwise at every size, so its pixels are never all the same. But at 320x200 our frame is the
original's, and what Crispy Doom differs there is its own doing: at 640x400 it must not differ more.
"""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pydoom.game.demo import HEADER_SIZE
from pydoom.run.machine import Machine
from pydoom.screens.settings import Settings
from pydoom.wad import Assets
from tests.e2e import tapped
from tests.e2e.test_dehacked_chocolate import CRISPY
from tests.narrow import some

DEMO = Path(__file__).parents[1] / "golden/data/e1m3_s2.lmp"
TICS = 70
BLOCK = 8
"""Width of the squares of 320x200 whose mean colours are compared."""


@pytest.mark.e2e
@pytest.mark.skipif(CRISPY is None, reason="crispy-doom is not installed")
@pytest.mark.parametrize("size", [10, 11])
def test_640x400_differs_from_crispy_doom_no_more_than_320x200(
    wad_path: Path, assets: Assets, tmp_path: Path, size: int
) -> None:
    tap = tapped.build_tap(tmp_path)
    demo = DEMO.read_bytes()[: HEADER_SIZE + 4 * TICS] + b"\x80"
    differences = []
    for scale in (1, 2):
        machine = Machine(assets, Settings(screenblocks=size), resolution=(320 * scale, 200 * scale))
        extras = (f"crispy_hires {scale - 1}", "crispy_widescreen 0")
        folder = tmp_path / str(scale)
        theirs = tapped.frames_of(some(CRISPY), tap, folder, wad_path, demo, screenblocks=size, extras=extras)
        ours = tapped.our_frames(machine, demo)
        assert len(ours) == len(theirs) > TICS - 5
        assert ours[0].pixels.shape == theirs[0].pixels.shape == (200 * scale, 320 * scale)
        pairs = list(zip(ours, theirs, strict=True))
        pixels = np.mean([(our.pixels != their.pixels).mean() for our, their in pairs])
        colours = np.mean([np.abs(_squares(our, scale) - _squares(their, scale)).mean() for our, their in pairs])
        differences.append((float(pixels), float(colours)))
    original, enlarged = differences
    assert 0 < enlarged[0] <= original[0]
    assert 0 < enlarged[1] <= original[1]


def _squares(frame: tapped.TappedFrame, scale: int) -> NDArray[np.float64]:
    """Mean colours of squares of 8x8 pixels of the original."""
    height, width = frame.pixels.shape
    side = BLOCK * scale
    colours = (frame.colours[frame.pixels] & 0xFC).astype(np.float64)
    return np.asarray(colours.reshape(height // side, side, width // side, side, 3).mean((1, 3)))
