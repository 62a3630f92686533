"""The automap (``am_map.c``): following, panning, zooming, grid, marks, and the cheat that shows everything.

Which lines the player has seen (ML_MAPPED) is recorded by the renderer. Map coordinates are 16.16; the window on the
map is its lower left corner and its size. Sums and differences of coordinates wrap at 32 bits as the original's do: on
a level wider than 32,767 units the map is as useless as the original's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from pydoom.data import strings
from pydoom.game import events as ev
from pydoom.game.cheats import CheatSequence, sequence
from pydoom.game.events import Event, KeyEvent
from pydoom.screens.automap_lines import MAP_HEIGHT, MAP_WIDTH
from pydoom.screens.automap_picture import MapWindow, draw_map
from pydoom.screens.video import Frame, PictureSource, draw_patch
from pydoom.sim.fixed import FRACUNIT, MAXINT, c_div, fixed_div, fixed_mul, to_int32
from pydoom.sim.player import Player
from pydoom.sim.rules import GameVersion
from pydoom.sim.world import World

if TYPE_CHECKING:
    from pydoom.game.control import GameControl

MARKS: Final = 10
_PAN_PX: Final = 4
_ZOOM_IN: Final = int(1.02 * FRACUNIT)
_ZOOM_OUT: Final = int(FRACUNIT / 1.02)
_FIRST_SCALE: Final = int(0.7 * FRACUNIT)
_PLAYERRADIUS: Final = 16 * FRACUNIT
_MARK_WIDTH: Final = 5
_MARK_HEIGHT: Final = 6
_MARK_MESSAGE_LENGTH: Final = 19
"""Most characters that fit into the original's buffer."""
_CROSSHAIR_COLOUR: Final = 6 * 16
_KEY_MAXZOOM: Final = ord("0")
_KEY_FOLLOW: Final = ord("f")
_KEY_GRID: Final = ord("g")
_KEY_MARK: Final = ord("m")
_KEY_CLEAR_MARKS: Final = ord("c")
_PAN_KEYS: Final = {
    ev.KEY_RIGHTARROW: (1, 0),
    ev.KEY_LEFTARROW: (-1, 0),
    ev.KEY_UPARROW: (0, 1),
    ev.KEY_DOWNARROW: (0, -1),
}


class EnteredListener(Protocol):
    """Wants to know when the map opens: the status bar."""

    def automap_entered(self) -> None:
        """Note that the map now covers the view."""


