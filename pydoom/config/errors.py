"""The one exception of this package."""


class ConfigError(Exception):
    """A configuration file can't be used; the message is one line, ``FILE:LINE: what is wrong``."""
