"""Which things the last frame shows."""

from __future__ import annotations

import pytest

from pydoom.data.mobj_ids import MT_SERGEANT
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.game.session import Session
from pydoom.render.arrays.things import MAXVISSPRITES
from pydoom.render.choice import make_renderer
from pydoom.sim import spawning
from pydoom.sim.constants import ONFLOORZ
from pydoom.sim.hooks import Bond
from pydoom.sim.mobj import Mobj
from pydoom.wad import Assets


@pytest.fixture
def session(assets: Assets) -> Session:
    """E1M1 without monsters; the player starts at (1056, -3616) and looks north at the pillars."""
    session = Session(assets)
    session.start(Rules(nomonsters=True), Level(1, 1))
    session.run_tic()
    return session


def put(session: Session, x: int, y: int) -> Mobj:
    return spawning.spawn_mobj(session.world, x << 16, y << 16, ONFLOORZ, MT_SERGEANT)


def seen(session: Session, assets: Assets, screenblocks: int = 10) -> list[Mobj]:
    """The answer of both renderers, which must agree."""
    answers = []
    for wanted in ("numpy", "scanline"):
        renderer = make_renderer(assets, screenblocks=screenblocks, wanted=wanted)
        renderer.draw(session.world, session.world.players[0])
        answers.append(renderer.seen_things())
    assert answers[0] == answers[1]
    return answers[0]


@pytest.mark.parametrize("screenblocks", [3, 7, 11])
def test_a_monster_in_front_is_seen_nearest_first(session: Session, assets: Assets, screenblocks: int) -> None:
    far, near = put(session, 1056, -3300), put(session, 1100, -3450)
    found = seen(session, assets, screenblocks)
    assert found.index(near) < found.index(far)


def test_a_monster_behind_the_player_is_not_seen(session: Session, assets: Assets) -> None:
    assert put(session, 1056, -3700) not in seen(session, assets)


def test_a_monster_behind_a_wall_is_not_seen(session: Session, assets: Assets) -> None:
    assert put(session, 1056, -2700) not in seen(session, assets)


def test_a_head_over_a_distant_window_sill_is_not_enough(session: Session, assets: Assets) -> None:
    assert put(session, 1656, -3016) not in seen(session, assets)


def test_things_with_bonds_are_drawn_beyond_the_limit_of_the_original(session: Session, assets: Assets) -> None:
    class Held(Bond):
        def damaged(self, target: Mobj, inflictor: Mobj | None, source: Mobj | None) -> bool:
            return True

        def killed(self, target: Mobj, inflictor: Mobj | None, source: Mobj | None) -> None:
            pass

    crowd = [put(session, 1056 + number % 20, -3400 + number // 20) for number in range(MAXVISSPRITES + 60)]
    assert sum(mobj in crowd for mobj in seen(session, assets)) <= MAXVISSPRITES
    crowd[0].bond = Held()
    assert sum(mobj in crowd for mobj in seen(session, assets)) == len(crowd)
