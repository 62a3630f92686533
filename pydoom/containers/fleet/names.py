"""Names and sentences in several lengths: what is shown is the longest that fits.

A container of a compose project is called ``PROJECT-SERVICE-1``, so that the beginnings of long names are all the same.
When a name is too long, the project goes first, unless another container then had the same name; the middle of what is
left is cut out last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydoom.containers.link.events import ContainerInfo

LONGEST_ELIDED: Final = 22
SHORTEST_ELIDED: Final = 8
"""Characters of names whose middle is cut out."""

SHORT_WEAPONS: Final[Mapping[str, str]] = {
    "rocket launcher": "rocket",
    "plasma rifle": "plasma",
    "bfg9000": "bfg",
    "super shotgun": "ssg",
}
"""Weapons by their names in the bridge's protocol; all others are short already."""


def elide(name: str, length: int = LONGEST_ELIDED) -> str:
    """The name, or its beginning and its end when it is longer than `length` characters."""
    if len(name) <= length:
        return name
    room = length - 2
    return f"{name[: (room + 1) // 2]}..{name[-(room // 2) :]}"


def fit(forms: Sequence[str], width: Callable[[str], int], room: int) -> str:
    """The first of `forms` whose `width` is at most `room`; the last when none is."""
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

    `ambiguous`: another container has the same name but for the project, which then stays, behind the service.
    """
    short = short_name(info)
    if ambiguous and short != info.name:
        short = f"{short} {info.project}"
    elided = (elide(short, length) for length in range(LONGEST_ELIDED, SHORTEST_ELIDED - 1, -1))
    return tuple(dict.fromkeys((info.name, short, *elided)))


def sentences(names: Sequence[str], words: str, weapon: str = "") -> tuple[str, ...]:
    """What to say of a container with these name forms, from the longest wording to the shortest."""
    whole, *shorter = names
    brief = SHORT_WEAPONS.get(weapon, weapon)
    said = [_sentence(whole, words, weapon), *(_sentence(name, words, brief) for name in (whole, *shorter))]
    return tuple(dict.fromkeys(said))


def _sentence(name: str, words: str, weapon: str) -> str:
    return f"{name} {words} ({weapon})" if weapon else f"{name} {words}"


class NameBook:
    """The name forms of all containers there are, kept until `forget` says that something has changed."""

    def __init__(self) -> None:
        self._forms: dict[str, tuple[str, ...]] = {}
        self._namesakes: Counter[str] | None = None

    def forget(self) -> None:
        """A container has come, gone or changed."""
        self._forms.clear()
        self._namesakes = None

    def forms(self, info: ContainerInfo, everybody: Iterable[ContainerInfo]) -> tuple[str, ...]:
        """The forms for `info` among `everybody`."""
        found = self._forms.get(info.id)
        if found is None:
            if self._namesakes is None:
                self._namesakes = Counter(map(short_name, everybody))
            ambiguous = self._namesakes[short_name(info)] > 1
            found = self._forms[info.id] = name_forms(info, ambiguous=ambiguous)
        return found
