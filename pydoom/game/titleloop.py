"""The title page, the credits and the three demos, in turn for ever (``D_DoAdvanceDemo``)."""

from __future__ import annotations

from dataclasses import dataclass

from pydoom.data import music_ids as mus
from pydoom.sim.constants import TICRATE
from pydoom.sim.world import GameMode, GameVersion


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the loop: a demo lump, or a page shown for `tics` with perhaps new music."""

    demo: str = ""
    page: str = ""
    tics: int = 0
    music: int = mus.MUS_NONE


def title_steps(mode: GameMode, version: GameVersion) -> list[Step]:
    """The steps of the loop in their order for one kind of game."""
    commercial = mode == GameMode.COMMERCIAL
    if commercial:
        title = Step(page="TITLEPIC", tics=TICRATE * 11, music=mus.MUS_DM2TTL)
        third_page = title
    else:
        title = Step(page="TITLEPIC", tics=170, music=mus.MUS_INTRO)
        third_page = Step(page="CREDIT" if version >= GameVersion.ULTIMATE else "HELP2", tics=200)
    steps = [
        title,
        Step(demo="DEMO1"),
        Step(page="CREDIT", tics=200),
        Step(demo="DEMO2"),
        third_page,
        Step(demo="DEMO3"),
    ]
    if version >= GameVersion.ULTIMATE:
        steps.append(Step(demo="DEMO4"))
    return steps
