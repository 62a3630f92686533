"""How monsters notice players: noise, sight and range (``P_NoiseAlert``, ``A_Look`` and the checks before attacks)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.flags import MF_AMBUSH, MF_JUSTHIT, MF_SHOOTABLE
from pydoom.data.mobj_ids import MT_CYBORG, MT_SKULL, MT_SPIDER, MT_UNDEAD, MT_VILE
from pydoom.data.sound_ids import SFX_BGSIT1, SFX_BGSIT2, SFX_POSIT1, SFX_POSIT2, SFX_POSIT3
from pydoom.data.tables import ANG90, ANG270, ANGLE_MASK
from pydoom.sim import sight, states
from pydoom.sim.constants import MELEERANGE, THINKERS_PER_WORK
from pydoom.sim.fixed import FRACBITS, FRACUNIT, to_int32
from pydoom.sim.geometry import approx_distance, point_to_angle
from pydoom.sim.level import ML_SOUNDBLOCK, ML_TWOSIDED
from pydoom.sim.openings import leave_opening
from pydoom.sim.player import MAXPLAYERS
from pydoom.sim.rules import GameVersion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydoom.sim.level import Line, Sector
    from pydoom.sim.mobj import Mobj
    from pydoom.sim.world import World

_LOOKS_AT_MOST: Final = 3 * MAXPLAYERS
"""Three rounds over the players end every search: the third player looked at ends it."""

_HUMAN_SIGHT_SOUNDS: Final = frozenset((SFX_POSIT1, SFX_POSIT2, SFX_POSIT3))
_IMP_SIGHT_SOUNDS: Final = frozenset((SFX_BGSIT1, SFX_BGSIT2))


def noise_alert(world: World, target: Mobj, emitter: Mobj) -> None:
    """``P_NoiseAlert``: the monsters of all sectors that hear `emitter` get to know `target`.

    Sound passes open two-sided lines, and at most one line that blocks sound. The order is the original's recursion,
    kept on a stack, because the last opening looked at is left behind for lines that lack a back side (`openings`).
    """
    world.validcount += 1
    validcount = world.validcount
    last: Line | None = None
    start = emitter.subsector.sector
    _hear(start, validcount, 0, target)
    looked_at = len(start.lines)
    stack: list[tuple[Sector, int, Iterator[Line]]] = [(start, 0, iter(start.lines))]
    while stack:
        sector, soundblocks, lines = stack[-1]
        for line in lines:
            back = line.backsector
            if back is None or not line.flags & ML_TWOSIDED:
                continue
            last = line
            front = line.frontsector
            top = min(front.ceilingheight, back.ceilingheight)
            bottom = max(front.floorheight, back.floorheight)
            if to_int32(top - bottom) <= 0:
                continue
            blocks = soundblocks
            if line.flags & ML_SOUNDBLOCK:
                if soundblocks:
                    continue
                blocks = 1
            other = back if front is sector else front
            if other.validcount == validcount and other.soundtraversed <= blocks + 1:
                continue
            _hear(other, validcount, blocks, target)
            looked_at += len(other.lines)
            stack.append((other, blocks, iter(other.lines)))
            break
        else:
            stack.pop()
    world.work += looked_at // THINKERS_PER_WORK  # looking at a line costs about as much as at a thinker
    if last is not None:
        leave_opening(world, last)


def _hear(sector: Sector, validcount: int, soundblocks: int, target: Mobj | None) -> None:
    sector.validcount = validcount
    sector.soundtraversed = soundblocks + 1
    sector.soundtarget = target


def check_melee_range(world: World, actor: Mobj) -> bool:
    """``P_CheckMeleeRange``: whether the target is in sight and near enough to bite; DOOM 1.2 ignores its radius."""
    target = actor.target
    if target is None:
        return False
    reach = MELEERANGE
    if world.version >= GameVersion.DOOM_1_5:
        reach += target.info.radius - 20 * FRACUNIT
    if approx_distance(target.x - actor.x, target.y - actor.y) >= reach:
        return False
    return sight.check_sight(world, actor, target)


def check_missile_range(world: World, actor: Mobj) -> bool:
    """``P_CheckMissileRange``: whether to shoot now; the nearer the target, the likelier. Needs a target."""
    target = actor.target
    assert target is not None
    if not sight.check_sight(world, actor, target):
        return False
    if actor.flags & MF_JUSTHIT:
        actor.flags &= ~MF_JUSTHIT  # the target just hit the actor: fight back at once
        return True
    if actor.reactiontime:
        return False

    distance = approx_distance(actor.x - target.x, actor.y - target.y) - 64 * FRACUNIT
    if not actor.info.meleestate:
        distance -= 128 * FRACUNIT  # no melee attack to come closer for
    distance = to_int32(distance) >> FRACBITS

    kind = actor.type
    if kind == MT_VILE and distance > 14 * 64:
        return False
    if kind == MT_UNDEAD:
        if distance < 196:
            return False  # near enough to use the fists
        distance >>= 1
    if kind in (MT_CYBORG, MT_SPIDER, MT_SKULL):
        distance >>= 1
    distance = min(distance, 160 if kind == MT_CYBORG else 200)
    return world.random.p_random() >= distance


def look_for_players(world: World, actor: Mobj, allaround: bool) -> bool:
    """``P_LookForPlayers``: target the next living player in sight, only in front unless `allaround`.

    Each call looks at two players at most and remembers in `lastlook` where to go on. With one player in the game
    the original looks at the same one twice; nothing can have changed, so the second look is skipped here.
    """
    playeringame = world.playeringame
    players = world.players
    look = actor.lastlook
    stop = (look - 1) & 3
    looked_at = -1
    count = 0
    for _ in range(_LOOKS_AT_MOST):
        if playeringame[look]:
            if count == 2 or look == stop:
                break
            count += 1
            player = players[look]
            if look != looked_at and player.health > 0 and sight.check_sight(world, actor, player.mo):
                if allaround or _in_front_or_close(actor, player.mo):
                    actor.lastlook = look
                    actor.target = player.mo
                    return True
            looked_at = look
        look = (look + 1) & 3
    actor.lastlook = look
    return False


def _in_front_or_close(actor: Mobj, other: Mobj) -> bool:
    angle = (point_to_angle(actor.x, actor.y, other.x, other.y) - actor.angle) & ANGLE_MASK
    if ANG90 < angle < ANG270:
        return approx_distance(other.x - actor.x, other.y - actor.y) <= MELEERANGE
    return True


def look(world: World, actor: Mobj) -> None:
    """``A_Look``: stand until a player is heard or seen, then shout and give chase."""
    actor.threshold = 0
    heard = actor.subsector.sector.soundtarget
    if heard is not None and heard.flags & MF_SHOOTABLE:
        actor.target = heard
        # those in ambush must see what they heard
        if not actor.flags & MF_AMBUSH or sight.check_sight(world, actor, heard):
            _wake_up(world, actor)
            return
    if look_for_players(world, actor, False):
        _wake_up(world, actor)


def _wake_up(world: World, actor: Mobj) -> None:
    sound = actor.info.seesound
    if sound:
        if sound in _HUMAN_SIGHT_SOUNDS:
            sound = SFX_POSIT1 + world.random.p_random() % 3
        elif sound in _IMP_SIGHT_SOUNDS:
            sound = SFX_BGSIT1 + world.random.p_random() % 2
        # the two bosses are heard everywhere
        world.sounds.start(None if actor.type in (MT_SPIDER, MT_CYBORG) else actor, sound)
    states.set_mobj_state(world, actor, actor.info.seestate)
