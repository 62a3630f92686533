"""The error of a bridge that cannot be used."""


class BridgeError(Exception):
    """The bridge the user asked for cannot be used; the message says why."""
