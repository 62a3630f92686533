"""The error for windows, sound devices and recordings."""


class DeviceError(Exception):
    """A device cannot be opened; the message says why and what to do."""
