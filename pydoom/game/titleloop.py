"""The title page, the credits and the three demos, in turn, forever (``D_DoAdvanceDemo``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydoom.data import music_ids as mus
from pydoom.sim.constants import TICRATE
from pydoom.sim.rules import GameMode, GameVersion


@dataclass(frozen=True, slots=True)
class TitleStep:
    """One step of the loop: a demo lump, or a page shown for `tics` with perhaps new music."""

    demo: str = ""
    page: str = ""
    tics: int = 0
    music: int = mus.MUS_NONE


def title_steps(mode: GameMode, version: GameVersion) -> list[TitleStep]:
    """The steps of the loop in their order for one kind of game."""
    commercial = mode == GameMode.COMMERCIAL
    if commercial:
        title = TitleStep(page="TITLEPIC", tics=TICRATE * 11, music=mus.MUS_DM2TTL)
        third_page = title
    else:
        title = TitleStep(page="TITLEPIC", tics=170, music=mus.MUS_INTRO)
        third_page = TitleStep(page="CREDIT" if version >= GameVersion.ULTIMATE else "HELP2", tics=200)
    steps = [
        title,
        TitleStep(demo="DEMO1"),
        TitleStep(page="CREDIT", tics=200),
        TitleStep(demo="DEMO2"),
        third_page,
        TitleStep(demo="DEMO3"),
    ]
    # the first executable of Final DOOM, whose WADs have no such demo, stops here with an error
    if version in (GameVersion.ULTIMATE, GameVersion.FINAL):
        steps.append(TitleStep(demo="DEMO4"))
    return steps


class TitleLoop:
    """The loop's position: `page` is the lump of the last page shown."""

    def __init__(self, mode: GameMode, version: GameVersion) -> None:
        self.page = ""
        self._steps = title_steps(mode, version)
        self._place = -1
        self._page_tics = 0

    def rewind(self) -> None:
        """Begin with the title page again."""
        self._place = -1

    def following(self) -> Iterator[TitleStep]:
        """The next steps in order, at most one round; the caller stops at the first it can take."""
        for _ in self._steps:
            self._place = (self._place + 1) % len(self._steps)
            yield self._steps[self._place]

    def show(self, step: TitleStep) -> None:
        """Show the page of `step`."""
        self.page = step.page
        self._page_tics = step.tics

    def page_is_over(self) -> bool:
        """One tic of the page (``D_PageTicker``): whether its time has run out."""
        self._page_tics -= 1
        return self._page_tics < 0
