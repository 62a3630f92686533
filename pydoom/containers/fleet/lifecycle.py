"""The life cycle of a container's monster, as one table.

Each row of `LIFE` says: in this phase, on this trigger, the container moves to the next phase, with these effects.
A trigger without a row changes nothing. A container begins and ends as UNKNOWN, which means that the roster does not
list it. `fleet.Fleet` recognises the triggers and carries out the effects; `level.stage` moves the monsters.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, Flag, auto
from typing import Final


class Phase(Enum):
    """What has become of a container and its monster."""

    UNKNOWN = auto()
    """The roster does not list it."""
    WAITING = auto()
    """It has no monster in this level yet."""
    ALIVE = auto()
    """Its monster is in the level."""
    DYING = auto()
    """Killed; the bridge has the order, and has not yet said that the container is gone."""
    SUFFERING = auto()
    """Under a fault that can be undone (paused, disconnected, ...): its monster stands still."""
    RISING = auto()
    """The container lives on: the corpse rises as soon as there is room."""
    LEAVING = auto()
    """The container went away by itself; its monster leaves without a corpse at the next tic."""
    GONE = auto()
    """The container is gone; its monster's corpse lies around."""


STANDING: Final = frozenset({Phase.ALIVE, Phase.SUFFERING})
"""Phases in which its monster stands in the level."""
LIVING: Final = STANDING | {Phase.WAITING, Phase.RISING}
"""Phases in which it exists and no kill is in progress."""
EXISTING: Final = LIVING | {Phase.DYING}
"""Phases in which the container exists, as far as the bridge has said."""


class Trigger(Enum):
    """What happens to a container."""

    # the bridge's list and events
    LISTED = auto()
    """It is in the first list."""
    APPEARED = auto()
    """It has appeared."""
    REMADE = auto()
    """It has appeared under the name of one that was killed and whose corpse lies around."""
    FAULT_BEGAN = auto()
    """It changed, and suffers from a fault."""
    FAULT_ENDED = auto()
    """It changed, and no longer suffers from any."""
    RESTARTED = auto()
    """It changed, is running, and its count of restarts has grown."""
    REMOVED = auto()
    """It is gone."""
    # the bridge's answers to a kill
    KILL_DONE = auto()
    """Done; the `removed` event comes before or after this."""
    KILL_LASTS = auto()
    """Done, and the container stays listed: it is paused, disconnected, throttled or squeezed."""
    KILL_RESTARTED = auto()
    KILL_REHEARSED = auto()
    """Nothing was done: a dry run."""
    KILL_REFUSED = auto()
    OVERDUE = auto()
    """Too long after the kill, or in the first list after the connection was lost, it is still listed."""
    # the level
    PLACED = auto()
    """Its monster stands in the level: spawned, or read from a saved game."""
    CORPSE_LOADED = auto()
    """A saved game has its monster's corpse."""
    KILLED = auto()
    """Its monster was killed."""
    STOOD_UP = auto()
    NO_ROOM = auto()
    """For too long there was no room to stand up."""
    CORPSE_LOST = auto()
    """The corpse was removed."""
    LEFT = auto()
    """Its monster has left."""
    LEVEL_ENDED = auto()


class Effect(Flag):
    """What a step does besides moving to the next phase."""

    NONE = 0
    ORDER = auto()
    """Send the kill to the bridge."""
    SAY = auto()
    """Tell the player: NAME and the row's words, or the trigger's reason."""
    MENTION = auto()
    """The same, but only if no other message waits."""
    RECORD = auto()
    """Tell the player, with the weapon, and add it to the kill feed and the level's tally."""
    COUNT = auto()
    """Count a comeback."""
    FLICKER = auto()
    """Its monster flickers for a while."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: from `phase` by `trigger` to `next`. A step to the same phase restarts its clock; None does not."""

    phase: Phase
    trigger: Trigger
    next: Phase | None
    effect: Effect = Effect.NONE
    words: str = ""


DRY_RUN: Final = "lives: dry run"
"""The outcome of a kill in a dry run."""

_P, _T, _E = Phase, Trigger, Effect

