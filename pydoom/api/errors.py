"""The exception that programs see."""


class GameError(Exception):
    """The game cannot do as asked; the message says why."""
