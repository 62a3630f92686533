"""What is wrong with a patch: errors that make it unusable, and warnings that do not."""

from __future__ import annotations

from dataclasses import dataclass, field


class DehackedError(Exception):
    """A patch can't be used; the message is one line, ``FILE:LINE: what is wrong``."""


@dataclass(slots=True)
class Report:
    """Collects the warnings about one patch, called `name` in messages."""

    name: str
    warnings: list[str] = field(default_factory=list)

    def warn(self, line: int, message: str) -> None:
        """Note something odd in a line, counted from 1."""
        self.warnings.append(f"{self.name}:{line}: {_one_line(message)}")

    def error(self, line: int, message: str) -> DehackedError:
        """The exception for something that makes the patch useless."""
        return DehackedError(f"{self.name}:{line}: {_one_line(message)}")


def _one_line(message: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in message)
