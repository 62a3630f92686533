"""What is known about each container, and what becomes of it: bookkeeping that never looks at the level.

Events may be taken in at any time, also in demos and pauses; `level.stage` moves the monsters as the phases of
their containers demand, at the next tic boundary.
"""
