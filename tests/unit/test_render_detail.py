"""Low detail: pairs of pixels, and what stays of the last frame where nothing is drawn."""

import numpy as np
from numpy.typing import NDArray

from pydoom.render.detail import draw_doubled


def filled(half: NDArray[np.uint8]) -> None:
    half[:] = np.arange(half.size, dtype=np.uint8).reshape(half.shape)


def test_every_pixel_is_shown_twice() -> None:
    window = np.full((2, 6), 9, np.uint8)
    draw_doubled(window, filled)
    assert window.tolist() == [[0, 0, 1, 1, 2, 2], [3, 3, 4, 4, 5, 5]]


def test_last_pixel_of_an_odd_width_is_shown_once() -> None:
    window = np.array([[7, 8, 7, 8, 7]], np.uint8)
    draw_doubled(window, filled)
    assert window.tolist() == [[0, 0, 1, 1, 2]]


def test_text_over_the_last_view_stays_where_nothing_is_drawn() -> None:
    window = np.array([[5, 176, 176, 6, 7, 7, 5, 176]], np.uint8)

    def draw(half: NDArray[np.uint8]) -> None:
        half[0, 3] = 42

    draw_doubled(window, draw)
    assert window.tolist() == [[5, 176, 176, 6, 7, 7, 42, 42]]


def test_each_pixel_of_a_pair_darkens_what_lies_under_itself() -> None:
    window = np.array([[5, 176], [1, 1]], np.uint8)

    def shadow(half: NDArray[np.uint8]) -> None:
        half[1, 0] = half[0, 0] + 1

    draw_doubled(window, shadow)
    assert window.tolist() == [[5, 176], [6, 177]]


def test_text_that_is_drawn_over_costs_no_second_drawing() -> None:
    calls = []

    def draw(half: NDArray[np.uint8]) -> None:
        calls.append(half)
        half[:] = 3

    draw_doubled(np.array([[5, 176, 176, 6]], np.uint8), draw)
    assert len(calls) == 1
