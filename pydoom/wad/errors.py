"""The one exception of this package."""


class WadError(Exception):
    """A WAD can't be used; the message is one line for the user and says which file or lump and what is wrong."""
