"""Names and sentences in several lengths: the longest that fits is shown.

A container of a compose project is called ``PROJECT-SERVICE-1``, so the beginnings of long names are often the same.
A name that is too long first loses its project, unless another container would then have the same name; as a last
resort its middle is cut out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydoom.containers.link.events import ContainerInfo

LONGEST_ELIDED: Final = 22
SHORTEST_ELIDED: Final = 8
"""Lengths of names whose middle is cut out, in characters."""

SHORT_WEAPONS: Final[Mapping[str, str]] = {
    "rocket launcher": "rocket",
    "plasma rifle": "plasma",
    "bfg9000": "bfg",
    "super shotgun": "ssg",
}
"""Short forms of the weapons in the bridge's protocol; the others are short already."""


def elide(name: str, length: int = LONGEST_ELIDED) -> str:
    """The name, or its beginning and its end when it is longer than `length` characters."""
    if len(name) <= length:
        return name
    room = length - 2
    return f"{name[: (room + 1) // 2]}..{name[-(room // 2) :]}"


def elided(name: str) -> tuple[str, ...]:
    """The name, and its forms with the middle cut out, from the longest to the shortest."""
    return (name, *(elide(name, length) for length in range(LONGEST_ELIDED, SHORTEST_ELIDED - 1, -1)))


def fit(forms: Sequence[str], width: Callable[[str], int], room: int) -> str:
    """The first of `forms` whose `width` is at most `room`; the last if none is."""
    return next((form for form in forms if width(form) <= room), forms[-1])


def short_name(info: ContainerInfo) -> str:
    """The name without its project: the service and the number."""
    for separator in "-_":
        prefix = f"{info.project}{separator}"
        if info.project and info.name.startswith(prefix) and len(info.name) > len(prefix):
            return info.name[len(prefix) :]
    return info.name


def name_forms(info: ContainerInfo, *, ambiguous: bool = False) -> tuple[str, ...]:
    """A container's name from the longest form to the shortest.

    `ambiguous`: another container differs only in its project, so the project stays, after the service.
    """
    short = short_name(info)
    if ambiguous and short != info.name:
        short = f"{short} {info.project}"
    elided = (elide(short, length) for length in range(LONGEST_ELIDED, SHORTEST_ELIDED - 1, -1))
    return tuple(dict.fromkeys((info.name, short, *elided)))


def sentences(names: Sequence[str], words: str, weapon: str = "") -> tuple[str, ...]:
    """A sentence about a container with these name forms, from the longest wording to the shortest."""
    whole, *shorter = names
    brief = SHORT_WEAPONS.get(weapon, weapon)
    said = [_sentence(whole, words, weapon), *(_sentence(name, words, brief) for name in (whole, *shorter))]
    return tuple(dict.fromkeys(said))


def _sentence(name: str, words: str, weapon: str) -> str:
    return f"{name} {words} ({weapon})" if weapon else f"{name} {words}"


class NameBook:
    """The name forms of all containers, cached until `forget`."""

    def __init__(self) -> None:
        self._forms: dict[str, tuple[str, ...]] = {}
        self._namesakes: Counter[str] | None = None

    def forget(self) -> None:
        """Clear the cache: a container has appeared, gone or changed."""
        self._forms.clear()
        self._namesakes = None

    def forms(self, info: ContainerInfo, everybody: Iterable[ContainerInfo]) -> tuple[str, ...]:
        """The name forms of `info` that tell it apart from `everybody`."""
        found = self._forms.get(info.id)
        if found is None:
            if self._namesakes is None:
                self._namesakes = Counter(map(short_name, everybody))
            ambiguous = self._namesakes[short_name(info)] > 1
            found = self._forms[info.id] = name_forms(info, ambiguous=ambiguous)
        return found
