"""What can go wrong with windows and sound devices."""


class DeviceError(Exception):
    """A device cannot be opened; the message says why and what to do."""
