"""Cheats typed during play (``m_cheat.c``, the cheat half of ``ST_Responder``).

Every key press is offered to every sequence, and never consumed. As in the original they do nothing in net games and
on nightmare, except ``idclev``. `idclip` works in every game here, not only in DOOM II.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data import music_ids as mus
from pydoom.data import strings
from pydoom.data.info import CHEAT_WORDS, WP_CHAINSAW, GameInfo
from pydoom.game.events import Event, KeyEvent
from pydoom.game.level import Level
from pydoom.sim import pickups
from pydoom.sim.player import CF_GODMODE, CF_NOCLIP, NUMCARDS, PW_INVULNERABILITY, PW_STRENGTH, Player
from pydoom.sim.rules import SK_NIGHTMARE, GameMode, GameVersion

if TYPE_CHECKING:
    from pydoom.game.saves import SavableGame

_POWERS: Final = ("invincibility", "berserk", "invisibility", "radiation suit", "auto-map", "lite-amp goggles")
"""The cheat of each power, in the order of the powers."""
_MAX_DOOM2_LEVEL: Final = 40
_MAX_DOOM2_MUSIC: Final = 35
_MAX_DOOM_MUSIC: Final = 31


class CheatSequence:
    """One word to be typed, perhaps followed by parameter characters (``cheatseq_t``)."""

    def __init__(self, text: str, parameters: int = 0) -> None:
        """An empty `text` is never typed."""
        self.text = text
        self.parameters = parameters
        self.parameter = ""
        self._typed = 0

    def check(self, char: str) -> bool:
        """Whether `char` completes the word and its parameters (``cht_CheckCheat``)."""
        if not self.text:
            return False
        if self._typed < len(self.text):
            self._typed = self._typed + 1 if char == self.text[self._typed] else 0
            self.parameter = ""
        elif len(self.parameter) < self.parameters:
            self.parameter += char
        if self._typed >= len(self.text) and len(self.parameter) >= self.parameters:
            self._typed = 0
            return True
        return False


def sequence(info: GameInfo, name: str, parameters: int = 0) -> CheatSequence:
    """What to type for the cheat that patches call `name`.

    As in the original, a patch that shortens a cheat with parameters makes it impossible.
    """
    word = info.cheats[name]
    impossible = parameters > 0 and len(word) < len(CHEAT_WORDS[name])
    return CheatSequence("" if impossible else word, parameters)


class Cheats:
    """All sequences of one session."""

    def __init__(self, session: SavableGame) -> None:
        self._session = session
        info = session.world.info
        self._god = sequence(info, "god mode")
        self._ammo_no_keys = sequence(info, "ammo")
        self._ammo = sequence(info, "ammo & keys")
        self._music = sequence(info, "change music", 2)
        self._noclip = sequence(info, "no clipping 1")
        self._noclip_doom2 = sequence(info, "no clipping 2")
        self._powers = [sequence(info, power) for power in _POWERS]
        self._power_menu = sequence(info, "behold menu")
        self._choppers = sequence(info, "chainsaw")
        self._position = sequence(info, "player position")
        self._level = sequence(info, "level warp", 2)

    def responder(self, event: Event) -> bool:
        """Look at a key press; never consumes it."""
        if not isinstance(event, KeyEvent) or not event.down:
            return False
        char = event.letter or chr(event.key)  # also for keys that type nothing: any other key breaks off the word
        world = self._session.world
        if world.netgame:
            return False
        if world.skill != SK_NIGHTMARE:
            self._try_cheats(char, world.players[world.consoleplayer])
        if self._level.check(char):
            self._change_level(self._level.parameter)
        return False

    def _try_cheats(self, char: str, player: Player) -> None:
        # as in the original, a completed sequence hides the key from those after it in this first group
        if self._god.check(char):
            self._toggle_god_mode(player)
        elif self._ammo_no_keys.check(char):
            misc = self._session.world.info.misc
            self._arm(player, misc.idfa_armor, misc.idfa_armor_class, strings.STSTR_FAADDED)
        elif self._ammo.check(char):
            misc = self._session.world.info.misc
            self._arm(player, misc.idkfa_armor, misc.idkfa_armor_class, strings.STSTR_KFAADDED)
            player.cards[:] = [True] * NUMCARDS
        elif self._music.check(char):
            self._change_music(self._music.parameter)
        elif self._noclip.check(char) | self._noclip_doom2.check(char):
            player.cheats ^= CF_NOCLIP
            self._say(strings.STSTR_NCON if player.cheats & CF_NOCLIP else strings.STSTR_NCOFF)
        for power, cheat in enumerate(self._powers):
            if cheat.check(char):
                self._toggle_power(player, power)
        if self._power_menu.check(char):
            self._say(strings.STSTR_BEHOLD)
        elif self._choppers.check(char):
            player.weaponowned[WP_CHAINSAW] = True
            player.powers[PW_INVULNERABILITY] = 1
            self._say(strings.STSTR_CHOPPERS)
        elif self._position.check(char) and player.has_body:
            x, y = player.mo.x & 0xFFFFFFFF, player.mo.y & 0xFFFFFFFF
            self._session.message(f"ang=0x{player.mo.angle:x};x,y=(0x{x:x},0x{y:x})")

    def _say(self, text: str) -> None:
        self._session.message(self._session.world.info.text(text))

    def _toggle_god_mode(self, player: Player) -> None:
        player.cheats ^= CF_GODMODE
        if player.cheats & CF_GODMODE:
            health = self._session.world.info.misc.god_mode_health
            if player.has_body:
                player.mo.health = health
            player.health = health
            self._say(strings.STSTR_DQDON)
        else:
            self._say(strings.STSTR_DQDOFF)

    def _arm(self, player: Player, armor: int, armor_class: int, text: str) -> None:
        player.armorpoints = armor
        player.armortype = armor_class
        player.weaponowned[:] = [True] * len(player.weaponowned)
        player.ammo[:] = player.maxammo
        self._say(text)

    def _toggle_power(self, player: Player, power: int) -> None:
        if not player.powers[power]:
            pickups.give_power(player, power)
        else:
            # leave one tic of the power, so that it ends as if by itself; strength does not count down
            player.powers[power] = 0 if power == PW_STRENGTH else 1
        self._say(strings.STSTR_BEHOLDX)

    def _change_music(self, parameter: str) -> None:
        first, second = (ord(char) - ord("0") for char in parameter)
        world = self._session.world
        if world.mode == GameMode.COMMERCIAL or (world.version < GameVersion.ULTIMATE and self._has_doom2_songs()):
            offset, last, base = first * 10 + second, _MAX_DOOM2_MUSIC, mus.MUS_RUNNIN - 1
        else:
            offset, last, base = (first - 1) * 9 + second - 1, _MAX_DOOM_MUSIC, mus.MUS_E1M1
        number = base + offset
        if offset > last or not mus.MUS_NONE < number < mus.NUMMUSIC:
            self._say(strings.STSTR_NOMUS)
            return
        self._say(strings.STSTR_MUS)
        self._session.sounds.change_music(number, True)

    def _has_doom2_songs(self) -> bool:
        """Executables before The Ultimate DOOM look for these in every game; without any, they stop with an error."""
        return self._session.assets.has_lump("D_RUNNIN")

    def _change_level(self, parameter: str) -> None:
        session, world = self._session, self._session.world
        first, second = (ord(char) - ord("0") for char in parameter)
        if world.mode == GameMode.COMMERCIAL:
            level = Level(0, first * 10 + second)
            is_level = 1 <= level.map <= _MAX_DOOM2_LEVEL
        else:
            if world.version == GameVersion.CHEX:
                first, second = min(first, 1), min(second, 5)
            level = Level(first, second)
            is_level = 1 <= first <= (4 if world.version >= GameVersion.ULTIMATE else 3) and 1 <= second <= 9
        # the shareware game starts its only episode; without the level the original stops with an error
        name = level.clamped(world.mode, world.version).lump_name(world.mode)
        if not is_level or name not in session.assets.map_names:
            return
        self._say(strings.STSTR_CLEV)
        session.new_game(world.skill, level)
