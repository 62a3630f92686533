"""``pydoom fleetmap``: writes a data centre to a WAD file, or checks the levels of one.

Nothing but the roster is asked of a bridge. Without one, groups come from the command line or from a file. Monsters
stand where the containers' own would, so the level can be played in any engine, with the same IWAD.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydoom import parsing
from pydoom.cli.grammar import OptionsError
from pydoom.containers import BridgeError
from pydoom.data.infotables import load_info
from pydoom.files import SHARED, open_to_read, write_atomically
from pydoom.fleetmap.check import check_level, notes
from pydoom.fleetmap.errors import FleetMapError
from pydoom.fleetmap.inhabit import inhabit
from pydoom.fleetmap.plan import MAX_CONTAINERS, MAX_PLAYERS
from pydoom.fleetmap.site import MAX_SEED, FleetSite
from pydoom.fleetmap.stock import Stock
from pydoom.fleetmap.wadfile import wad_of
from pydoom.wad import WadError, load
from pydoom.wad.archive import read_wad
from pydoom.wad.find import find_add_on, find_iwad

if TYPE_CHECKING:
    from pydoom.containers.link.events import ContainerInfo

BRIDGE_SECONDS: Final = 15.0
"""How long to wait for the bridge's list."""
MAX_FILE_BYTES: Final = 1 << 20
USER_ERROR: Final = 2
_MEAN_GROUP: Final = 8
"""Containers in a simulated group, on average."""

Populations = Mapping[str, tuple[int, int]]
"""How many containers of each group can be hit, and how many are protected."""


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0, or 1 if the level has faults, or 2 for a user's error."""
    try:
        options = _parser().parse_args(argv)
        faults = _check(options) if options.check else _write(options)
    except OSError as error:
        return _fail(f"{error.filename or options.output}: {error.strerror or error}")
    except (FleetMapError, BridgeError, OptionsError, WadError) as error:
        return _fail(str(error))
    for fault in faults:
        print(fault)
    return int(bool(faults))


def _fail(message: str) -> int:
    print(f"pydoom fleetmap: {message}", file=sys.stderr)
    return USER_ERROR


def _write(options: argparse.Namespace) -> list[str]:
    """Write the level, and return no faults."""
    if options.output is None:
        raise OptionsError("--output FILE says where the level goes (or --check FILE, which one to check)")
    assets = load(_iwad(options), *map(find_add_on, options.file))
    name = options.map or ("MAP01" if assets.mode == "commercial" else "E1M1")
    if name not in assets.map_names:
        raise OptionsError(f"--map {name}: {assets.path} has no such level")
    site = replace(_site(options), players=options.players)
    draft = site.draft(Stock.of(assets), name)
    if not options.nomonsters:
        draft = inhabit(draft, site.groups)
    data = wad_of(draft, assets)
    write_atomically(options.output, data, mode=SHARED)
    people = sum(group.population + group.protected for group in site.groups)
    print(f"{options.output}: {name} for {_counted(people, 'container')} in {_counted(len(site.groups), 'group')}")
    if assets.mode == "shareware":
        print("Most other engines refuse add-ons over the shareware WAD.", file=sys.stderr)
    return []


def _check(options: argparse.Namespace) -> list[str]:
    """The faults of the levels in a file, or of one of them, after their notes have been printed."""
    assets = load(_iwad(options), *map(find_add_on, options.file), options.check)
    held = {lump.name for lump in read_wad(options.check).lumps}.intersection(assets.map_names)
    names = sorted(held) if options.map is None else [options.map]
    if not names or not held.issuperset(names):
        raise OptionsError(f"{options.check} has no level {options.map or 'of DOOM'}")
    info = load_info()
    found = []
    for name in names:
        data = assets.map(name)
        for note in notes(data):
            print(f"{options.check}: {name}: {note}", file=sys.stderr)
        faults = check_level(data, assets, info)
        if not faults:
            print(f"{options.check}: {name} is sound")
        found += [f"{options.check}: {name}: {fault}" for fault in faults]
    return found


# -- who lives there


def _site(options: argparse.Namespace) -> FleetSite:
    if options.bridge:
        from pydoom.containers.fleet.groups import survey

        return survey(_listed(options.bridge), options.seed)
    if options.groups:
        return FleetSite.of(_named(options.groups), options.seed, False)
    if options.fleet:
        return FleetSite.of(_read(options.fleet), options.seed, False)
    return FleetSite.of(_simulated(options.simulate, options.seed), options.seed, False)


