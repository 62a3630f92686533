"""The error for maps that the simulation cannot play."""


class LevelError(Exception):
    """A map that cannot be played; the message is one line that says what is wrong with it."""
