"""The session: game state, ticcmds, demos, saves, cheats and level flow (``g_game.c``, ``d_main.c``).

- `session.Session` owns the `World` and is read-only from outside. ``run_tic(commands)`` is G_Ticker and
  ``responder(event)`` G_Responder. ``new_game``, ``load_game``, ``save_game`` and ``play_demo`` are carried out at the
  start of the next tic, as the original defers them.
- `flow`: a level's beginning and end (G_InitNew, G_DoLoadLevel). `demoflow`, `titleloop`: playing and recording demos,
  the title's. `rules`, `level`: values that say what is played. `requests`, `results`, `state`: what the session is
  asked for, what a level's end counts, in which state it is. `control`: what screens may do to it.
- `displays`: the protocols of the screens, and what a screen sees of the game. The ticker of a screen runs in every tic
  of its game state, whether or not anything is drawn, since it may draw random numbers.
- `events`: keys, mouse and controller; key numbers are those of doomkeys.h. `keymap`: remapped keys.
- `ticcmd`: held keys and mouse as a command (G_BuildTiccmd). `demo`: demos. `dsg` and `archive`: saved games in the
  original's format. `trace`: what `docs/fidelity.md` compares with the original.
- `sounds`: which sounds are audible, how loud and at which pitch (``s_sound.c``); devices only play them.
- `cheats`: typed codes and their parameters. `dehacked`: patches of the tables.
"""
