"""The error of this package."""

from __future__ import annotations


class FleetMapError(Exception):
    """A level that cannot be built, in one line that says why and what to do."""
