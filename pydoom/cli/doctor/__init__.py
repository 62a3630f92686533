"""``pydoom doctor``: checks this machine for everything a game needs, and says what to type where something is missing.

Each family of checks is a module with a function that maps the game's options to `check.Check`s. What may crash or
hang, such as drivers for windows and sound, is tried in a child process (`probe`, `probes`); everything has a time
limit (`run`). Like the game, it never talks to a container engine: it asks the bridge's own command instead.
"""
