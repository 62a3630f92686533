"""Drawing patches on the screen."""

import numpy as np

from pydoom.screens import video
from tests.screenkit import Patch, blank_frame


def test_a_patch_is_placed_by_its_hot_spot() -> None:
    frame = blank_frame()
    video.draw_patch(frame, 10, 20, Patch(2, 3, colour=7, left=4, top=-1))
    assert np.argwhere(frame == 7).tolist() == [[y, x] for y in (21, 22, 23) for x in (6, 7)]


def test_holes_show_what_is_behind() -> None:
    frame = blank_frame()
    frame[:] = 9
    patch = Patch(2, 1, colour=7)
    patch.mask[0, 0] = False
    video.draw_patch(frame, 0, 0, patch)
    assert frame[0, :3].tolist() == [9, 7, 9]


def test_a_flipped_patch_is_mirrored() -> None:
    frame = blank_frame()
    patch = Patch(3, 1)
    patch.pixels[0] = (1, 2, 3)
    video.draw_patch(frame, 0, 0, patch, flipped=True)
    assert frame[0, :3].tolist() == [3, 2, 1]


def test_patches_are_clipped_at_the_screen_s_edge() -> None:
    frame = blank_frame()
    video.draw_patch(frame, -1, -1, Patch(2, 2, colour=5))
    video.draw_patch(frame, 319, 199, Patch(2, 2, colour=6))
    video.draw_patch(frame, 400, 50, Patch(2, 2, colour=7))
    assert np.argwhere(frame).tolist() == [[0, 0], [199, 319]]


def test_flats_tile_from_the_upper_left() -> None:
    frame = blank_frame()
    flat = np.arange(64 * 64).reshape(64, 64).astype(np.uint8)
    video.tile_flat(frame, flat)
    assert frame[64, 64] == flat[0, 0]
    assert frame[199, 319] == flat[199 % 64, 319 % 64]
