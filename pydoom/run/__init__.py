"""Running a game: `assembly` puts it together, `loop` plays it at 35 tics a second, `headless` as fast as it goes."""
