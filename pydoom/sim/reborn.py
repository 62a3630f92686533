"""How players enter the level and respawn (``p_mobj.c``, ``g_game.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.flags import MF_SHADOW, MF_TRANSSHIFT
from pydoom.data.info import AM_CLIP, WP_FIST, WP_PISTOL
from pydoom.data.mobj_ids import MT_PLAYER, MT_TFOG
from pydoom.data.sound_ids import SFX_TELEPT
from pydoom.data.tables import FINECOSINE, FINESINE, FINETANGENT, TANTOANGLE
from pydoom.sim import collision, spawning, states, weapons
from pydoom.sim.constants import ONFLOORZ, VIEWHEIGHT
from pydoom.sim.errors import LevelError
from pydoom.sim.fixed import c_div, to_int32
from pydoom.sim.geometry import point_in_subsector
from pydoom.sim.level import MapThing
from pydoom.sim.player import MAXPLAYERS, NUMCARDS, NUMPOWERS, PST_LIVE, PST_REBORN

if TYPE_CHECKING:
    from pydoom.sim.world import World

BODY_QUEUE_SIZE: Final = 32
"""Players' corpses that remain in a netgame."""
MIN_DEATHMATCH_STARTS: Final = 4
DEATHMATCH_TRIES: Final = 20
FOG_DISTANCE: Final = 20
"""Map units that the fog of a returning player appears in front of the start."""

_NOWHERE: Final = MapThing(0, 0, 0, 0, 0)


def player_reborn(world: World, number: int) -> None:
    """``G_PlayerReborn``: everything a player has is lost, except frags and counts."""
    player = world.players[number]
    frags, kills, items, secrets = player.frags, player.killcount, player.itemcount, player.secretcount
    player.clear()
    player.frags, player.killcount, player.itemcount, player.secretcount = frags, kills, items, secrets
    player.usedown = player.attackdown = True  # keys still held do nothing
    player.playerstate = PST_LIVE
    player.health = world.info.misc.initial_health
    player.readyweapon = player.pendingweapon = WP_PISTOL
    player.weaponowned[WP_FIST] = True
    player.weaponowned[WP_PISTOL] = True
    player.ammo[AM_CLIP] = world.info.misc.initial_bullets
    player.maxammo = list(world.info.maxammo)


def player_finish_level(world: World, number: int) -> None:
    """``G_PlayerFinishLevel``: take away what does not carry over to the next level."""
    player = world.players[number]
    player.powers = [0] * NUMPOWERS
    player.cards = [False] * NUMCARDS
    player.mo.flags &= ~MF_SHADOW
    player.extralight = 0
    player.fixedcolormap = 0
    player.damagecount = 0
    player.bonuscount = 0


def spawn_player(world: World, mapthing: MapThing) -> None:
    """``P_SpawnPlayer``: put the player whose start this is into the level; nothing when nobody plays that one."""
    number = mapthing.type - 1
    if number < 0 or not world.playeringame[number]:
        return
    player = world.players[number]
    if player.playerstate == PST_REBORN:
        player_reborn(world, number)

    body = spawning.spawn_mobj(world, mapthing.x << 16, mapthing.y << 16, ONFLOORZ, MT_PLAYER)
    body.flags |= number << MF_TRANSSHIFT
    body.angle = spawning.map_thing_angle(mapthing.angle)
    body.player = player
    body.health = player.health

    player.mo = body
    player.playerstate = PST_LIVE
    player.refire = 0
    player.message = None
    player.damagecount = 0
    player.bonuscount = 0
    player.extralight = 0
    player.fixedcolormap = 0
    player.viewheight = VIEWHEIGHT
    weapons.setup_psprites(world, player)
    if world.deathmatch:
        player.cards = [True] * NUMCARDS
    if number == world.consoleplayer and world.hooks is not None:
        world.hooks.player_spawned(world)


def check_spot(world: World, number: int, mapthing: MapThing) -> bool:
    """``G_CheckSpot``: whether player `number` can appear at a start; if so, the old body goes to the queue.

    Raises LevelError for a start with an angle that the original has no fog position for.
    """
    player = world.players[number]
    x = mapthing.x << 16
    y = mapthing.y << 16
    # mo is None until the player has been spawned once on this level
    if not player.has_body:
        others = (world.players[other] for other in range(number))
        return not any(other.has_body and other.mo.x == x and other.mo.y == y for other in others)

    if not collision.check_position(world, player.mo, x, y):
        return False
    queue = world.bodyqueue
    if len(queue) >= BODY_QUEUE_SIZE:
        states.remove_mobj(world, queue.pop(0))
    queue.append(player.mo)

    fog_x, fog_y = _fog_direction(mapthing.angle)
    floor = point_in_subsector(world, x, y).sector.floorheight
    # the sines read from before the tables are so large that the coordinates wrap
    fog_x = to_int32(x + FOG_DISTANCE * fog_x)
    fog_y = to_int32(y + FOG_DISTANCE * fog_y)
    fog = spawning.spawn_mobj(world, fog_x, fog_y, floor, MT_TFOG)
    if world.players[world.consoleplayer].viewz != 1:  # not in the level's first frame
        world.sounds.start(fog, SFX_TELEPT)
    return True


def _fog_direction(degrees: int) -> tuple[int, int]:
    """The (cosine, sine) that the original uses for a start's angle.

    It indexes its tables with a negative number for angles from 180 degrees on and reads what lies before them:
    players who look west appear without a visible fog.
    """
    fine = 1024 * c_div(degrees, 45)
    if 0 <= fine < 4096:
        return FINECOSINE[fine], FINESINE[fine]
    before_the_tables = {
        4096: (FINETANGENT[2048], FINETANGENT[0]),
        5120: (FINETANGENT[3072], FINETANGENT[1024]),
        6144: (FINESINE[0], FINETANGENT[2048]),
        7168: (FINESINE[1024], FINETANGENT[3072]),
        8192: (TANTOANGLE[0], FINESINE[8192]),
    }
    if fine not in before_the_tables:
        raise LevelError(f"a player start looks at {degrees} degrees")
    return before_the_tables[fine]


def deathmatch_spawn_player(world: World, number: int) -> None:
    """``G_DeathMatchSpawnPlayer``: spawn a player at a random free deathmatch start."""
    starts = world.deathmatchstarts
    if len(starts) < MIN_DEATHMATCH_STARTS:
        raise LevelError(f"only {len(starts)} deathmatch starts, {MIN_DEATHMATCH_STARTS} required")
    for _ in range(DEATHMATCH_TRIES):
        start = starts[world.random.p_random() % len(starts)]
        if check_spot(world, number, start):
            start.type = number + 1
            spawn_player(world, start)
            return
    # all taken: the player will probably get stuck in somebody
    spawn_player(world, world.playerstarts[number] or _NOWHERE)


def reborn_in_netgame(world: World, number: int) -> None:
    """``G_DoReborn`` in netgames: bring a dead player back while the level goes on."""
    player = world.players[number]
    player.mo.player = None
    if world.deathmatch:
        deathmatch_spawn_player(world, number)
        return
    own_start = world.playerstarts[number] or _NOWHERE
    if check_spot(world, number, own_start):
        spawn_player(world, own_start)
        return
    for other in range(MAXPLAYERS):
        start = world.playerstarts[other] or _NOWHERE
        if check_spot(world, number, start):
            spawn_player(world, MapThing(start.x, start.y, start.angle, number + 1, start.options))
            return
    spawn_player(world, own_start)
