"""Selectors: what a rule matches, by name, image, compose project, service or label."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from hostbridge.model import PROJECT_LABEL, Container, SetupError
from hostbridge.policy import images

KINDS: Final = ("name", "image", "project", "service", "label")
_KINDS_WITH_EQUALS: Final = ", ".join(f"{kind}=" for kind in KINDS)


@dataclass(frozen=True, slots=True)
class Selector:
    """Matches containers by a glob on the name, image, project or service, or by a label."""

    kind: str
    pattern: str  # a glob; for labels, on the value
    key: str = ""  # the label

    @classmethod
    def parse(cls, text: str) -> Selector:
        """Read ``web-*``, ``name=web-*``, ``image=redis:*``, ``project=shop``, ``service=api``, ``label=KEY[=GLOB]``.

        Raises SetupError, also for any other word before an equals sign: a rule with a typo would protect
        nothing.
        """
        kind, separator, rest = text.partition("=")
        if not separator:
            kind, rest = "name", text
        if kind not in KINDS:
            raise SetupError(f"unknown selector {kind!r} in {text!r}; known are {_KINDS_WITH_EQUALS}")
        if not rest:
            raise SetupError(f"empty selector: {text!r}")
        if kind != "label":
            return cls(kind, rest)
        key, separator, value = rest.partition("=")
        if not key:
            raise SetupError(f"a label needs a key: {text!r}")
        return cls(kind, value if separator else "*", key)

    def matches(self, container: Container) -> bool:
        """Whether this matches the container."""
        if self.kind == "name":
            return fnmatchcase(container.name, self.pattern)
        if self.kind == "image":
            return images.matches(self.pattern, container.images or (container.image,))
        if self.kind == "project":
            return fnmatchcase(container.label(PROJECT_LABEL), self.pattern)
        if self.kind == "service":
            return fnmatchcase(container.service, self.pattern)
        value = container.labels.get(self.key)
        return value is not None and fnmatchcase(value, self.pattern)

    def may_match(self, container: Container) -> bool:
        """Whether this might match the container by a name of its image that the engine did not report."""
        known = container.images or (container.image,)
        is_nameless = any(known) and not images.is_named(known)
        return self.kind == "image" and is_nameless and images.may_match_names(self.pattern)

    def __str__(self) -> str:
        if self.kind == "label":
            return f"label={self.key}={self.pattern}"
        return f"{self.kind}={self.pattern}"
