"""Containers as monsters: roster, bridge client, spawn placement, labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydoom.containers.events import BridgeError

if TYPE_CHECKING:
    from pydoom.containers.layer import Containers
    from pydoom.game.session import Session

__all__ = ["BridgeError", "connect"]


def connect(url: str, session: Session, *, safety: bool = True) -> Containers:
    """The containers behind the bridge at `url`: ``unix:///PATH``, or ``simulated`` for a fleet of our own.

    ``simulated?fleet=50&churn=0`` says how large it is and how many come and go a minute. Returns at once; a bridge
    that is not there is waited for while the game runs. Raises BridgeError for a URL that makes no sense.
    """
    from pydoom.containers.client import BridgeClient
    from pydoom.containers.embedded import EmbeddedBridge, EmbeddedClient
    from pydoom.containers.labels import Labels
    from pydoom.containers.layer import Containers
    from pydoom.screens.font import Font

    scheme, _, query = url.partition("?")
    if scheme in ("simulated", "simulated://"):
        client: BridgeClient = EmbeddedClient(EmbeddedBridge(query))
    elif url.startswith("unix://") and len(url) > len("unix://"):
        client = BridgeClient(Path(url.removeprefix("unix://")))
    else:
        raise BridgeError(f"--bridge {url}: say unix:///PATH of the bridge's socket, or simulated")
    client.start()
    return Containers(client, Labels(Font(session.assets)), safety)
