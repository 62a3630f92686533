"""The words for what a kill does and did, and how it healed: in one place, so that message, list and tally agree.

None of them calls a container gone that is not: `docs/faults.md` says what each action leaves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from pydoom.containers.fleet.names import elide, elided
from pydoom.containers.link.events import Connected, KillMeaning, ProbeNews, RecoveryNews, Suffering

OUTCOMES: Final[Mapping[str, str]] = {
    "remove": "is removed",
    "stop": "is stopped",
    "kill": "is killed",
    "restart": "is restarted",
    "pause": "is paused",
    "disconnect": "is disconnected",
    "throttle": "is throttled",
    "squeeze": "is squeezed",
}
"""The state of a container after each of the bridge's actions."""
LASTING: Final = frozenset({"pause", "disconnect", "throttle", "squeeze"})
"""Actions that leave the container where it is, under a fault."""
ENDING: Final = frozenset({"remove", "stop", "kill"})
"""Actions after which the container is no longer listed."""

GONE: Final = "is gone"
"""It is no longer listed, and the player's kill was not the reason."""
HIT: Final = "is hit"
"""An action that this game does not know has been carried out."""
_SHORT_ACTIONS: Final = {"disconnect": "off net", "throttle": "slow", "squeeze": "tight"}


def outcome(action: str) -> str:
    """What the bridge's action has done to a container, as in "is paused"."""
    return OUTCOMES.get(action, HIT)


def ended(action: str, dry_run: bool) -> str:
    """Why a killed container is no longer listed: by the kill's `action`, or by somebody else."""
    return OUTCOMES[action] if action in ENDING and not dry_run else GONE


def healed(action: str) -> str:
    """What a container does once such a fault has healed."""
    return "runs again" if action == "pause" else f"is no longer {state(action).lower()}"


def in_capitals(words: str) -> str:
    """An outcome as a single word: "is removed" becomes REMOVED."""
    return words.removeprefix("is ").upper()


def state(action: str) -> str:
    """The state of a container under such a fault, as one word in capitals: PAUSED."""
    return in_capitals(outcome(action))


def seconds_text(seconds: float) -> str:
    """A duration in a few characters: 20 S, 0.5 S, 15 MIN, 2 HR, at most 9999 HR; empty if it has no end."""
    if not math.isfinite(seconds):
        return ""
    if seconds < 600:
        return f"{max(seconds, 0):.3g} S"
    return f"{seconds / 60:.0f} MIN" if seconds < 7200 else f"{min(seconds / 3600, 9999):.0f} HR"


def time_left(fault: Suffering, now: float) -> str:
    """How long a fault still lasts, in whole seconds; empty if nobody will undo it."""
    return seconds_text(math.ceil(max(fault.until - now, 0.0)) if math.isfinite(fault.until) else math.inf)


def meaning_forms(meaning: KillMeaning) -> Sequence[str]:
    """What a kill does, in capitals, from the longest form to the shortest."""
    action = meaning.action.upper()
    time = f" {seconds_text(meaning.seconds)}" if meaning.seconds else ""
    signal = f" {meaning.signal}" if meaning.signal else ""
    short = _SHORT_ACTIONS.get(meaning.action, action).upper()
    return tuple(dict.fromkeys((f"{action}{signal}{time}", f"{action}{time}", f"{short}{time}", short)))


def recovery_text(news: RecoveryNews | None) -> str:
    """Whether and when a victim's service came back, in a few words: BACK 3.2 S; empty while unknown."""
    if news is None:
        return ""
    return f"BACK {news.seconds:.1f} S" if news.back else "NOT BACK"


def probe_forms(news: ProbeNews) -> Sequence[str]:
    """What is wrong with a probe, in capitals, from the longest form to the shortest: CHECKOUT: 503."""
    what = news.reason if news.is_failing else news.state
    names = (*elided(news.name), elide(news.name, 5))
    forms = [f"{name}: {what}" for name in names]
    if news.is_failing:
        forms.append(f"{names[-1]} fails")  # without the reason, which may be long
    return tuple(form.upper() for form in forms)


def kill_sentence(connected: Connected) -> str:
    """What a shot does to a container, as this bridge has said, for the log and the kiosk's page."""
    if connected.dry_run:
        return "This is a dry run: shoot a monster, and nothing is done to its container."
    meaning = connected.meaning
    time = f" for {seconds_text(meaning.seconds).lower()}" if meaning.seconds else ""
    signal = f" ({meaning.signal})" if meaning.signal else ""
    whole = f"Shoot a monster, and its container {outcome(meaning.action)}{signal}{time}."
    if any(other != meaning for other in connected.weapons.values()):
        whole += " Some weapons do something else: the lower right corner of the screen says what."
    return whole
