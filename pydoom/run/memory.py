"""Keeps the garbage collector away from what lives long."""

import gc


def settle_memory() -> None:
    """Freeze all that has been made so far for the garbage collector, and unfreeze the level before this one.

    Each full collection would scan all of it, which takes longer than a frame may. This one takes as long, so the loop
    calls it when a level's first frame is shown, while the level melts in. The program starts without collections
    (`pydoom.cli.main`), and they begin here.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.enable()
