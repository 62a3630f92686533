"""The play simulation (``p_*.c``): plain ints and lists; no arrays, no window, no clock, no files.

Conventions: functions take the `World` first, where they need it, then the mobj or player. Names are the original's in
snake_case without the prefix letter, and the docstring gives the original's. State actions are called
``action(world, mobj)`` for mobjs and ``action(world, player, psp)`` for player sprites. Modules call each other through
the module (``damage.damage_mobj(...)``) or import functions of lower modules by name.

The modules build on each other from the bottom up; none needs one above it (an import contract keeps it so):

- `fixed`, `constants`, `rules`, `random`, `errors`: arithmetic, sizes, what kind of game it is.
- `hooks`, `mapsource`: what it asks of the outside: textures' numbers, sounds, bonds of containers, a map's lumps.
- `thinkers`, `level`, `mobj`, `player`, `ticcmd`, `world`: the objects and the state of the game.
- `overflow`: what the original writes past the ends of its tables.
- `geometry`, `links`, `traverse`, `sight`, `openings`: where things are and what a line meets.
- `states`, `spawning`: how mobjs come, change and go.
- `enemy.senses`, `weapons`, `pickups`, `damage`: noise and sight, weapons in hand, items, wounds and deaths.
- `collision`, `crushing`, `reborn`, `mapthings`: who fits where; players and map things entering the level.
- `specials`: doors, plats, floors, ceilings, lights, switches, teleporters and the lines that set them off.
- `movement`, `hitscan`, `sliding`, `missiles`, `motion`, `user`: taking steps, shooting, a tic of a mobj, of a player.
- `weapon_attacks`, `enemy`: what states make weapons and monsters do.
- `actions`, `setup`, `tick`: names bound to state actions, a level from its lumps, one tic of it all.

Three rules that hold everywhere:

- `world.move` always describes the last position check, also one that failed; see `world.LastMove`.
- `world.thinkers` is in the original's order. Removing a thinker sets its `removed`; the list drops it when the run of
  thinkers reaches it. Code that scans the list skips thinkers with `removed` set. A thinker added during the run acts
  in the same tic. One in stasis stays in the list and does nothing.
- `mobj.state` is never None: a mobj that reaches S_NULL is removed.
"""
