"""The session: game state, ticcmds, demos, saves, cheats and level flow (``g_game.c``)."""
