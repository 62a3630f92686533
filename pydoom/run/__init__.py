"""Running a game: `machine` is the game itself, `loop` plays it in a window, `headless` runs it as fast as it goes.

`machine.Machine` is a session with its screens, renderer, saves, sound and containers, all given at construction. A
driver calls ``commands()``, ``tic(commands)``, then either ``draw()`` or ``skip_frame()``: a frame that nobody looks at
costs the same random numbers, and only the machine knows that.
"""
