"""Running a game: `machine` is the game itself, `loop` plays it in a window, `headless` as fast as it goes."""
