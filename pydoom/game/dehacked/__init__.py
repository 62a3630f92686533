"""DeHackEd patches: text files that change the tables, texts and cheats of one session (``deh_*.c``).

`parser` turns the bytes of a patch into sections without interpreting them; `apply` applies them to a
`GameInfo`. What the original's editor for DOOM 1.9 could not do is refused, as Chocolate Doom refuses it.
"""

from pydoom.game.dehacked.apply import apply
from pydoom.game.dehacked.errors import DehackedError
from pydoom.game.dehacked.load import patch_game, read_patch_file
from pydoom.game.dehacked.parser import parse

__all__ = ["DehackedError", "apply", "parse", "patch_game", "read_patch_file"]
