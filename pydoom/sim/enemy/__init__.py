"""What monsters sense, decide and do (``p_enemy.c``).

`senses` and `chase` are what all monsters share; `attacks`, `revenant`, `mancubus`, `souls`, `vile` and `brain`
are what each kind does; `dying` and `boss` are what happens when they fall; `fast` is Nightmare's and ``-fast``'s
change of the tables. State actions take the world and the mobj; `pydoom.sim.actions` ties them to their names.
"""
