"""A terminal that received only the changes of many frames shows the last frame, as documented."""

from collections.abc import Iterator

import numpy as np
import pyte
import pytest

from pydoom.devices.terminal_blocks import HalfBlocks
from pydoom.devices.terminal_colours import Colours256
from pydoom.devices.terminal_sixel import Sixels
from tests.sixels import UNTOUCHED, SixelScreen

COLOURS = np.random.default_rng(7).integers(0, 256, (256, 3), np.uint8)
OTHER_COLOURS = COLOURS[::-1].copy()
CELL_PX = (10, 20)
STEPS = (0, 95, 135, 175, 215, 255)


def frames(count: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """A view that moves, blocks that appear in it, a bar below that changes seldom, and two changes of palette."""
    generator = np.random.default_rng(3)
    view = generator.integers(0, 256, (21, 40), np.uint8).repeat(8, axis=0).repeat(8, axis=1)
    frame = generator.integers(0, 256, (200, 320), np.uint8)
    for number in range(count):
        if number % 3:
            frame[:168] = np.roll(view, generator.integers(-9, 10, 2), (0, 1))
        y, x = generator.integers(0, 180), generator.integers(0, 300)
        frame[y : y + 20, x : x + 20] = generator.integers(0, 256)
        if number == count // 2:
            frame[180:] = 7
        yield frame.copy(), OTHER_COLOURS if count // 3 < number < count // 2 else COLOURS


def half_cells(screen: pyte.Screen) -> np.ndarray:
    """The colours uint8[2*rows, columns, 3] of upper and lower halves; black where nothing was drawn."""
    found = np.zeros((screen.lines * 2, screen.columns, 3), np.uint8)
    for row in range(screen.lines):
        for column in range(screen.columns):
            cell = screen.buffer[row][column]
            front, back = (
                (0, 0, 0) if colour == "default" else tuple(bytes.fromhex(colour)) for colour in (cell.fg, cell.bg)
            )
            upper, lower = {" ": (back, back), "█": (front, front), "▀": (front, back), "▄": (back, front)}[cell.data]
            found[2 * row, column], found[2 * row + 1, column] = upper, lower
    return found


def scaled_as_documented(frame: np.ndarray, colours: np.ndarray, columns: int, rows: int, aspect: float) -> np.ndarray:
    """For each half cell, the mean of four pixels of the frame, rounded down to five bits a channel."""
    scale = min(columns / 320, rows * 2 / (200 * aspect))
    width, height = int(320 * scale), int(200 * aspect * scale / 2)
    whole = np.zeros((rows * 2, columns, 3), np.uint8)
    top, left = (rows - height) // 2, (columns - width) // 2
    for y in range(height * 2):
        for x in range(width):
            at = [((4 * y + 2 * j + 1) * 200 // (8 * height), (4 * x + 2 * i + 1) * 320 // (4 * width))
                  for j in (0, 1) for i in (0, 1)]  # fmt: skip
            mean = sum(colours[frame[place]].astype(int) for place in at) // 32
            whole[2 * top + y, left + x] = mean * 255 // 31
    return whole


@pytest.mark.parametrize(("columns", "rows", "budget"), [(80, 23, 10**6), (80, 23, 4000), (60, 20, 2500)])
def test_half_blocks_add_up_to_the_last_frame(columns: int, rows: int, budget: int) -> None:
    screen = pyte.Screen(columns, rows)
    stream = pyte.ByteStream(screen)
    blocks = HalfBlocks(columns, rows, budget=budget)
    for frame, colours in frames(12):
        stream.feed(blocks.draw(frame, colours))
    while data := blocks.draw(frame, colours):  # what the budget left for later
        stream.feed(data)
    np.testing.assert_array_equal(half_cells(screen), scaled_as_documented(frame, colours, columns, rows, 6 / 5))


def nearest_of_256(picture: np.ndarray) -> np.ndarray:
    """Each colour as the nearest of xterm's cube and greys; black stays."""
    cube = [(r, g, b) for r in STEPS for g in STEPS for b in STEPS]
    palette = np.array([*cube, *((grey, grey, grey) for grey in range(8, 239, 10))])
    distance = ((picture[..., None, :].astype(int) - palette) ** 2).sum(axis=-1)
    found: np.ndarray = palette[distance.argmin(axis=-1)].astype(np.uint8)
    return found


@pytest.mark.parametrize("budget", [10**6, 2500])
def test_half_blocks_of_256_colours_are_the_nearest_ones(budget: int) -> None:
    screen = pyte.Screen(80, 23)
    stream = pyte.ByteStream(screen)
    blocks = HalfBlocks(80, 23, budget=budget, colours=Colours256())
    for frame, colours in frames(6):
        data = blocks.draw(frame, colours)
        assert b";2;" not in data
        stream.feed(data)
    while data := blocks.draw(frame, colours):
        stream.feed(data)
    wanted = nearest_of_256(scaled_as_documented(frame, colours, 80, 23, 6 / 5))
    np.testing.assert_array_equal(half_cells(screen), wanted)


@pytest.mark.parametrize(
    ("columns", "rows", "cell_px"), [(160, 49, CELL_PX), (80, 23, (9, 18)), (80, 23, (8, 17)), (40, 9, CELL_PX)]
)
def test_sixels_add_up_to_the_last_frame(columns: int, rows: int, cell_px: tuple[int, int]) -> None:
    screen = SixelScreen(columns, rows, cell_px)
    sixels = Sixels(columns, rows, cell_px=cell_px)
    for frame, colours in frames(6):
        screen.feed(sixels.draw(frame, colours))
        drawn = (screen.canvas != UNTOUCHED).any(axis=2)
        height, width = drawn.any(axis=1).sum(), drawn.any(axis=0).sum()
        shown = screen.canvas[drawn].reshape(height, width, 3)
        wanted = frame[np.arange(height) * 200 // height][:, np.arange(width) * 320 // width]
        np.testing.assert_array_equal(shown, colours[wanted].astype(int) * 100 // 255)


def test_unchanged_sixels_are_not_sent_where_the_cell_size_is_known() -> None:
    frame = np.random.default_rng(1).integers(0, 256, (200, 320), np.uint8)
    changed = frame.copy()
    changed[190:, 50] += 1
    for cell_px, most in ((CELL_PX, 0.3), (None, 1.1)):
        sixels = Sixels(160, 49, cell_px=cell_px)
        whole = len(sixels.draw(frame, COLOURS))
        assert len(sixels.draw(changed, COLOURS)) < whole * most
        assert sixels.draw(changed, COLOURS) == b""


def test_a_sixel_image_that_does_not_fit_is_flat_instead_of_scrolling_the_terminal() -> None:
    screen = SixelScreen(40, 5, CELL_PX)
    screen.feed(Sixels(40, 5, cell_px=CELL_PX).draw(np.zeros((200, 320), np.uint8), COLOURS))
    assert (screen.canvas[:96, 40:360] != UNTOUCHED).any(axis=2).all()
