"""Commands from held keys and mouse movement."""

from pydoom.data.info import WP_CHAINSAW, WP_FIST, WP_NOCHANGE, WP_PISTOL, WP_PLASMA, WP_SHOTGUN
from pydoom.game import events as ev
from pydoom.game.events import JoystickEvent, KeyEvent, MouseEvent
from pydoom.game.ticcmd import Controls, next_weapon
from pydoom.sim.player import PW_STRENGTH, Player
from pydoom.sim.rules import GameMode
from pydoom.sim.ticcmd import BT_ATTACK, BT_CHANGE, BT_USE, TicCmd


def build(controls: Controls) -> TicCmd:
    cmd = TicCmd()
    controls.build(cmd, Player(0), GameMode.SHAREWARE)
    return cmd


def hold(controls: Controls, *keys: int) -> None:
    for key in keys:
        controls.responder(KeyEvent(key))


def test_arrows_walk_and_shift_runs() -> None:
    controls = Controls()
    hold(controls, ev.KEY_UPARROW)
    assert build(controls).forwardmove == 25
    hold(controls, ev.KEY_RSHIFT)
    assert build(controls).forwardmove == 50
    controls.responder(KeyEvent(ev.KEY_UPARROW, down=False))
    assert build(controls).forwardmove == 0


def test_wasd_does_the_same() -> None:
    controls = Controls()
    hold(controls, ord("w"), ord("a"))
    cmd = build(controls)
    assert (cmd.forwardmove, cmd.sidemove) == (25, -24)


def test_turning_is_slow_for_the_first_five_tics() -> None:
    controls = Controls()
    hold(controls, ev.KEY_LEFTARROW)
    assert [build(controls).angleturn for _ in range(7)] == [320] * 5 + [640] * 2


def test_alt_makes_the_arrows_strafe() -> None:
    controls = Controls()
    hold(controls, ev.KEY_RALT, ev.KEY_RIGHTARROW)
    cmd = build(controls)
    assert (cmd.sidemove, cmd.angleturn) == (24, 0)


def test_opposite_keys_cancel() -> None:
    controls = Controls()
    hold(controls, ev.KEY_UPARROW, ev.KEY_DOWNARROW, ev.KEY_LEFTARROW, ev.KEY_RIGHTARROW)
    cmd = build(controls)
    assert (cmd.forwardmove, cmd.angleturn) == (0, 0)


def test_control_fires_and_space_uses() -> None:
    controls = Controls()
    hold(controls, ev.KEY_RCTRL, ev.KEY_SPACE)
    assert build(controls).buttons == BT_ATTACK | BT_USE


def test_digits_ask_for_weapons() -> None:
    controls = Controls()
    hold(controls, ord("3"))
    assert build(controls).buttons == BT_CHANGE | 2 << 3


def test_mouse_movement_counts_once() -> None:
    controls = Controls()
    controls.responder(MouseEvent(dx=10, dy=4))
    cmd = build(controls)
    assert (cmd.angleturn, cmd.forwardmove) == (-80, 4)
    assert build(controls).angleturn == 0


def test_mouse_button_fires_while_held() -> None:
    controls = Controls()
    controls.responder(MouseEvent(buttons=1))
    assert build(controls).buttons == BT_ATTACK
    controls.responder(MouseEvent(buttons=0))
    assert build(controls).buttons == 0


def test_moves_are_limited_to_running_speed() -> None:
    controls = Controls()
    hold(controls, ev.KEY_UPARROW, ev.KEY_RSHIFT)
    controls.responder(MouseEvent(dy=100))
    assert build(controls).forwardmove == 50


def test_turbo_walks_faster_than_a_byte_allows_at_most() -> None:
    controls = Controls()
    controls.set_turbo(255)
    hold(controls, ev.KEY_UPARROW, ev.KEY_RSHIFT)
    assert build(controls).forwardmove == 127


def test_recording_turns_in_steps_of_256_and_carries_the_rest() -> None:
    controls = Controls()
    controls.lowres_turn = True
    turns = []
    for _ in range(4):
        controls.responder(MouseEvent(dx=-10))
        turns.append(build(controls).angleturn)
    assert turns == [0, 256, 0, 0]
    assert all(turn % 256 == 0 for turn in turns)


def test_controller_walks_turns_fires_and_uses() -> None:
    controls = Controls()
    controls.responder(JoystickEvent(buttons=3, x=1, y=-1))
    cmd = build(controls)
    assert (cmd.forwardmove, cmd.angleturn, cmd.buttons) == (25, -320, BT_ATTACK | BT_USE)


def test_clearing_forgets_held_keys() -> None:
    controls = Controls()
    hold(controls, ev.KEY_UPARROW)
    controls.clear()
    assert build(controls).forwardmove == 0


def test_pause_key_is_remembered_until_taken() -> None:
    controls = Controls()
    hold(controls, ev.KEY_PAUSE)
    assert controls.pause_pressed


def owner(*weapons: int) -> Player:
    player = Player(0)
    player.weaponowned = [number in weapons for number in range(9)]
    player.readyweapon = WP_PISTOL
    player.pendingweapon = WP_NOCHANGE
    return player


def test_next_weapon_skips_what_is_not_owned() -> None:
    assert next_weapon(owner(WP_FIST, WP_PISTOL, WP_SHOTGUN), 1, GameMode.SHAREWARE) == WP_SHOTGUN
    assert next_weapon(owner(WP_FIST, WP_PISTOL), 1, GameMode.SHAREWARE) == WP_FIST


def test_shareware_cannot_switch_to_a_plasma_rifle() -> None:
    player = owner(WP_FIST, WP_PISTOL, WP_PLASMA)
    assert next_weapon(player, 1, GameMode.SHAREWARE) == WP_FIST
    assert next_weapon(player, 1, GameMode.REGISTERED) == WP_PLASMA


def test_the_fist_hides_behind_the_chainsaw_unless_berserk() -> None:
    player = owner(WP_FIST, WP_PISTOL, WP_CHAINSAW)
    player.readyweapon = WP_CHAINSAW
    assert next_weapon(player, -1, GameMode.SHAREWARE) == WP_PISTOL
    player.powers[PW_STRENGTH] = 1
    assert next_weapon(player, -1, GameMode.SHAREWARE) == WP_FIST
