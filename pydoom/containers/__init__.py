"""Containers as monsters: connects the fleet behind a bridge to the level being played.

Four packages, each of which needs only those named before it; `layer` assembles them and is the game's only way
to them (`run.machine` calls it before each tic and in each frame):

- `link` talks to the bridge: bytes in, events out, on a thread of its own.
- `fleet` keeps what is known about each container and what becomes of it. It never looks at the level.
- `level` gives containers their monsters: where they stand, which species they are, how they appear, rise and leave.
- `picture` draws names, marks, lists and tallies over the frame.

The simulation knows containers only as `sim.hooks.Bond`. Everything here acts between two tics, and nothing waits: the
bridge's events arrive through a queue. Demos, played or recorded, have no containers.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pydoom.containers.link.errors import BridgeError

if TYPE_CHECKING:
    from pydoom.containers.layer import Containers
    from pydoom.containers.link.client import BridgeClient
    from pydoom.containers.picture.hints import Hints
    from pydoom.data.info import GameInfo
    from pydoom.render.interface import ViewRenderer
    from pydoom.wad import Assets

__all__ = ["BridgeError", "connect", "open_client"]


def connect(
    url: str,
    assets: Assets,
    info: GameInfo,
    renderer: ViewRenderer,
    *,
    safety: bool = True,
    species: str = "demon",
    hints: Hints | None = None,
    complain: Callable[[str], None] | None = None,
    announce: Callable[[str], None] | None = None,
    explain: Callable[[str], None] | None = None,
) -> Containers:
    """The containers behind the bridge at `url`: ``unix:///PATH``, or ``simulated`` for a simulated fleet.

    ``simulated?fleet=50&churn=0`` sets its size, and how many containers appear or vanish a minute. `species` is the
    rule by which containers become monsters (see `level.species.SpeciesRule`). `renderer` says which things a frame
    shows, and draws monsters as their containers' state demands. `hints` decides when the player is told where
    containers are; `complain`, `announce` and `explain` receive what does not fit into the frame (`layer.Containers`).
    Returns at once; the game runs while the bridge is still starting. Raises BridgeError for any other URL.
    """
    from pydoom.containers.layer import Containers
    from pydoom.containers.level.bonds import look_of
    from pydoom.containers.level.species import Species, SpeciesRule
    from pydoom.containers.picture.overlay import Overlay
    from pydoom.screens.font import Font

    chosen = Species(SpeciesRule(species), info, assets.sprites)
    client = open_client(url)
    overlay = Overlay(Font(assets), assets.colormaps, renderer.seen_things, hints)
    renderer.look_of = look_of
    layer = Containers(client, overlay, chosen, safety, complain, announce, explain)
    client.start()
    return layer


def open_client(url: str) -> BridgeClient:
    """A client of the bridge at `url`, not started yet. Raises BridgeError for what is no bridge's URL."""
    from pydoom.containers.link.client import BridgeClient
    from pydoom.containers.link.embedded import EmbeddedBridge, EmbeddedClient

    scheme, _, query = url.partition("?")
    if scheme in ("simulated", "simulated://"):
        return EmbeddedClient(EmbeddedBridge(query))
    if url.startswith("unix://") and len(url) > len("unix://"):
        return BridgeClient(Path(url.removeprefix("unix://")))
    raise BridgeError(f"--bridge {url}: expected unix:///PATH of the bridge's socket, or simulated")
