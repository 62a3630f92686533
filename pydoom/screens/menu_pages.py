"""The menus of DOOM and what they do (``m_menu.c``): main, episode, skill, options, sound, load, save, help.

The pages differ between the executables: DOOM II has no episodes and keeps its help elsewhere, before The Ultimate
DOOM there are three episodes and two help pages, and Chex Quest has one episode and does not ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data import sound_ids as sfx
from pydoom.data import strings
from pydoom.game import events as ev
from pydoom.game.level import Level
from pydoom.game.state import GameState
from pydoom.screens.menu_drawing import (
    draw_episode,
    draw_load,
    draw_main,
    draw_options,
    draw_save,
    draw_skill,
    draw_sound,
    draw_where,
    help_drawer,
)
from pydoom.screens.menu_model import SAVE_SLOTS, ItemKind, MenuControl, MenuItem, MenuPage, gap
from pydoom.screens.palette import GAMMA_LEVELS
from pydoom.screens.settings import MAX_SCREENBLOCKS, MIN_SCREENBLOCKS
from pydoom.sim.rules import SK_MEDIUM, SK_NIGHTMARE, GameMode, GameVersion

if TYPE_CHECKING:
    from pydoom.game.control import GameControl

MAX_VOLUME: Final = 15
MAX_SENSITIVITY: Final = 9

_YES: Final = ord("y")
_READ_THIS: Final = 4
_PICK_QUICK_SLOT: Final = -2
_GAMMA_MESSAGES: Final = (
    strings.GAMMALVL0,
    strings.GAMMALVL1,
    strings.GAMMALVL2,
    strings.GAMMALVL3,
    strings.GAMMALVL4,
)
_QUIT_SOUNDS: Final = (
    sfx.SFX_PLDETH,
    sfx.SFX_DMPAIN,
    sfx.SFX_POPAIN,
    sfx.SFX_SLOP,
    sfx.SFX_TELEPT,
    sfx.SFX_POSIT1,
    sfx.SFX_POSIT3,
    sfx.SFX_SGTATK,
)
_QUIT_SOUNDS_DOOM2: Final = (
    sfx.SFX_VILACT,
    sfx.SFX_GETPOW,
    sfx.SFX_BOSCUB,
    sfx.SFX_SLOP,
    sfx.SFX_SKESWG,
    sfx.SFX_KNTDTH,
    sfx.SFX_BSPACT,
    sfx.SFX_SGTATK,
)


class MenuPages:
    """All pages of one menu, built for one kind of game (``M_Init``)."""

    def __init__(self, menu: MenuControl, mode: GameMode, version: GameVersion) -> None:
        self._menu = menu
        self._commercial = mode == GameMode.COMMERCIAL
        self._ultimate = version >= GameVersion.ULTIMATE
        self._asks_episode = not self._commercial and version != GameVersion.CHEX
        self._episode = 0
        self._in_fleet = False
        self._build_main_pages()
        self._build_option_pages()
        self._build_help_pages(final=version in (GameVersion.FINAL, GameVersion.FINAL2))
        if self._commercial:
            self.main.items[_READ_THIS] = self.main.items.pop()
            self.main.y += 8
            self.skill.previous = self.main
        elif self._ultimate:
            self.main.items[_READ_THIS].action = self.read_this_2
        else:
            self.episode.items.pop()
        if version == GameVersion.CHEX:
            del self.episode.items[1:]

    def _build_main_pages(self) -> None:
        self.main = MenuPage(
            [
                MenuItem("M_NGAME", self.new_game, "n"),
                MenuItem("M_OPTION", self.show_options, "o"),
                MenuItem("M_LOADG", self.load_game, "l"),
                MenuItem("M_SAVEG", self.save_game, "s"),
                MenuItem("M_RDTHIS", self.read_this, "r"),
                MenuItem("M_QUITG", self.quit, "q"),
            ],
            draw_main,
            97,
            64,
        )
        self.episode = MenuPage(
            [MenuItem(f"M_EPI{number + 1}", self.choose_episode, hotkey) for number, hotkey in enumerate("ktit")],
            draw_episode,
            48,
            63,
            self.main,
        )
        self.where = MenuPage(
            [MenuItem("", self.choose_fleet, "d"), gap(), MenuItem("", self.choose_wad, "g")],
            draw_where,
            80,
            63,
            self.main,
        )
        self.skill = MenuPage(
            [
                MenuItem("M_JKILL", self.choose_skill, "i"),
                MenuItem("M_ROUGH", self.choose_skill, "h"),
                MenuItem("M_HURT", self.choose_skill, "h"),
                MenuItem("M_ULTRA", self.choose_skill, "u"),
                MenuItem("M_NMARE", self.choose_skill, "n"),
            ],
            draw_skill,
            48,
            63,
            self.episode,
            SK_MEDIUM,
        )
        numbers = [str(slot + 1) for slot in range(SAVE_SLOTS)]
        self.load = MenuPage([MenuItem("", self.load_slot, number) for number in numbers], draw_load, 80, 54, self.main)
        self.save = MenuPage([MenuItem("", self.save_slot, number) for number in numbers], draw_save, 80, 54, self.main)

    def _build_option_pages(self) -> None:
        self.options = MenuPage(
            [
                MenuItem("M_ENDGAM", self.end_game, "e"),
                MenuItem("M_MESSG", self.change_messages, "m"),
                MenuItem("M_DETAIL", self.change_detail, "g"),
                MenuItem("M_SCRNSZ", self.change_size, "s", ItemKind.SLIDER),
                gap(),
                MenuItem("M_MSENS", self.change_sensitivity, "m", ItemKind.SLIDER),
                gap(),
                MenuItem("M_SVOL", self.show_sound, "s"),
            ],
            draw_options,
            60,
            37,
            self.main,
        )
        self.sound = MenuPage(
            [
                MenuItem("M_SFXVOL", self.change_sfx_volume, "s", ItemKind.SLIDER),
                gap(),
                MenuItem("M_MUSVOL", self.change_music_volume, "m", ItemKind.SLIDER),
                gap(),
            ],
            draw_sound,
            80,
            64,
            self.options,
        )

    def _build_help_pages(self, final: bool) -> None:
        self.help1 = MenuPage([MenuItem("", self.read_this_2)], help_drawer("HELP2"), 280, 185, self.main)
        self.help2 = MenuPage([MenuItem("", self.finish_reading)], help_drawer("HELP1"), 330, 175, self.help1)
        if self._ultimate:
            self.help2.previous = None
        if final:
            self.help2.draw = help_drawer("HELP")
        if self._commercial:
            self.help1 = MenuPage([MenuItem("", self.finish_reading)], help_drawer("HELP"), 330, 165, self.main)

    # -- function keys (``M_Responder``)

    def function_key(self, game: GameControl, key: int) -> bool:
        """Handle a key that works while no menu is open; True if it was one."""
        menu = self._menu
        if key in (ev.KEY_MINUS, ev.KEY_EQUALS):
            if game.automap_active:
                return False
            self.change_size(game, int(key == ev.KEY_EQUALS))
            menu.sound(game, sfx.SFX_STNMOV)
            return True
        if key == ev.KEY_F11:
            self._change_gamma(game)
            return True
        if key in (ev.KEY_F1, ev.KEY_F2, ev.KEY_F3, ev.KEY_F4):
            menu.open()
            menu.sound(game, sfx.SFX_SWTCHN)
            if key == ev.KEY_F1:
                menu.go_to(self.help2 if self._ultimate else self.help1, 0)
            elif key == ev.KEY_F2:
                self.save_game(game, 0)
            elif key == ev.KEY_F3:
                self.load_game(game, 0)
            else:
                menu.go_to(self.sound, 0)
            return True
        action = {
            ev.KEY_F5: self.change_detail,
            ev.KEY_F6: self.quick_save,
            ev.KEY_F7: self.end_game,
            ev.KEY_F8: self.change_messages,
            ev.KEY_F9: self.quick_load,
            ev.KEY_F10: self.quit,
        }.get(key)
        if action is None:
            return False
        menu.sound(game, sfx.SFX_SWTCHN)
        action(game, 0)
        return True

    def _change_gamma(self, game: GameControl) -> None:
        settings = self._menu.settings
        settings.gamma = (settings.gamma + 1) % GAMMA_LEVELS
        self._say(game, _GAMMA_MESSAGES[settings.gamma])

    def _say(self, game: GameControl, message: str) -> None:
        game.message(self._menu.text(message))

    # -- new game

    def new_game(self, game: GameControl, _item: int) -> None:
        """``M_NewGame``."""
        if game.world.netgame and not game.demoplayback:
            self._menu.ask(self._menu.text(strings.NEWGAME))
            return
        self._in_fleet = False
        if game.has_fleet:
            self._menu.go_to(self.where)
        else:
            self.choose_wad(game, 0)

    def choose_fleet(self, _game: GameControl, _item: int) -> None:
        """Play in levels built from the fleet."""
        self._in_fleet = True
        self._episode = 0
        self._menu.go_to(self.skill)

    def choose_wad(self, _game: GameControl, _item: int) -> None:
        """Play in the WAD's levels."""
        self._in_fleet = False
        self._menu.go_to(self.episode if self._asks_episode else self.skill)

    def choose_episode(self, game: GameControl, item: int) -> None:
        """``M_Episode``: the shareware game has only the first."""
        if game.world.mode == GameMode.SHAREWARE and item:
            self._menu.ask(self._menu.text(strings.SWSTRING))
            self._menu.go_to(self.help1)
            return
        self._episode = item
        self._menu.go_to(self.skill)

    def choose_skill(self, game: GameControl, item: int) -> None:
        """``M_ChooseSkill``."""
        if item == SK_NIGHTMARE:
            self._menu.ask(self._menu.text(strings.NIGHTMARE), self._nightmare_answer, yes_or_no=True)
            return
        self._start_game(game, item)

    def _nightmare_answer(self, game: GameControl, key: int) -> None:
        if key == _YES:
            self._start_game(game, SK_NIGHTMARE)

    def _start_game(self, game: GameControl, skill: int) -> None:
        game.new_game(skill, Level(self._episode + 1, 1), self._in_fleet)
        self._menu.close()

    # -- load and save

    def load_game(self, game: GameControl, _item: int) -> None:
        """``M_LoadGame``."""
        menu = self._menu
        if game.world.netgame:
            menu.ask(menu.text(strings.LOADNET))
            return
        menu.go_to(self.load)
        menu.read_save_names(game)

    def load_slot(self, game: GameControl, slot: int) -> None:
        """``M_LoadSelect``."""
        menu = self._menu
        game.load_slot(slot)
        menu.close()

    def save_game(self, game: GameControl, _item: int) -> None:
        """``M_SaveGame``."""
        menu = self._menu
        if not game.usergame:
            menu.ask(menu.text(strings.SAVEDEAD))
            return
        if game.gamestate != GameState.LEVEL:
            return
        menu.go_to(self.save)
        menu.read_save_names(game)

    def save_slot(self, game: GameControl, slot: int) -> None:
        """``M_SaveSelect``."""
        self._menu.start_typing(slot)

    def save_to(self, game: GameControl, slot: int) -> None:
        """Save under the name typed (``M_DoSave``)."""
        menu = self._menu
        game.save_game(slot, menu.save_names[slot])
        menu.close()
        if menu.quick_slot == _PICK_QUICK_SLOT:
            menu.quick_slot = slot

    def quick_save(self, game: GameControl, _item: int) -> None:
        """``M_QuickSave``."""
        menu = self._menu
        if not game.usergame:
            menu.sound(game, sfx.SFX_OOF)
            return
        if game.gamestate != GameState.LEVEL:
            return
        if menu.quick_slot < 0:
            menu.open()
            menu.read_save_names(game)
            menu.go_to(self.save)
            menu.quick_slot = _PICK_QUICK_SLOT
            return
        prompt = menu.text(strings.QSPROMPT).replace("%s", menu.save_names[menu.quick_slot])
        menu.ask(prompt, self._quick_save_answer, yes_or_no=True)

    def _quick_save_answer(self, game: GameControl, key: int) -> None:
        if key == _YES:
            self.save_to(game, self._menu.quick_slot)
            self._menu.sound(game, sfx.SFX_SWTCHX)

    def quick_load(self, game: GameControl, _item: int) -> None:
        """``M_QuickLoad``."""
        menu = self._menu
        if game.world.netgame:
            menu.ask(menu.text(strings.QLOADNET))
        elif menu.quick_slot < 0:
            menu.ask(menu.text(strings.QSAVESPOT))
        else:
            prompt = menu.text(strings.QLPROMPT).replace("%s", menu.save_names[menu.quick_slot])
            menu.ask(prompt, self._quick_load_answer, yes_or_no=True)

    def _quick_load_answer(self, game: GameControl, key: int) -> None:
        if key == _YES:
            self.load_slot(game, self._menu.quick_slot)
            self._menu.sound(game, sfx.SFX_SWTCHX)

    # -- options

    def show_options(self, game: GameControl, _item: int) -> None:
        """``M_Options``."""
        self._menu.go_to(self.options)

    def show_sound(self, game: GameControl, _item: int) -> None:
        """``M_Sound``."""
        self._menu.go_to(self.sound)

    def change_messages(self, game: GameControl, _item: int) -> None:
        """``M_ChangeMessages``: the new setting is shown even when messages go off."""
        settings = self._menu.settings
        settings.show_messages = not settings.show_messages
        self._say(game, strings.MSGON if settings.show_messages else strings.MSGOFF)
        self._menu.hud.force_message()

    def change_detail(self, game: GameControl, _item: int) -> None:
        """``M_ChangeDetail``."""
        settings = self._menu.settings
        settings.low_detail = not settings.low_detail
        settings.view_set += 1
        self._say(game, strings.DETAILLO if settings.low_detail else strings.DETAILHI)

    def change_size(self, game: GameControl, direction: int) -> None:
        """``M_SizeDisplay``."""
        settings = self._menu.settings
        step = 1 if direction else -1
        settings.screenblocks = max(MIN_SCREENBLOCKS, min(MAX_SCREENBLOCKS, settings.screenblocks + step))
        settings.view_set += 1

    def change_sensitivity(self, game: GameControl, direction: int) -> None:
        """``M_ChangeSensitivity``."""
        settings = self._menu.settings
        settings.mouse_sensitivity = _slid(settings.mouse_sensitivity, direction, MAX_SENSITIVITY)

    def change_sfx_volume(self, game: GameControl, direction: int) -> None:
        """``M_SfxVol``."""
        settings = self._menu.settings
        settings.sfx_volume = _slid(settings.sfx_volume, direction, MAX_VOLUME)
        game.sounds.set_volume(settings.sfx_volume)

    def change_music_volume(self, game: GameControl, direction: int) -> None:
        """``M_MusicVol``."""
        settings = self._menu.settings
        settings.music_volume = _slid(settings.music_volume, direction, MAX_VOLUME)
        game.sounds.set_music_volume(settings.music_volume)

    def end_game(self, game: GameControl, _item: int) -> None:
        """``M_EndGame``."""
        menu = self._menu
        if not game.usergame:
            menu.sound(game, sfx.SFX_OOF)
        elif game.world.netgame:
            menu.ask(menu.text(strings.NETEND))
        else:
            menu.ask(menu.text(strings.ENDGAME), self._end_game_answer, yes_or_no=True)

    def _end_game_answer(self, game: GameControl, key: int) -> None:
        if key == _YES:
            self._menu.remember_item()
            self._menu.close()
            game.start_title()

    # -- help and quit

    def read_this(self, game: GameControl, _item: int) -> None:
        """``M_ReadThis``."""
        self._menu.go_to(self.help1)

    def read_this_2(self, game: GameControl, _item: int) -> None:
        """``M_ReadThis2``."""
        self._menu.go_to(self.help2)

    def finish_reading(self, game: GameControl, _item: int) -> None:
        """``M_FinishReadThis``."""
        self._menu.go_to(self.main)

    def quit(self, game: GameControl, _item: int) -> None:
        """``M_QuitDOOM``: which of eight questions is asked depends on the time."""
        menu = self._menu
        questions = strings.DOOM2_ENDMSG if self._commercial else strings.DOOM1_ENDMSG
        question = menu.text(questions[game.gametic % len(questions)])
        menu.ask(f"{question}\n\n{menu.text(strings.DOSY)}", self.quit_answer, yes_or_no=True)

    def quit_answer(self, game: GameControl, key: int) -> None:
        """Say goodbye with a sound and ask the game to end (``M_QuitResponse``)."""
        if key != _YES:
            return
        if not game.world.netgame:
            sounds = _QUIT_SOUNDS_DOOM2 if self._commercial else _QUIT_SOUNDS
            self._menu.sound(game, sounds[game.gametic >> 2 & 7])
        game.quit()


def _slid(value: int, direction: int, maximum: int) -> int:
    return max(0, min(maximum, value + (1 if direction else -1)))
