"""Containers as monsters: roster, bridge client, spawn placement, labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydoom.containers.events import BridgeError

if TYPE_CHECKING:
    from pydoom.containers.layer import Containers
    from pydoom.game.session import Session
    from pydoom.render.renderer import Renderer

__all__ = ["BridgeError", "connect"]


def connect(
    url: str, session: Session, renderer: Renderer, *, safety: bool = True, species: str = "demon"
) -> Containers:
    """The containers behind the bridge at `url`: ``unix:///PATH``, or ``simulated`` for a fleet of our own.

    ``simulated?fleet=50&churn=0`` says how large it is and how many come and go a minute. `species` is the rule by
    which containers become monsters (see `species.Rule`). `renderer` says whose names to write, and draws protected
    ones in blue. Returns at once; a bridge that is not there is waited for while the game runs. Raises BridgeError for
    a URL that makes no sense.
    """
    from pydoom.containers.bonds import is_protected
    from pydoom.containers.client import BridgeClient
    from pydoom.containers.embedded import EmbeddedBridge, EmbeddedClient
    from pydoom.containers.layer import Containers
    from pydoom.containers.overlay import Overlay
    from pydoom.containers.species import Rule, Species
    from pydoom.game.savegame import SaveFolder
    from pydoom.screens.font import Font

    assets = session.assets
    chosen = Species(Rule(species), session.world.info, assets.sprites)
    scheme, _, query = url.partition("?")
    if scheme in ("simulated", "simulated://"):
        client: BridgeClient = EmbeddedClient(EmbeddedBridge(query))
    elif url.startswith("unix://") and len(url) > len("unix://"):
        client = BridgeClient(Path(url.removeprefix("unix://")))
    else:
        raise BridgeError(f"--bridge {url}: say unix:///PATH of the bridge's socket, or simulated")
    overlay = Overlay(Font(assets), assets.colormaps, renderer.seen_things)
    renderer.tinted = is_protected
    layer = Containers(client, overlay, chosen, safety)
    if isinstance(session.saves, SaveFolder):
        session.saves.label_of = layer.label_of
        session.saves.labels_loaded = layer.labels_loaded
    client.start()
    return layer
