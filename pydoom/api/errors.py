"""The exception for programs that use the API."""


class GameError(Exception):
    """The game cannot do what was asked; the message says why."""
