"""The animated world maps between the levels of an episode (the tables and animations of ``wi_stuff.c``).

Animations start at times drawn from M_Random when a stage of the intermission begins, whether or not they are seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from pydoom.screens.video import SCREENHEIGHT, SCREENWIDTH, Frame, Picture, PictureSource, draw_patch
from pydoom.sim.constants import TICRATE

MAPPED_EPISODES: Final = 3

LEVEL_PLACES: Final = (
    ((185, 164), (148, 143), (69, 122), (209, 102), (116, 89), (166, 55), (71, 56), (135, 29), (71, 24)),
    ((254, 25), (97, 50), (188, 64), (128, 78), (214, 92), (133, 130), (208, 136), (148, 140), (235, 158)),
    ((156, 168), (48, 154), (174, 95), (265, 75), (130, 48), (279, 23), (198, 48), (140, 25), (281, 136)),
)
"""Screen position of each level on the maps of episodes 1 to 3."""


class _When(Enum):
    ALWAYS = 0
    LEVEL = 1
    """Only when `level` comes next."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """One animation: tics from frame to frame, number of frames, position on the screen."""

    x: int
    y: int
    frames: int = 3
    period: int = TICRATE // 3
    when: _When = _When.ALWAYS
    level: int = 0


_EPISODE_1: Final = tuple(
    _Plan(x, y)
    for x, y in (
        (224, 104),
        (184, 160),
        (112, 136),
        (72, 112),
        (88, 96),
        (64, 48),
        (192, 40),
        (136, 16),
        (80, 16),
        (64, 24),
    )
)
_EPISODE_2: Final = (
    *(_Plan(128, 136, 1, when=_When.LEVEL, level=level) for level in range(1, 8)),
    _Plan(192, 144, 3, when=_When.LEVEL, level=8),
    _Plan(128, 136, 1, when=_When.LEVEL, level=8),
)
_EPISODE_3: Final = (
    _Plan(104, 168),
    _Plan(40, 136),
    _Plan(160, 96),
    _Plan(104, 80),
    _Plan(120, 32),
    _Plan(40, 0, period=TICRATE // 4),
)
_PLANS: Final = (_EPISODE_1, _EPISODE_2, _EPISODE_3)
_BORROWER: Final = (1, 8)
"""Episode 2's last animation shows the pictures of its fifth."""
_TALLY_HIDES: Final = 7
"""Episode 2's eighth animation waits until the tally is over."""


class _MapAnimation:
    __slots__ = ("frame", "next_tic", "pictures", "plan")

    def __init__(self, plan: _Plan, pictures: list[Picture]) -> None:
        self.plan = plan
        self.pictures = pictures
        self.frame = -1
        self.next_tic = 0


class WorldMap:
    """The map of one episode (counted from 0): its animations, splats and pointer."""

    def __init__(self, pictures: PictureSource, episode: int) -> None:
        self._places = LEVEL_PLACES[episode]
        self._splat = [pictures.patch("WISPLAT")]
        self._pointers = [pictures.patch("WIURH0"), pictures.patch("WIURH1")]
        self._animations: list[_MapAnimation] = []
        for number, plan in enumerate(_PLANS[episode]):
            source = 4 if (episode, number) == _BORROWER else number
            names = [f"WIA{episode}{source:02d}{frame:02d}" for frame in range(plan.frames)]
            self._animations.append(_MapAnimation(plan, [pictures.patch(name) for name in names]))

    def start(self, tic: int, m_random: Callable[[], int]) -> None:
        """Begin a stage at `tic` of the intermission (``WI_initAnimatedBack``)."""
        for animation in self._animations:
            animation.frame = -1
            animation.next_tic = tic + 1
            if animation.plan.when is _When.ALWAYS:
                animation.next_tic += m_random() % animation.plan.period

    def ticker(self, tic: int, next_level: int, tallying: bool) -> None:
        """Run for one tic (``WI_updateAnimatedBack``)."""
        for number, animation in enumerate(self._animations):
            if tic != animation.next_tic:
                continue
            plan = animation.plan
            if plan.when is _When.ALWAYS:
                animation.frame = (animation.frame + 1) % plan.frames
                animation.next_tic = tic + plan.period
            elif not (tallying and number == _TALLY_HIDES) and next_level == plan.level:
                animation.frame = min(animation.frame + 1, plan.frames - 1)
                animation.next_tic = tic + plan.period

    def draw(self, frame: Frame) -> None:
        """Draw the animations (``WI_drawAnimatedBack``)."""
        for animation in self._animations:
            if animation.frame >= 0:
                draw_patch(frame, animation.plan.x, animation.plan.y, animation.pictures[animation.frame])

    def draw_splat(self, frame: Frame, level: int) -> None:
        """Mark a level as done."""
        self._draw_on_level(frame, level, self._splat)

    def draw_pointer(self, frame: Frame, level: int) -> None:
        """Point at a level, from a side that has room."""
        self._draw_on_level(frame, level, self._pointers)

    def _draw_on_level(self, frame: Frame, level: int, choices: list[Picture]) -> None:
        """``WI_drawOnLnode``: the first picture that fits on the screen."""
        x, y = self._places[level]
        for picture in choices:
            left, top = x - picture.leftoffset, y - picture.topoffset
            if left >= 0 and top >= 0 and left + picture.width < SCREENWIDTH and top + picture.height < SCREENHEIGHT:
                draw_patch(frame, x, y, picture)
                return