def _listed(url: str) -> Sequence[ContainerInfo]:
    """The bridge's containers, once it has told them."""
    from pydoom.containers import open_client
    from pydoom.containers.link.events import Disconnected, Listed

    client = open_client(url)
    client.start()
    reason = "it does not answer"
    try:
        until = time.monotonic() + BRIDGE_SECONDS
        while time.monotonic() < until:
            for event in client.events():
                if isinstance(event, Listed):
                    return event.containers
                if isinstance(event, Disconnected):
                    reason = event.reason
            time.sleep(0.02)
    finally:
        client.close()
    raise BridgeError(f"--bridge {url}: {reason}")


def _named(text: str) -> Populations:
    """``web:12,db:3+1`` as populations."""
    found: dict[str, tuple[int, int]] = {}
    for part in text.split(","):
        name, colon, counts = part.rpartition(":")
        hit, plus, protected = counts.partition("+")
        if not colon or not name.strip() or name.strip() in found:
            raise OptionsError(f"--groups: {part!r} is not NAME:CONTAINERS or NAME:CONTAINERS+PROTECTED")
        found[name.strip()] = _count(hit, part), _count(protected, part) if plus else 0
    return found


def _count(text: str, part: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= MAX_CONTAINERS):
        raise OptionsError(f"--groups: {text!r} in {part!r} is not a number up to {MAX_CONTAINERS}")
    return int(text)


def _read(path: Path) -> Populations:
    """The populations in a JSON file: {"web": 12, "db": [3, 1]}."""
    with open_to_read(path) as stream:
        data = stream.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise OptionsError(f"{path} is too large for a list of groups")
    try:
        content = parsing.json_value(data)
    except ValueError:
        raise OptionsError(f"{path} is not JSON") from None
    if not isinstance(content, dict):
        raise OptionsError(f'{path} is not like {{"web": 12, "db": [3, 1]}}')
    found = {}
    for name, counts in content.items():
        hit, protected = counts if isinstance(counts, list) and len(counts) == 2 else (counts, 0)
        if not all(type(count) is int and 0 <= count <= MAX_CONTAINERS for count in (hit, protected)):
            raise OptionsError(f"{path}: {name!r} has no number of containers up to {MAX_CONTAINERS}")
        found[name] = (hit, protected)
    return found


def _simulated(count: int, seed: int) -> Populations:
    """So many containers, in groups of any size."""
    chance = random.Random(seed)
    names = [f"group-{number}" for number in range(1, max(count // _MEAN_GROUP, 1) + 1)]
    found = dict.fromkeys(names, 0)
    for _ in range(count):
        found[chance.choice(names)] += 1
    return {name: (hit, 0) for name, hit in found.items() if hit}


# -- the command line


def _iwad(options: argparse.Namespace) -> Path:
    found = find_iwad(options.wad)
    if found is None:
        raise OptionsError("no DOOM WAD found: give one with --wad, or put one into wads/")
    return found.path


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count:,} {word}s"


def _whole(least: int, most: int) -> Callable[[str], int]:
    """A type for argparse: a whole number in these limits."""

    def convert(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least} to {most}")
        return int(text)

    return convert


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pydoom fleetmap", description=__doc__)
    fleet = parser.add_mutually_exclusive_group()
    fleet.add_argument("--bridge", metavar="URL", default="", help="the fleet behind this bridge, or simulated")
    fleet.add_argument("--groups", metavar="LIST", default="", help="groups as web:12,db:3+1 (one more is protected)")
    fleet.add_argument("--fleet", metavar="FILE", type=Path, help='groups as JSON: {"web": 12, "db": [3, 1]}')
    fleet.add_argument(
        "--simulate", metavar="N", type=_whole(0, MAX_CONTAINERS), default=20, help="N made-up containers"
    )
    fleet.add_argument("--check", metavar="FILE", type=Path, help="check the levels in this WAD instead")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="where the WAD goes")
    parser.add_argument("--wad", help="the IWAD whose textures are used; default as for the game")
    parser.add_argument("--file", metavar="WAD", type=Path, action="append", default=[], help="an add-on over the IWAD")
    parser.add_argument(
        "--map", metavar="NAME", type=str.upper, help="the level's name; default E1M1 or MAP01, and all with --check"
    )
    parser.add_argument("--players", type=_whole(1, MAX_PLAYERS), default=MAX_PLAYERS, help="starts, 1 to 4")
    parser.add_argument("--seed", type=_whole(0, MAX_SEED), default=1, help="another seed, other rooms")
    parser.add_argument("--nomonsters", action="store_true", help="leave out the containers' monsters")
    return parser
