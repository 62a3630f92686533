"""The table of a container monster's life: every trigger in every phase."""

from __future__ import annotations

import pytest

from pydoom.containers.fleet.fleet import Fleet
from pydoom.containers.fleet.lifecycle import (
    EXISTING,
    LIFE,
    LIVING,
    STANDING,
    UNDER_FAULT,
    WITHOUT_MONSTER,
    Effect,
    Phase,
    Transition,
    Trigger,
    step_of,
)
from pydoom.containers.fleet.roster import Entry
from pydoom.containers.link.events import ContainerInfo, Kill
from pydoom.sim.mobj import Mobj
from pydoom.wad import Assets
from tests.unit.containerplay import FakeClient, Play

GRID = """
                UNKNOWN  WAITING  ALIVE      DYING  SUFFERING  RISING   LEAVING  GONE
LISTED          WAITING  .        .          .      .          .        .        .
APPEARED        WAITING  .        .          .      .          .        ALIVE    RISING
REMADE          RISING   .        .          .      .          .        .        .
FAULT_BEGAN     .        .        SUFFERING  .      .          .        .        .
FAULT_ENDED     .        .        .          .      ALIVE      .        .        .
RESTARTED       .        WAITING  ALIVE      RISING SUFFERING  RISING   LEAVING  GONE
REMOVED         .        UNKNOWN  LEAVING    GONE   LEAVING    GONE     .        .
KILL_DONE       .        .        .          DYING  .          .        .        .
KILL_LASTS      .        .        .          RISING .          .        .        .
KILL_RESTARTED  .        .        .          RISING .          .        .        .
KILL_REHEARSED  .        .        .          RISING .          .        .        .
KILL_REFUSED    .        .        .          RISING .          .        .        .
OVERDUE         .        .        .          RISING .          .        .        .
PLACED          .        ALIVE    .          .      .          .        .        .
CORPSE_LOADED   .        RISING   .          .      .          .        .        .
KILLED          .        .        DYING      .      DYING      DYING    .        .
STOOD_UP        .        .        .          .      .          ALIVE    .        .
NO_ROOM         .        .        .          .      .          WAITING  .        .
CORPSE_LOST     .        .        .          .      .          WAITING  .        UNKNOWN
LEFT            .        .        .          .      .          .        UNKNOWN  .
LEVEL_ENDED     .        .        WAITING    .      WAITING    WAITING  UNKNOWN  UNKNOWN
"""
"""Where each trigger leads from each phase; a dot where it changes nothing."""


def expected() -> dict[tuple[Phase, Trigger], Phase | None]:
    head, *rows = [line.split() for line in GRID.strip().splitlines()]
    return {
        (Phase[phase], Trigger[trigger]): None if cell == "." else Phase[cell]
        for trigger, *cells in rows
        for phase, cell in zip(head, cells, strict=True)
    }


@pytest.fixture(scope="module")
def mobj(assets: Assets) -> Mobj:
    play = Play(assets)
    (container,) = play.fleet(1)
    return play.monster(container)


class Case:
    """One container in one phase, and what a step does about it."""

    def __init__(self, phase: Phase, mobj: Mobj | None) -> None:
        self.client = FakeClient()
        self.fleet = Fleet(self.client, len, lambda text: None)
        self.entry = Entry(ContainerInfo("id", "web"), phase, mobj, tics=7, weapon="fist")
        if phase is not Phase.UNKNOWN:
            self.fleet.roster.settle(self.entry)

    @property
    def listed(self) -> bool:
        return "id" in self.fleet.roster.entries


def test_the_grid_names_every_phase_and_every_trigger() -> None:
    assert set(expected()) == {(phase, trigger) for phase in Phase for trigger in Trigger}


def test_no_two_rows_are_for_the_same_phase_and_trigger() -> None:
    assert len({(step.phase, step.trigger) for step in LIFE}) == len(LIFE)


@pytest.mark.parametrize("trigger", Trigger)
@pytest.mark.parametrize("phase", Phase)
def test_every_trigger_in_every_phase_leads_where_the_grid_says(phase: Phase, trigger: Trigger, mobj: Mobj) -> None:
    case = Case(phase, mobj)
    case.fleet.step(case.entry, trigger)
    wanted = expected()[phase, trigger]
    assert case.entry.phase is (wanted or phase)
    assert case.listed == (case.entry.phase is not Phase.UNKNOWN)
    step = step_of(phase, trigger)
    assert (step is None) == (wanted is None)
    if step is None:
        assert (case.entry.tics, case.client.orders, case.fleet.record.level) == (7, [], [])


@pytest.mark.parametrize("step", LIFE, ids=lambda step: f"{step.phase.name}-{step.trigger.name}")
def test_each_row_has_its_effects(step: Transition, mobj: Mobj) -> None:
    case = Case(step.phase, mobj)
    case.fleet.step(case.entry, step.trigger, "reason")
    assert case.entry.tics == (7 if step.next is None else 0)
    assert case.client.orders == ([Kill("id", "fist")] if Effect.ORDER in step.effect else [])
    assert case.entry.comebacks == (Effect.COUNT in step.effect)
    assert bool(case.entry.flicker_tics) == (Effect.FLICKER in step.effect)
    assert len(case.fleet.record.level) == (Effect.RECORD in step.effect)
    told = step.effect & (Effect.SAY | Effect.MENTION | Effect.RECORD)
    assert bool(told) == bool(case.fleet.messages.waiting)
    for text in case.fleet.messages.waiting:
        assert text.startswith(f"web {step.words or 'reason'}")


@pytest.mark.parametrize(
    "step", [step for step in LIFE if step.next in WITHOUT_MONSTER], ids=lambda s: f"{s.phase.name}-{s.trigger.name}"
)
def test_a_container_without_a_monster_here_needs_no_corpse(step: Transition) -> None:
    case = Case(step.phase, None)
    case.fleet.step(case.entry, step.trigger)
    assert step.next is not None
    assert case.entry.phase is WITHOUT_MONSTER[step.next]
    assert case.listed == (case.entry.phase is not Phase.UNKNOWN)


def test_every_phase_can_be_reached_and_left_for_good() -> None:
    forward, back = {Phase.UNKNOWN}, {Phase.UNKNOWN}
    for _ in Phase:
        forward |= {step.next for step in LIFE if step.phase in forward and step.next is not None}
        back |= {step.phase for step in LIFE if step.next in back}
    assert forward == back == set(Phase)


@pytest.mark.parametrize(
    "step", [step for step in LIFE if step.next in UNDER_FAULT], ids=lambda s: f"{s.phase.name}-{s.trigger.name}"
)
def test_a_container_under_a_fault_suffers_instead_of_living(step: Transition, mobj: Mobj) -> None:
    case = Case(step.phase, mobj)
    case.entry.info = ContainerInfo("id", "web", state="paused")
    case.fleet.step(case.entry, step.trigger, "reason")
    assert case.entry.phase is Phase.SUFFERING


def test_the_living_exist_and_the_gone_do_not() -> None:
    assert STANDING < LIVING < EXISTING
    assert set(Phase) - EXISTING == {Phase.UNKNOWN, Phase.LEAVING, Phase.GONE}
