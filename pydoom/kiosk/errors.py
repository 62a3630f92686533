"""The error for what a user can do wrong when starting the kiosk."""


class KioskError(Exception):
    """A missing program or an unusable setting; the message says what to do."""
