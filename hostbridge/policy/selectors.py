"""One way to pick containers, as written in a rule: by name, image, compose project or label."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from hostbridge.model import PROJECT_LABEL, Container, SetupError

KINDS: Final = ("name", "label", "image", "project")


@dataclass(frozen=True, slots=True)
class Selector:
    """One way to pick containers: by glob on the name, the image or the compose project, or by a label."""

    kind: str
    pattern: str  # a glob; of the label's value for labels
    key: str = ""  # the label

    @classmethod
    def parse(cls, text: str) -> Selector:
        """Read ``web-*``, ``name=web-*``, ``image=redis:*``, ``project=shop``, ``label=KEY`` or ``label=KEY=VALUE``.

        ``KEY=VALUE`` alone is a label too, since no container name holds an equals sign. Raises SetupError.
        """
        kind, separator, rest = text.partition("=")
        if not separator:
            kind, rest = "name", text
        elif kind not in KINDS:
            kind, rest = "label", text
        if not rest:
            raise SetupError(f"empty selector: {text!r}")
        if kind != "label":
            return cls(kind, rest)
        key, separator, value = rest.partition("=")
        if not key:
            raise SetupError(f"a label needs a key: {text!r}")
        return cls(kind, value if separator else "*", key)

    def matches(self, container: Container) -> bool:
        """Whether this picks the container."""
        if self.kind == "name":
            return fnmatchcase(container.name, self.pattern)
        if self.kind == "image":
            return fnmatchcase(container.image, self.pattern)
        if self.kind == "project":
            return fnmatchcase(container.label(PROJECT_LABEL), self.pattern)
        value = container.labels.get(self.key)
        return value is not None and fnmatchcase(value, self.pattern)

    def __str__(self) -> str:
        if self.kind == "label":
            return f"label={self.key}={self.pattern}"
        return f"{self.kind}={self.pattern}"
