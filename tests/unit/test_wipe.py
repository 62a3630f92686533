"""The melt."""

from itertools import pairwise

import numpy as np

from pydoom.screens.wipe import Melt, melt_delays
from pydoom.sim.random import Random
from tests.screenkit import blank_frame


def test_a_melt_costs_320_random_numbers() -> None:
    random = Random()
    delays = melt_delays(random.m_random)
    assert (len(delays), random.rndindex) == (320, 64)
    assert min(delays) >= -15
    assert max(delays) <= 0
    assert max(abs(a - b) for a, b in pairwise(delays)) <= 1


def test_columns_wait_then_fall_ever_faster() -> None:
    old, new = blank_frame(), blank_frame()
    old[:] = np.arange(200)[:, None]
    new[:] = 255
    melt = Melt(old, new, [-1] * 320)
    frame = blank_frame()
    melt.step()
    melt.draw(frame)
    assert (frame == old).all()
    for fallen in (1, 3, 7, 15, 31, 39):
        melt.step()
        melt.draw(frame)
        assert (frame[:fallen] == 255).all()
        assert (frame[fallen:, 0] == np.arange(200 - fallen)).all()


def test_columns_are_two_pixels_wide() -> None:
    old, new = blank_frame(), blank_frame()
    new[:] = 1
    melt = Melt(old, new, [0, -5] * 160)
    melt.step()
    frame = blank_frame()
    melt.draw(frame)
    assert frame[0, :6].tolist() == [1, 1, 0, 0, 1, 1]


def test_the_melt_ends_with_the_new_screen() -> None:
    old, new = blank_frame(), blank_frame()
    new[:] = 1
    melt = Melt(old, new, melt_delays(Random().m_random))
    steps = 0
    while not melt.step():
        steps += 1
    assert 30 < steps < 60
    frame = blank_frame()
    melt.draw(frame)
    assert (frame == new).all()
