"""The kiosk's command line; everything after ``--`` goes to the game."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Final, NoReturn

from pydoom.kiosk import health, passwords
from pydoom.kiosk.errors import KioskError
from pydoom.kiosk.keyboard import is_layout
from pydoom.kiosk.passwords import ALLOW_FLAG
from pydoom.kiosk.state import folder_for
from pydoom.kiosk.supervisor import Kiosk, KioskSettings

_EXAMPLES: Final = """\
examples:
  python -m pydoom.kiosk                            VNC on port 5900, browsers on 6080
  python -m pydoom.kiosk -- --bridge simulated      with options for the game
  python -m pydoom.kiosk --listen 0.0.0.0           for other machines: prints a random password
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the kiosk or its health check. Returns the exit status: 2 for a user's error, 1 when unhealthy."""
    try:
        options = _parser().parse_args(arguments)
        if options.health:
            return _check(options.vnc_port)
        return Kiosk(_settings(options)).run()
    except (KioskError, OSError) as error:
        print(f"pydoom: {error}", file=sys.stderr)
        return 2


def _check(vnc_port: int) -> int:
    problem = health.problem(folder_for(vnc_port))
    if problem is None:
        return 0
    print(f"pydoom: unhealthy: {problem}", file=sys.stderr)
    return 1


class _KioskParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise KioskError(f"{message} (python -m pydoom.kiosk --help lists the options)")


def _parser() -> argparse.ArgumentParser:
    parser = _KioskParser(
        prog="python -m pydoom.kiosk",
        usage="python -m pydoom.kiosk [options] [-- options of the game]",
        description="The game on a virtual screen, for VNC viewers and browsers. VNC_PASSWORD sets the password; "
        "without it the password is 1234, or a random one if other machines can connect.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_reach(parser.add_argument_group("who can connect"))
    _add_game(parser.add_argument_group("the game"))
    parser.add_argument("--health", action="store_true", help="exit 0 if the kiosk with this VNC port can be played")
    parser.add_argument("game", nargs="*", help=argparse.SUPPRESS)
    return parser


def _add_reach(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--listen",
        metavar="ADDRESS",
        default="127.0.0.1",
        help="address for VNC and the browser page, or a folder for Unix sockets (default %(default)s)",
    )
    group.add_argument(
        ALLOW_FLAG, action="store_true", help="accept an easily guessed VNC_PASSWORD even if others can connect"
    )
    group.add_argument("--vnc-port", metavar="PORT", type=_port, default=5900, help="default %(default)s")
    group.add_argument(
        "--web-port", metavar="PORT", type=_port, default=6080, help="0 for no browser page (default %(default)s)"
    )
    group.add_argument(
        "--host-name", metavar="NAME", action="append", default=[], help="another name under which the page is reached"
    )


def _add_game(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--size", default="640x400", type=_size, help="size of the virtual screen in pixels (default %(default)s)"
    )
    group.add_argument(
        "--keyboard",
        metavar="LAYOUT",
        type=_layout,
        default=os.environ.get("KEYBOARD", ""),
        help="the viewers' keyboard layout, such as fr, de or us(dvorak); KEYBOARD sets it too",
    )
    group.add_argument("--always-running", action="store_true", help="do not pause while nobody is watching")


def _settings(options: argparse.Namespace) -> KioskSettings:
    width, height = options.size
    return KioskSettings(
        width_px=width,
        height_px=height,
        listen=options.listen,
        vnc_port=options.vnc_port,
        web_port=options.web_port,
        password=passwords.choose(
            os.environ.get("VNC_PASSWORD", ""), options.listen, allow_guessable=options.allow_guessable_password
        ),
        host_names=tuple(options.host_name),
        always_running=options.always_running,
        published_vnc_port=_published("PUBLISHED_VNC_PORT"),
        published_web_port=_published("PUBLISHED_WEB_PORT"),
        keyboard=options.keyboard,
        game_arguments=tuple(options.game),
    )


def _published(variable: str) -> int:
    """The port that an environment variable names; 0 when it names none, as a range of ports does not."""
    try:
        return _port(os.environ.get(variable, "0"))
    except argparse.ArgumentTypeError:
        return 0


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and 320 <= int(width) <= 4096 and 200 <= int(height) <= 4096):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 640x400")
    return int(width), int(height)


def _layout(text: str) -> str:
    if text and not is_layout(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a layout such as fr, de or us(dvorak)")
    return text


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port such as 5911")
    return int(text)
