"""What is known of each container, and what becomes of it: bookkeeping that never looks at the level.

News may be taken in at any time, in demos and pauses as well; `level.stage` does to the monsters what the phases of
their containers say, at the next tic boundary.
"""
