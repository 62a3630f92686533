"""The exceptions of this package: one, and a kind of it."""


class WadError(Exception):
    """A WAD can't be used; the message is one line for the user and says which file or lump and what is wrong."""


class OtherGameError(WadError):
    """The file is sound, but it is a game whose rules are not imitated."""
