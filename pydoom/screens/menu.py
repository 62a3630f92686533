"""The menu's machinery (``m_menu.c``): cursor, keys, questions, the names of saved games, and drawing.

The contents and effects of the menus are in `menu_pages`, their looks in `menu_drawing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data import sound_ids as sfx
from pydoom.data import strings
from pydoom.game import events as ev
from pydoom.game.events import CloseEvent, Event, JoystickEvent, KeyEvent, MouseEvent
from pydoom.screens.font import Font
from pydoom.screens.menu_model import LINE_HEIGHT, SAVE_SLOTS, Answer, ItemKind, MenuControl, MenuPage
from pydoom.screens.menu_pages import MenuPages
from pydoom.screens.settings import Settings
from pydoom.screens.video import SCREENHEIGHT, SCREENWIDTH, Frame, PictureSource, draw_patch
from pydoom.sim.rules import GameMode, GameVersion

if TYPE_CHECKING:
    from pydoom.data.info import GameInfo
    from pydoom.game.control import GameControl
    from pydoom.screens.hud import HeadsUp

SAVE_NAME_LENGTH: Final = 23
_SAVE_NAME_WIDTH_PX: Final = 22 * 8
_SKULL_X: Final = -32
_SKULL_Y: Final = -5
_SKULL_TICS: Final = 8
_POINTER_STEP_PX: Final = 30
_POINTER_WAIT_TICS: Final = 5
_BUTTON_WAIT_TICS: Final = 15
_NULL_KEYS: Final = frozenset({ev.KEY_PAUSE, ev.KEY_CAPSLOCK})
"""Keys without a character: on these the original jumps to a line without a letter."""

_CURSOR_KEYS: Final = frozenset({ev.KEY_UPARROW, ev.KEY_DOWNARROW, ev.KEY_LEFTARROW, ev.KEY_RIGHTARROW})

YES: Final = ord("y")
NO: Final = ord("n")


class Menu(MenuControl):
    """The menu of one game. While `active`, a single-player game stands still."""

    def __init__(
        self,
        info: GameInfo,
        mode: GameMode,
        version: GameVersion,
        pictures: PictureSource,
        font: Font,
        settings: Settings,
        hud: HeadsUp,
    ) -> None:
        self._info = info
        self.settings = settings
        self.hud = hud
        self.active = False
        self.help_shown = False
        """Whether the last `draw` covered the screen with a help page (inhelpscreens)."""
        self.save_names: list[str] = [self.text(strings.EMPTYSTRING)] * SAVE_SLOTS
        self.quick_slot = -1
        self._pictures = pictures
        self._font = font
        self._pages = MenuPages(self, mode, version)
        self._page = self._pages.main
        self._item = 0
        self._skull = 0
        self._skull_tics = 10
        self._tics = 0
        self._message = ""
        self._answer: Answer | None = None
        self._needs_yes_or_no = False
        self._active_before_message = False
        self._typing_slot: int | None = None
        self._old_name = ""
        self._wait_until = 0
        self._mouse_x = self._mouse_y = 0

    # -- what the pages use

    def text(self, original: str) -> str:
        """A text, as DeHackEd may have replaced it."""
        return self._info.text(original)

    def sound(self, game: GameControl, number: int) -> None:
        """Play a sound everywhere."""
        game.sounds.start(None, number)

    def go_to(self, page: MenuPage, item: int | None = None) -> None:
        """Show another page, the cursor where it was last (``M_SetupNextMenu``) or at `item`."""
        self._page = page
        self._item = page.last_on if item is None else item

    def close(self) -> None:
        """``M_ClearMenus``."""
        self.active = False

    def remember_item(self) -> None:
        """Remember the cursor for the next time this page opens."""
        self._page.last_on = self._item

    def ask(self, message: str, answer: Answer | None = None, *, yes_or_no: bool = False) -> None:
        """Show a message until a key is pressed, then call `answer` with the key (``M_StartMessage``)."""
        self._active_before_message = self.active
        self._message = message
        self._answer = answer
        self._needs_yes_or_no = yes_or_no
        self.active = True

    def read_save_names(self, game: GameControl) -> None:
        """Reread the names in the slots (``M_ReadSaveStrings``)."""
        for slot in range(SAVE_SLOTS):
            name = game.saved_name(slot)
            self.save_names[slot] = self.text(strings.EMPTYSTRING) if name is None else name[:SAVE_NAME_LENGTH]
            self._pages.load.items[slot].kind = ItemKind.DISABLED if name is None else ItemKind.CHOICE

    def start_typing(self, slot: int) -> None:
        """Let the player type a name for the game in `slot` (``M_SaveSelect``)."""
        self._typing_slot = slot
        self._old_name = self.save_names[slot]
        if self._old_name == self.text(strings.EMPTYSTRING):
            self.save_names[slot] = ""

    @property
    def typing_slot(self) -> int | None:
        """The slot whose name is being typed."""
        return self._typing_slot

    def picture(self, frame: Frame, x: int, y: int, name: str) -> None:
        """Draw a patch, or nothing when the WAD lacks it."""
        if name and self._pictures.has_lump(name):
            draw_patch(frame, x, y, self._pictures.patch(name))

    def write(self, frame: Frame, x: int, y: int, text: str) -> None:
        """Write in the small font."""
        self._font.write(frame, x, y, text)

    def width(self, text: str) -> int:
        """Width of `text` in pixels."""
        return self._font.width(text)

    # -- what the game calls

    def open(self) -> None:
        """Show the main menu (``M_StartControlPanel``)."""
        if not self.active:
            self.active = True
            self.go_to(self._pages.main)

    def ticker(self) -> None:
        """Run for one tic: blink the skull (``M_Ticker``)."""
        self._tics += 1
        self._skull_tics -= 1
        if self._skull_tics <= 0:
            self._skull ^= 1
            self._skull_tics = _SKULL_TICS

    def responder(self, event: Event, game: GameControl) -> bool:
        """``M_Responder``."""
        if isinstance(event, CloseEvent):
            self._ask_to_quit(game)
            return True
        key = self._key_of(event)
        if key is None:
            return False
        if isinstance(event, KeyEvent) and event.repeat and not self._repeats(key):
            return self.active
        if self._typing_slot is not None:
            self._type(game, self._typing_slot, key, event)
            return True
        if self._message:
            letter = event.letter if isinstance(event, KeyEvent) else ""
            return self._take_answer(game, ord(letter) if letter else key)
        if not self.active:
            return self._pages.function_key(game, key) or self._activate(game, key)
        return self._move(game, key) or self._jump(game, key, event)

    # -- input

    def _ask_to_quit(self, game: GameControl) -> None:
        """Ask to quit, for the window's close button; a second press means yes."""
        if self.active and self._message and self._answer == self._pages.quit_answer:
            self._pages.quit_answer(game, YES)
        else:
            self.sound(game, sfx.SFX_SWTCHN)
            self._pages.quit(game, 0)

    def _key_of(self, event: Event) -> int | None:
        if isinstance(event, KeyEvent):
            return event.key if event.down else None
        if self._tics < self._wait_until or not self.active:
            return None
        if isinstance(event, MouseEvent):
            return self._mouse_key(event)
        return self._joystick_key(event) if isinstance(event, JoystickEvent) else None

    def _repeats(self, key: int) -> bool:
        """Whether a key that is held acts again: in a text all but those that end it, else the cursor's."""
        if self._typing_slot is not None:
            return key not in (ev.KEY_ENTER, ev.KEY_ESCAPE)
        return self.active and not self._message and key in _CURSOR_KEYS

    def _mouse_key(self, event: MouseEvent) -> int | None:
        key: int | None = None
        wait = _POINTER_WAIT_TICS
        self._mouse_y += event.dy
        self._mouse_x += event.dx
        if abs(self._mouse_y) > _POINTER_STEP_PX:
            key = ev.KEY_DOWNARROW if self._mouse_y < 0 else ev.KEY_UPARROW
            self._mouse_y += _POINTER_STEP_PX if self._mouse_y < 0 else -_POINTER_STEP_PX
        if abs(self._mouse_x) > _POINTER_STEP_PX:
            key = ev.KEY_LEFTARROW if self._mouse_x < 0 else ev.KEY_RIGHTARROW
            self._mouse_x += _POINTER_STEP_PX if self._mouse_x < 0 else -_POINTER_STEP_PX
        if event.buttons & 3:
            key = ev.KEY_BACKSPACE if event.buttons & 2 else ev.KEY_ENTER
            wait = _BUTTON_WAIT_TICS
        if key is not None:
            self._wait_until = self._tics + wait
        return key

    def _joystick_key(self, event: JoystickEvent) -> int | None:
        key: int | None = None
        if event.y:
            key = ev.KEY_UPARROW if event.y < 0 else ev.KEY_DOWNARROW
        elif event.x:
            key = ev.KEY_LEFTARROW if event.x < 0 else ev.KEY_RIGHTARROW
        asking = bool(self._message) and self._needs_yes_or_no
        if event.buttons & 1:
            key = YES if asking else ev.KEY_ENTER
        elif event.buttons & 2:
            key = NO if asking else ev.KEY_ESCAPE if self._typing_slot is not None else ev.KEY_BACKSPACE
        if key is not None:
            self._wait_until = self._tics + _POINTER_WAIT_TICS
        return key

    def _type(self, game: GameControl, slot: int, key: int, event: Event) -> None:
        name = self.save_names[slot]
        if key == ev.KEY_BACKSPACE:
            self.save_names[slot] = name[:-1]
        elif key == ev.KEY_ESCAPE:
            self._typing_slot = None
            self.save_names[slot] = self._old_name
        elif key == ev.KEY_ENTER:
            self._typing_slot = None
            if name:
                self._pages.save_to(game, slot)
        elif isinstance(event, KeyEvent):
            letter = _typed(event).upper()
            fits = len(name) < SAVE_NAME_LENGTH and self._font.width(name) < _SAVE_NAME_WIDTH_PX
            if fits and (letter == " " or self._font.has(letter)):
                self.save_names[slot] = name + letter

    def _take_answer(self, game: GameControl, key: int) -> bool:
        if self._needs_yes_or_no and key not in (ord(" "), ev.KEY_ESCAPE, YES, NO):
            return False
        answer = self._answer
        self.active = self._active_before_message
        self._message = ""
        self._answer = None
        if answer is not None:
            answer(game, key)
        self.active = False
        self.sound(game, sfx.SFX_SWTCHX)
        return True

    def _activate(self, game: GameControl, key: int) -> bool:
        if key != ev.KEY_ESCAPE:
            return False
        self.open()
        self.sound(game, sfx.SFX_SWTCHN)
        return True

    def _move(self, game: GameControl, key: int) -> bool:
        page = self._page
        if key in (ev.KEY_DOWNARROW, ev.KEY_UPARROW):
            self._step(game, 1 if key == ev.KEY_DOWNARROW else -1)
        elif key in (ev.KEY_LEFTARROW, ev.KEY_RIGHTARROW):
            item = page.items[self._item]
            if item.action is not None and item.kind == ItemKind.SLIDER:
                self.sound(game, sfx.SFX_STNMOV)
                item.action(game, int(key == ev.KEY_RIGHTARROW))
        elif key == ev.KEY_ENTER:
            self._choose(game)
        elif key == ev.KEY_ESCAPE:
            self.remember_item()
            self.close()
            self.sound(game, sfx.SFX_SWTCHX)
        elif key == ev.KEY_BACKSPACE:
            self.remember_item()
            if page.previous is not None:
                self.go_to(page.previous)
                self.sound(game, sfx.SFX_SWTCHN)
        else:
            return False
        return True

    def _step(self, game: GameControl, direction: int) -> None:
        items = self._page.items
        while True:
            self._item = (self._item + direction) % len(items)
            self.sound(game, sfx.SFX_PSTOP)
            if items[self._item].kind != ItemKind.GAP:
                return

    def _choose(self, game: GameControl) -> None:
        item = self._page.items[self._item]
        if item.action is None or item.kind == ItemKind.DISABLED:
            return
        self.remember_item()
        if item.kind == ItemKind.SLIDER:
            item.action(game, 1)
            self.sound(game, sfx.SFX_STNMOV)
        else:
            item.action(game, self._item)
            self.sound(game, sfx.SFX_PISTOL)

    def _jump(self, game: GameControl, key: int, event: Event) -> bool:
        letter = event.letter if isinstance(event, KeyEvent) else ""
        if key in _NULL_KEYS:
            letter = ""
        elif not letter:
            return False
        items = self._page.items
        for offset in range(1, len(items) + 1):
            number = (self._item + offset) % len(items)
            if items[number].hotkey == letter:
                self._item = number
                self.sound(game, sfx.SFX_PSTOP)
                return True
        return False

    # -- drawing

    def draw(self, frame: Frame) -> None:
        """Draw over whatever is on the screen (``M_Drawer``)."""
        self.help_shown = False
        if self._message:
            self._draw_message(frame)
            return
        if not self.active:
            return
        page = self._page
        page.draw(self, frame, page)
        for line, item in enumerate(page.items):
            self.picture(frame, page.x, page.y + line * LINE_HEIGHT, item.picture)
        skull = ("M_SKULL1", "M_SKULL2")[self._skull]
        self.picture(frame, page.x + _SKULL_X, page.y + _SKULL_Y + self._item * LINE_HEIGHT, skull)

    def _draw_message(self, frame: Frame) -> None:
        font = self._font
        y = SCREENHEIGHT // 2 - font.text_height(self._message) // 2
        for line in self._message.split("\n"):
            font.write(frame, SCREENWIDTH // 2 - font.width(line) // 2, y, line)
            y += font.height


def _typed(event: KeyEvent) -> str:
    """The character a key types, "" when it types none."""
    code = event.char or (event.key if 32 <= event.key < 127 else 0)
    return chr(code) if code >= 32 else ""
