"""``pydoom doctor``: takes the game's options and says whether it could run with them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from pydoom.cli.doctor.check import Check
from pydoom.cli.doctor.packages import check_packages
from pydoom.cli.doctor.report import as_json, conclusion, is_ready, line, wants_colours
from pydoom.cli.doctor.run import examine

USER_ERROR: Final = 2
INTERRUPTED: Final = 130

Family = Callable[[], Iterable[Check]]


def main(argv: Sequence[str]) -> int:
    """Check and report. Returns 0 if the game can run as asked, 1 if not, 2 for a wrong command line."""
    own, words = _parser().parse_known_args(argv)
    try:
        return _look_and_tell(words, own.json)
    except KeyboardInterrupt:
        return INTERRUPTED


def _look_and_tell(words: Sequence[str], json: bool) -> int:
    try:
        families = _families(words)
    except ImportError:  # parsing the game's options needs some of the packages
        families = {"packages": check_packages}
    except _WrongOptions as error:
        print(f"pydoom: {error}", file=sys.stderr)
        return USER_ERROR
    checks = []
    colours = wants_colours(sys.stdout)
    for check in examine(families):
        checks.append(check)
        if not json:
            print(line(check, colours), flush=True)
    print(as_json(checks) if json else conclusion(checks))
    return 0 if is_ready(checks) else 1


class _WrongOptions(Exception):
    """The game would refuse its command line; the message says why."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pydoom doctor",
        usage="pydoom doctor [--json] [options]",
        description="Check this machine for what the game needs, and say what to type where something is missing.",
        epilog="The other options are those of `pydoom --help`: the doctor says whether the game can run with "
        "them. Exit status 0: it can, 1: it cannot.",
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="print JSON, for scripts")
    return parser


def _families(words: Sequence[str]) -> dict[str, Family]:
    """The families of checks, by name, in the order of the report."""
    # imported only here, so that missing packages can be reported by name
    from pydoom.cli.doctor import bridge, devices, engine, extras, folders, terminals, wads
    from pydoom.cli.grammar import OptionsError
    from pydoom.cli.options import Options, parse_options

    try:
        options = parse_options(words)
    except OptionsError as error:
        raise _WrongOptions(error) from error

    def with_options(check: Callable[[Options], Iterator[Check]]) -> Family:
        return lambda: check(options)

    return {
        "packages": check_packages,
        "wad": with_options(wads.check_wads),
        "display": with_options(devices.check_display),
        "sound": with_options(devices.check_sound),
        "controllers": with_options(devices.check_controllers),
        "terminal": with_options(terminals.check_terminal),
        "settings": with_options(folders.check_settings),
        "saved games": with_options(folders.check_saves),
        "bridge": with_options(bridge.check_bridge),
        "engine": with_options(engine.check_engine),
        "extras": with_options(extras.check_extras),
    }
