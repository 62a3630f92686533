"""Switch textures and the buttons that spring back (the first half of ``p_switch.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.sound_ids import SFX_SWTCHN, SFX_SWTCHX
from pydoom.sim.constants import TICRATE
from pydoom.sim.level import SoundPoint
from pydoom.sim.specials.kinds import ButtonPart
from pydoom.sim.specials.state import MAXBUTTONS, Button

if TYPE_CHECKING:
    from pydoom.sim.level import Line
    from pydoom.sim.world import World

BUTTON_TIME: Final = TICRATE
"""Tics until a button springs back."""
EXIT_SWITCH: Final = 11


def new_buttons() -> list[Button]:
    """All buttons free. The original clicks from next to the map's origin when a button springs back."""
    return [Button(SoundPoint(0, 0)) for _ in range(MAXBUTTONS)]


def change_switch_texture(world: World, line: Line, use_again: bool) -> None:
    """Flip the first switch texture found on the front of `line` (``P_ChangeSwitchTexture``).

    The search goes by the switch list's order, not by the part of the wall. A line that works once loses its special
    here, and since that happens before the sound is chosen, the exit switch clicks like any other. The click comes
    from the first button slot's sector, whichever switch it is, or from everywhere while that slot is free.
    """
    if not use_again:
        line.special = 0
    sound = SFX_SWTCHX if line.special == EXIT_SWITCH else SFX_SWTCHN
    side = world.sides[line.sidenum[0]]
    switches = world.specials.switches
    found: tuple[int, int, ButtonPart, int] | None = None
    for part, texture in (
        (ButtonPart.TOP, side.toptexture),
        (ButtonPart.MIDDLE, side.midtexture),
        (ButtonPart.BOTTOM, side.bottomtexture),
    ):
        entry = switches.get(texture)
        if entry is not None and (found is None or entry[0] < found[0]):
            found = (*entry, part, texture)
    if found is None:
        return
    _, opposite, part, texture = found
    world.sounds.start(world.specials.buttons[0].origin, sound)
    set_texture(world, line, part, opposite)
    if use_again:
        _start_button(world, line, part, texture)


def set_texture(world: World, line: Line, part: ButtonPart, texture: int) -> None:
    """Put a texture number on one part of the front side of `line`."""
    side = world.sides[line.sidenum[0]]
    if part == ButtonPart.TOP:
        side.toptexture = texture
    elif part == ButtonPart.MIDDLE:
        side.midtexture = texture
    else:
        side.bottomtexture = texture


def _start_button(world: World, line: Line, part: ButtonPart, texture: int) -> None:
    """Schedule `texture` to show again after a second (``P_StartButton``), unless the line has a button running.

    A 17th running button stops the original with an error; here there is a slot for it.
    """
    buttons = world.specials.buttons
    if any(button.timer and button.line is line for button in buttons):
        return
    button = next((button for button in buttons if not button.timer), None)
    if button is None:
        button = Button(SoundPoint(0, 0))
        buttons.append(button)
    button.line = line
    button.part = part
    button.texture = texture
    button.timer = BUTTON_TIME
    button.origin = line.frontsector.soundorg