LIFE: Final = (
    # phase, trigger, next phase, effects, words
    Transition(_P.UNKNOWN, _T.LISTED, _P.WAITING),
    Transition(_P.UNKNOWN, _T.APPEARED, _P.WAITING, _E.MENTION, "appears"),
    Transition(_P.UNKNOWN, _T.REMADE, _P.RISING, _E.SAY | _E.COUNT, "has come back"),
    #
    Transition(_P.WAITING, _T.PLACED, _P.ALIVE),
    Transition(_P.WAITING, _T.CORPSE_LOADED, _P.RISING),
    Transition(_P.WAITING, _T.RESTARTED, None, _E.MENTION, "was restarted"),
    Transition(_P.WAITING, _T.REMOVED, _P.UNKNOWN),
    #
    Transition(_P.ALIVE, _T.KILLED, _P.DYING, _E.ORDER),
    Transition(_P.ALIVE, _T.FAULT_BEGAN, _P.SUFFERING, _E.MENTION),
    Transition(_P.ALIVE, _T.RESTARTED, None, _E.MENTION | _E.FLICKER, "was restarted"),
    Transition(_P.ALIVE, _T.REMOVED, _P.LEAVING, _E.MENTION, "has left"),
    Transition(_P.ALIVE, _T.LEVEL_ENDED, _P.WAITING),
    #
    Transition(_P.DYING, _T.KILL_DONE, _P.DYING),
    Transition(_P.DYING, _T.REMOVED, _P.GONE, _E.RECORD),
    Transition(_P.DYING, _T.KILL_LASTS, _P.RISING, _E.RECORD),
    Transition(_P.DYING, _T.KILL_RESTARTED, _P.RISING, _E.RECORD | _E.COUNT | _E.FLICKER, "is restarted"),
    Transition(_P.DYING, _T.RESTARTED, _P.RISING, _E.RECORD | _E.COUNT | _E.FLICKER, "is restarted"),
    Transition(_P.DYING, _T.KILL_REHEARSED, _P.RISING, _E.RECORD, DRY_RUN),
    Transition(_P.DYING, _T.KILL_REFUSED, _P.RISING, _E.SAY),
    Transition(_P.DYING, _T.OVERDUE, _P.RISING, _E.SAY, "is still there"),
    #
    Transition(_P.SUFFERING, _T.FAULT_ENDED, _P.ALIVE, _E.SAY),
    Transition(_P.SUFFERING, _T.KILLED, _P.DYING, _E.ORDER),
    Transition(_P.SUFFERING, _T.RESTARTED, None, _E.MENTION | _E.FLICKER, "was restarted"),
    Transition(_P.SUFFERING, _T.REMOVED, _P.LEAVING, _E.MENTION, "has left"),
    Transition(_P.SUFFERING, _T.LEVEL_ENDED, _P.WAITING),
    #
    Transition(_P.RISING, _T.STOOD_UP, _P.ALIVE),
    Transition(_P.RISING, _T.NO_ROOM, _P.WAITING),
    Transition(_P.RISING, _T.CORPSE_LOST, _P.WAITING),
    Transition(_P.RISING, _T.KILLED, _P.DYING, _E.ORDER),  # an arch-vile was quicker
    Transition(_P.RISING, _T.RESTARTED, None, _E.MENTION, "was restarted"),
    Transition(_P.RISING, _T.REMOVED, _P.GONE),
    Transition(_P.RISING, _T.LEVEL_ENDED, _P.WAITING),
    #
    Transition(_P.LEAVING, _T.APPEARED, _P.ALIVE),
    Transition(_P.LEAVING, _T.LEFT, _P.UNKNOWN),
    Transition(_P.LEAVING, _T.RESTARTED, None, _E.MENTION, "was restarted"),
    Transition(_P.LEAVING, _T.LEVEL_ENDED, _P.UNKNOWN),
    #
    Transition(_P.GONE, _T.APPEARED, _P.RISING, _E.SAY | _E.COUNT, "has come back"),
    Transition(_P.GONE, _T.RESTARTED, None, _E.MENTION, "was restarted"),
    Transition(_P.GONE, _T.CORPSE_LOST, _P.UNKNOWN),
    Transition(_P.GONE, _T.LEVEL_ENDED, _P.UNKNOWN),
)

WITHOUT_MONSTER: Final = {Phase.RISING: Phase.WAITING, Phase.LEAVING: Phase.UNKNOWN, Phase.GONE: Phase.UNKNOWN}
"""The next phase instead, when the container has no monster here because the level with its corpse is over."""
UNDER_FAULT: Final = {Phase.ALIVE: Phase.SUFFERING}
"""The next phase instead, when the container suffers from a fault."""

_STEPS: Final = {(step.phase, step.trigger): step for step in LIFE}


def step_of(phase: Phase, trigger: Trigger) -> Transition | None:
    """The row for this phase and trigger; None when nothing changes."""
    return _STEPS.get((phase, trigger))
