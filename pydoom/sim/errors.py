"""What can go wrong in the simulation through no fault of its own."""


class LevelError(Exception):
    """A map that cannot be played; the message is one line that says what is wrong with it."""
