"""Palettes and gamma."""

import numpy as np
import pytest

from pydoom.screens.palette import gamma_table, in_colours, palette_number, shown_colours
from pydoom.sim.player import PW_IRONFEET, PW_STRENGTH, Player


@pytest.mark.parametrize(
    ("damage", "bonus", "palette"),
    [(0, 0, 0), (1, 0, 2), (8, 0, 2), (9, 0, 3), (100, 0, 8), (0, 1, 10), (0, 6, 10), (0, 100, 12), (1, 100, 2)],
)
def test_pain_is_red_and_outshines_golden_pickups(damage: int, bonus: int, palette: int) -> None:
    player = Player(0)
    player.damagecount = damage
    player.bonuscount = bonus
    assert palette_number(player) == palette


@pytest.mark.parametrize(("strength", "palette"), [(1, 3), (64 * 4, 2), (64 * 12, 0), (64 * 100, 0)])
def test_berserk_fades_out(strength: int, palette: int) -> None:
    player = Player(0)
    player.powers[PW_STRENGTH] = strength
    assert palette_number(player) == palette


@pytest.mark.parametrize(("tics", "palette"), [(129, 13), (128, 0), (8, 13), (7, 0)])
def test_the_radiation_suit_blinks_before_it_ends(tics: int, palette: int) -> None:
    player = Player(0)
    player.powers[PW_IRONFEET] = tics
    assert palette_number(player) == palette


def test_gamma_tables_are_the_original_s() -> None:
    assert gamma_table(0)[[0, 1, 126, 127, 128, 255]].tolist() == [1, 2, 127, 128, 128, 255]
    assert gamma_table(1)[:5].tolist() == [2, 4, 5, 7, 8]
    assert gamma_table(2)[:5].tolist() == [4, 7, 9, 11, 13]
    assert gamma_table(3)[:5].tolist() == [8, 12, 16, 19, 22]
    assert gamma_table(4)[:5].tolist() == [16, 23, 28, 32, 36]


def test_colours_have_six_bits() -> None:
    palette = np.array([[0, 7, 255]], np.uint8)
    assert shown_colours(palette, 0).tolist() == [[0, 8, 252]]


def test_every_pixel_gets_its_colour() -> None:
    chance = np.random.default_rng(1)
    frame = chance.integers(0, 256, (20, 33), np.uint8)
    for _ in range(3):
        colours = chance.integers(0, 256, (256, 3), np.uint8)
        shown = in_colours(frame, colours)
        assert np.array_equal(shown, colours[frame])
        assert shown.flags.c_contiguous
        assert shown.flags.writeable
