"""Containers' monsters in the level: the only package here that changes the world, always between two tics.

`reach` finds the floor a player can get to, `placement` the places on it, `species` which monster a container is.
`monsters` spawns, raises and removes them, the simulation tells `bonds` when one is hurt or killed, and `stage`
brings the level up to date with the fleet, within a budget for each tic.
"""
