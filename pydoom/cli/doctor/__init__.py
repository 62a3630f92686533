"""``pydoom doctor``: looks for everything a game needs on this machine, and says what to type where it is missing.

Each family of checks is a module with one function from the options of the game to `check.Check`s. What may crash or
hang, such as drivers for windows and sound, is tried in a child process (`probe`, `probes`); everything has a time
limit (`run`). Like the game, it never talks to a container engine: it asks the bridge's own command instead.
"""
