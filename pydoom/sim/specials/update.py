"""What happens in a level by itself: specials at its start, animations, scrolling walls, buttons, the level timer.

``P_SpawnSpecials``, ``P_UpdateSpecials`` and ``P_InitPicAnims`` of ``p_spec.c``, ``P_InitSwitchList`` of
``p_switch.c``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.sound_ids import SFX_SWTCHN
from pydoom.sim import rules
from pydoom.sim.constants import TICRATE
from pydoom.sim.fixed import FRACUNIT, to_int32
from pydoom.sim.specials import doors, lights, sectors, switches
from pydoom.sim.specials.state import MAXCEILINGS, MAXPLATS, Animation

if TYPE_CHECKING:
    from pydoom.sim.level import Sector
    from pydoom.sim.world import World

SCROLL_LEFT: Final = 48
"""Line special: the front side's textures move one pixel a tic."""

_SWITCH_SETS: Final = {
    rules.GameMode.SHAREWARE: 1,
    rules.GameMode.REGISTERED: 2,
    rules.GameMode.RETAIL: 2,
    rules.GameMode.COMMERCIAL: 3,
}


def init_pic_anims(world: World) -> None:
    """Find the animated textures and flats of the WAD, and start with each showing itself (``P_InitPicAnims``).

    Called once a WAD is known. A run that ends before it starts stops the original with an error; here it does nothing.
    """
    catalog = world.catalog
    world.texturetranslation = list(range(len(catalog.texture_heights)))
    world.flattranslation = list(range(len(catalog.flat_names)))
    animations = []
    for entry in world.info.animations:
        number = catalog.texture_number if entry.is_texture else catalog.flat_number
        first, last = number(world.info.text(entry.first)), number(world.info.text(entry.last))
        if first != -1 and last > first:
            animations.append(Animation(entry.is_texture, first, last - first + 1, entry.speed))
    world.specials.animations = animations


def init_switch_list(world: World) -> None:
    """Find the numbers of the switch textures (``P_InitSwitchList``). Called once a WAD is known.

    A texture found twice counts where it stands first. Switches whose textures the WAD lacks stop the original with
    an error; here they are left out.
    """
    catalog = world.catalog
    text = world.info.text
    table: dict[int, tuple[int, int]] = {}
    place = 0
    for entry in world.info.switches:
        if entry.episode > _SWITCH_SETS[world.mode]:
            continue
        off, on = catalog.texture_number(text(entry.off)), catalog.texture_number(text(entry.on))
        if off != -1 and on != -1:
            table.setdefault(off, (place, on))
            table.setdefault(on, (place + 1, off))
        place += 2
    world.specials.switches = table


def spawn_specials(world: World) -> None:
    """Start everything that the sectors and lines of a new level ask for (``P_SpawnSpecials``).

    The original refuses levels with more than 64 scrolling walls; here all of them scroll.
    """
    specials = world.specials
    limited = world.timelimit > 0 and world.deathmatch != 0
    specials.leveltimer = world.timelimit * 60 * TICRATE if limited else None
    for sector in world.sectors:
        if sector.special:
            _spawn_sector_special(world, sector)
    specials.scrollers = [line for line in world.lines if line.special == SCROLL_LEFT]
    specials.activeceilings = [None] * MAXCEILINGS
    specials.activeplats = [None] * MAXPLATS
    specials.buttons = switches.new_buttons()
    for animation in specials.animations:
        animation.phase = -1


def _spawn_sector_special(world: World, sector: Sector) -> None:
    special = sector.special
    if special == 1:
        lights.spawn_light_flash(world, sector)
    elif special == 2:
        lights.spawn_strobe_flash(world, sector, lights.FAST_DARK, in_sync=False)
    elif special == 3:
        lights.spawn_strobe_flash(world, sector, lights.SLOW_DARK, in_sync=False)
    elif special == sectors.STROBE_HURT:
        lights.spawn_strobe_flash(world, sector, lights.FAST_DARK, in_sync=False)
        sector.special = sectors.STROBE_HURT  # goes on hurting
    elif special == 8:
        lights.spawn_glowing_light(world, sector)
    elif special == sectors.SECRET:
        world.totalsecret += 1
    elif special == 10:
        doors.spawn_door_close_in_30(world, sector)
    elif special == 12:
        lights.spawn_strobe_flash(world, sector, lights.SLOW_DARK, in_sync=True)
    elif special == 13:
        lights.spawn_strobe_flash(world, sector, lights.FAST_DARK, in_sync=True)
    elif special == 14:
        doors.spawn_door_raise_in_5_mins(world, sector)
    elif special == 17 and world.version > rules.GameVersion.DOOM_1_2:
        lights.spawn_fire_flicker(world, sector)


def update_specials(world: World) -> None:
    """Run one tic of everything that is not a thinker (``P_UpdateSpecials``)."""
    specials = world.specials
    if specials.leveltimer is not None:
        specials.leveltimer -= 1
        if not specials.leveltimer:
            world.exit = rules.Exit.NORMAL
    leveltime = world.leveltime
    for animation in specials.animations:
        # the original fills in its tables anew each tic; they change only when the phase does
        phase = leveltime // animation.speed
        if phase != animation.phase:
            animation.phase = phase
            _show(world, animation)
    sides = world.sides
    for line in specials.scrollers:
        if line.special == SCROLL_LEFT:
            side = sides[line.sidenum[0]]
            side.textureoffset = to_int32(side.textureoffset + FRACUNIT)
    for button in specials.buttons:
        if button.timer:
            button.timer -= 1
            if not button.timer and button.line is not None:
                switches.set_texture(world, button.line, button.part, button.texture)
                world.sounds.start(button.spring_origin, SFX_SWTCHN)
                button.release()


def _show(world: World, animation: Animation) -> None:
    """Enter what each texture or flat of an animation shows in its current phase into the translation table."""
    table = world.texturetranslation if animation.is_texture else world.flattranslation
    basepic, numpics = animation.basepic, animation.numpics
    for pic in range(basepic, basepic + numpics):
        # counted from the texture's or flat's own number, so that the run starts anywhere in its cycle
        table[pic] = basepic + (animation.phase + pic) % numpics