class Automap(MapWindow):
    """The map of the level being played. `active` while it covers the view."""

    def __init__(self, pictures: PictureSource, statusbar: EnteredListener) -> None:
        self.active = False
        self.cheating = 0
        """0 what was seen, 1 all lines, 2 all lines and things."""
        self.grid = False
        self.follow = True
        self.marks: list[tuple[int, int] | None] = [None] * MARKS
        self.scale = int(0.2 * FRACUNIT)
        """16.16 pixels a map unit."""
        self.x = self.y = 0
        """Lower left corner of the window."""
        self.width = self.height = 0
        self._statusbar = statusbar
        self._numbers = [pictures.patch(f"AMMNUM{number}") for number in range(MARKS)]
        self._game: GameControl | None = None
        self._iddt = CheatSequence("iddt")
        self._level: tuple[int, int] | None = None
        self._next_mark = 0
        self._inverse_scale = fixed_div(FRACUNIT, self.scale)
        self._zoom = FRACUNIT
        self._pan_x = self._pan_y = 0
        self._big = False
        self._followed: tuple[int, int] | None = None
        self._saved = (0, 0, 0, 0)
        self._bounds = (0, 0, 0, 0)  # min x, min y, max x, max y of the level
        self._min_scale = self._max_scale = FRACUNIT

    # -- what the game calls

    def start(self, game: GameControl) -> None:
        """Begin a level: the map stays as it is."""
        if self._game is not game:
            self._game = game
            self._iddt = sequence(game.world.info, "map cheat")

    def ticker(self, game: GameControl) -> None:
        """Run for one tic (``AM_Ticker``)."""
        self._game = game
        if not self.active:
            return
        player = self._player(game.world)
        if self.follow:
            self._follow_player(player)
        if self._zoom != FRACUNIT:
            self._change_scale(fixed_mul(self.scale, self._zoom))
        if self._pan_x or self._pan_y:
            self._pan()

    def stop(self) -> None:
        """Close the map (``AM_Stop``)."""
        self.active = False

    def responder(self, event: Event) -> bool:
        """``AM_Responder``: True when the event is consumed."""
        game = self._game
        if game is None or not isinstance(event, KeyEvent):
            return False
        if not self.active:
            if not event.down or event.key != ev.KEY_TAB:
                return False
            self._open(game)
            game.show_view(False)
            return True
        if not event.down:
            self._release(event.key)
            return False
        consumed = self._press(game, event.key)
        may_cheat = not game.world.deathmatch or game.world.version <= GameVersion.DOOM_1_8
        if may_cheat and self._iddt.check(event.letter):
            self.cheating = (self.cheating + 1) % 3
            return False
        return consumed

    # -- keys

    def _press(self, game: GameControl, key: int) -> bool:
        if key in _PAN_KEYS:
            if self.follow:
                return False
            dx, dy = _PAN_KEYS[key]
            if dx:
                self._pan_x = dx * self._map_distance(_PAN_PX)
            else:
                self._pan_y = dy * self._map_distance(_PAN_PX)
        elif key == ev.KEY_MINUS:
            self._zoom = _ZOOM_OUT
        elif key == ev.KEY_EQUALS:
            self._zoom = _ZOOM_IN
        elif key == ev.KEY_TAB:
            self._big = False
            game.show_view(True)
            self.stop()
        elif key == _KEY_MAXZOOM:
            self._toggle_whole_map(game.world)
        elif key == _KEY_FOLLOW:
            self.follow = not self.follow
            self._followed = None
            self._say(game, strings.AMSTR_FOLLOWON if self.follow else strings.AMSTR_FOLLOWOFF)
        elif key == _KEY_GRID:
            self.grid = not self.grid
            self._say(game, strings.AMSTR_GRIDON if self.grid else strings.AMSTR_GRIDOFF)
        elif key == _KEY_MARK:
            text = game.world.info.text(strings.AMSTR_MARKEDSPOT)
            self._player(game.world).message = f"{text} {self._next_mark}"[:_MARK_MESSAGE_LENGTH]
            self.marks[self._next_mark] = self._middle()
            self._next_mark = (self._next_mark + 1) % MARKS
        elif key == _KEY_CLEAR_MARKS:
            self._clear_marks()
            self._say(game, strings.AMSTR_MARKSCLEARED)
        else:
            return False
        return True

    def _release(self, key: int) -> None:
        if key in (ev.KEY_RIGHTARROW, ev.KEY_LEFTARROW):
            if not self.follow:
                self._pan_x = 0
        elif key in (ev.KEY_UPARROW, ev.KEY_DOWNARROW):
            if not self.follow:
                self._pan_y = 0
        elif key in (ev.KEY_MINUS, ev.KEY_EQUALS):
            self._zoom = FRACUNIT

    def _say(self, game: GameControl, text: str) -> None:
        self._player(game.world).message = game.world.info.text(text)

    # -- the window on the map

    def _map_distance(self, pixels: int) -> int:
        """A distance on the map, 16.16, from one in the frame (``FTOM``)."""
        return fixed_mul(pixels << 16, self._inverse_scale)

    def pixel(self, x: int, y: int) -> tuple[int, int]:
        """Where a place of the level is on the map's part of the screen, or beside it (CXMTOF, CYMTOF)."""
        column = fixed_mul(to_int32(x - self.x), self.scale) >> 16
        row = fixed_mul(to_int32(y - self.y), self.scale) >> 16
        return column, MAP_HEIGHT - row

    def _middle(self) -> tuple[int, int]:
        return to_int32(self.x + c_div(self.width, 2)), to_int32(self.y + c_div(self.height, 2))

    def _centre_on(self, x: int, y: int) -> None:
        self.x, self.y = to_int32(x - c_div(self.width, 2)), to_int32(y - c_div(self.height, 2))

    def _player(self, world: World) -> Player:
        if world.playeringame[world.consoleplayer]:
            return world.players[world.consoleplayer]
        return next((p for p in world.players if world.playeringame[p.number]), world.players[0])

    def _open(self, game: GameControl) -> None:
        """``AM_Start``."""
        world = game.world
        level = (world.episode, world.map)
        if self._level != level:
            self._level = level
            self._clear_marks()
            self._measure(world)
        self.active = True
        self._followed = None
        self._pan_x = self._pan_y = 0
        self._zoom = FRACUNIT
        self.width = self._map_distance(MAP_WIDTH)
        self.height = self._map_distance(MAP_HEIGHT)
        mobj = self._player(world).mo
        self._centre_on(mobj.x, mobj.y)
        self._pan()
        self._saved = (self.x, self.y, self.width, self.height)
        self._statusbar.automap_entered()

    def _clear_marks(self) -> None:
        self.marks = [None] * MARKS
        self._next_mark = 0

    def _measure(self, world: World) -> None:
        """``AM_findMinMaxBoundaries`` and the initial scale (``AM_LevelInit``)."""
        min_x, max_x = _extent([vertex.x for vertex in world.vertexes])
        min_y, max_y = _extent([vertex.y for vertex in world.vertexes])
        self._bounds = (min_x, min_y, max_x, max_y)
        horizontal = fixed_div(MAP_WIDTH << 16, to_int32(max_x - min_x))
        vertical = fixed_div(MAP_HEIGHT << 16, to_int32(max_y - min_y))
        self._min_scale = min(horizontal, vertical)
        self._max_scale = fixed_div(MAP_HEIGHT << 16, 2 * _PLAYERRADIUS)
        scale = fixed_div(self._min_scale, _FIRST_SCALE)
        self._set_scale(self._min_scale if scale > self._max_scale else scale)

    def _set_scale(self, scale: int) -> None:
        self.scale = scale
        self._inverse_scale = fixed_div(FRACUNIT, scale)

    def _change_scale(self, scale: int) -> None:
        """Zoom around the middle of the window, within limits (``AM_changeWindowScale``, ``AM_activateNewScale``)."""
        self._set_scale(max(self._min_scale, min(self._max_scale, scale)))
        middle = self._middle()
        self.width = self._map_distance(MAP_WIDTH)
        self.height = self._map_distance(MAP_HEIGHT)
        self._centre_on(*middle)

    def _toggle_whole_map(self, world: World) -> None:
        self._big = not self._big
        if self._big:
            self._saved = (self.x, self.y, self.width, self.height)
            self._change_scale(self._min_scale)
            return
        self.x, self.y, self.width, self.height = self._saved
        if self.follow:
            mobj = self._player(world).mo
            self._centre_on(mobj.x, mobj.y)
        self._set_scale(fixed_div(MAP_WIDTH << 16, self.width))

    def _pan(self) -> None:
        """``AM_changeWindowLoc``."""
        if self._pan_x or self._pan_y:
            self.follow = False
            self._followed = None
        self.x, self.y = to_int32(self.x + self._pan_x), to_int32(self.y + self._pan_y)
        x, y = self._middle()
        min_x, min_y, max_x, max_y = self._bounds
        self._centre_on(
            max_x if x > max_x else min_x if x < min_x else x,
            max_y if y > max_y else min_y if y < min_y else y,
        )

    def _follow_player(self, player: Player) -> None:
        """``AM_doFollowPlayer``: the window moves by whole pixels."""
        place = (player.mo.x, player.mo.y)
        if place != self._followed:
            self._followed = place
            self._centre_on(*(self._map_distance(fixed_mul(each, self.scale) >> 16) for each in place))

    # -- drawing

    def draw(self, frame: Frame, game: GameControl) -> None:
        """Draw the map over the view's part of the screen (``AM_Drawer``)."""
        if not self.active:
            return
        draw_map(frame, self, game, self._player(game.world))
        middle = MAP_WIDTH * (MAP_HEIGHT + 1) // 2
        frame[middle // MAP_WIDTH, middle % MAP_WIDTH] = _CROSSHAIR_COLOUR
        for number, mark in enumerate(self.marks):
            if mark is None:
                continue
            x, y = self.pixel(*mark)
            if 0 <= x <= MAP_WIDTH - _MARK_WIDTH and 0 <= y <= MAP_HEIGHT - _MARK_HEIGHT:
                draw_patch(frame, x, y, self._numbers[number])


def _extent(values: list[int]) -> tuple[int, int]:
    """The least and the greatest; a value that is less than all before it is not looked at as the greatest."""
    low, high = MAXINT, -MAXINT
    for value in values:
        if value < low:
            low = value
        elif value > high:
            high = value
    return low, high
