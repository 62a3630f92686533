"""Saves from versions in which all games shared one folder: each game copies those that fit into its own folder.

The old files stay where they are, so nothing is lost if copying fails. A folder appears under its name only once it
is complete.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydoom.files import write_atomically
from pydoom.game import savegame
from pydoom.game.dsg import SaveError

if TYPE_CHECKING:
    from pydoom.game.saves import SavableGame

_PATTERN: Final = "doomsav[0-9].dsg"


def adopt_old_saves(shared: Path, folder: Path, game: SavableGame) -> int:
    """Copy the saves in `shared` that fit `game` into `folder`, unless it exists; returns how many. Raises OSError."""
    if folder.exists():
        return 0
    fitting = [path for path in sorted(shared.glob(_PATTERN)) if _fits(path, game)]
    if not fitting:
        return 0
    parts = Path(tempfile.mkdtemp(dir=shared, prefix=".adopted-"))
    try:
        for path in fitting:
            write_atomically(parts / path.name, path.read_bytes())
        os.rename(parts, folder)
    except BaseException:
        shutil.rmtree(parts, ignore_errors=True)
        raise
    return len(fitting)


def _fits(path: Path, game: SavableGame) -> bool:
    try:
        savegame.read(path, game)
    except SaveError:
        return False
    return True
