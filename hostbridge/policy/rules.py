"""Which containers are monsters, which cannot be hurt, and what a kill does to the others.

A `Policy` is an immutable value; `policy.file` makes one from TOML and `cli.options` from flags. Its rules are checked
again at the moment of each kill, whatever a client believes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Final

from hostbridge.fault import Fault
from hostbridge.model import PROTECT_LABEL, ROLE_LABEL, TARGET_LABEL, Container, KillAction
from hostbridge.policy.outside import HookRule, ProbeRule
from hostbridge.policy.selectors import Selector

SHOWN_LABELS: Final = ("pydoom.*", "com.docker.compose.project", "com.docker.compose.service")
"""Labels that clients may see by default: the others may hold secrets."""

WEAPONS: Final = (
    "fist",
    "chainsaw",
    "pistol",
    "shotgun",
    "super shotgun",
    "chaingun",
    "rocket launcher",
    "plasma rifle",
    "bfg9000",
    "barrel",
)
"""What can kill a monster, as clients name it."""

_OWN: Final = "it is the bridge or the game itself"
_ROLE: Final = f"label {ROLE_LABEL} marks it as part of pydoom"
_LABELLED: Final = f"label {PROTECT_LABEL}"
REMOVAL: Final = Fault(KillAction.REMOVE)
"""What the original does: `rm -f`."""

_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})


def truthy(value: str) -> bool:
    """Whether a label's value means yes."""
    return value.strip().lower() in _TRUE


@dataclass(frozen=True, slots=True)
class Verdict:
    """A policy's decision on one container, and why."""

    listed: bool
    protected: bool
    reason: str
    lasts: bool = False  # no later change of the container takes it back: see `judge`


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything the user decided. The defaults are the original's: every container, `rm -f`."""

    include: tuple[Selector, ...] = ()
    exclude: tuple[Selector, ...] = ()
    protect: tuple[Selector, ...] = ()
    only_labelled: bool = False
    fault: Fault = REMOVAL
    weapons: Mapping[str, Fault] = field(default_factory=dict)
    wound: bool = False
    dry_run: bool = False
    kills_per_minute: int = 0  # per user; 0 for the default rate
    kill_budget: int = 0  # kills and wounds per user; 0 for no limit
    recovery_seconds: int = 300  # after which a victim's service counts as not recovered
    session_budget: int = 0  # the same per session of the game
    inspect: bool = True  # clients may ask about one container: its use, its ports
    logs: bool = False  # and for its last lines, which may hold secrets
    show_labels: tuple[str, ...] = SHOWN_LABELS
    probes: tuple[ProbeRule, ...] = ()
    hooks: tuple[HookRule, ...] = ()
    own_ids: frozenset[str] = frozenset()

    def with_own(self, *ids: str) -> Policy:
        """A copy that also knows the IDs (or long prefixes) of the bridge's and the game's own containers."""
        return replace(self, own_ids=self.own_ids | {each for each in ids if each})

    def lasting_reasons(self) -> frozenset[str]:
        """The reasons of all verdicts that last."""
        return frozenset(
            {
                _OWN,
                _ROLE,
                _LABELLED,
                *(f"excluded by {selector}" for selector in self.exclude),
                *(f"protected by {selector}" for selector in self.protect),
            }
        )

    def judge(self, container: Container) -> Verdict:
        """Whether the container is a monster and whether it can be killed."""
        if any(container.id.startswith(own) for own in self.own_ids):
            return Verdict(False, True, _OWN, lasts=True)
        if ROLE_LABEL in container.labels:
            return Verdict(False, True, _ROLE, lasts=True)
        if self.only_labelled and not truthy(container.label(TARGET_LABEL)):
            return Verdict(False, True, f"it has no label {TARGET_LABEL}=true")
        for selector in self.exclude:
            if selector.matches(container):
                return Verdict(False, True, f"excluded by {selector}", lasts=True)
        if self.include and not any(selector.matches(container) for selector in self.include):
            return Verdict(False, True, "no include rule matches it")
        return self._judge_protection(container)

    def _judge_protection(self, container: Container) -> Verdict:
        # a label without a value protects too: only a clear "no" lifts it
        if PROTECT_LABEL in container.labels and container.label(PROTECT_LABEL).strip().lower() not in _FALSE:
            return Verdict(True, True, _LABELLED, lasts=True)
        for selector in self.protect:
            if selector.matches(container):
                return Verdict(True, True, f"protected by {selector}", lasts=True)
        for listed, selectors in ((False, self.exclude), (True, self.protect)):
            for selector in selectors:
                if selector.may_match(container):
                    return Verdict(listed, True, f"its image has no name to compare with {selector}")
        return Verdict(True, False, "nothing protects it")

    def fault_for(self, weapon: str) -> Fault:
        """What a kill with this weapon does."""
        return self.weapons.get(weapon, self.fault)

    def faults(self) -> tuple[Fault, ...]:
        """Everything that a kill can mean: a client may ask for nothing else."""
        return tuple(dict.fromkeys((self.fault, *self.weapons.values())))

    def visible_labels(self, container: Container) -> dict[str, str]:
        """The labels that clients may see."""
        return {
            key: value
            for key, value in container.labels.items()
            if any(fnmatchcase(key, pattern) for pattern in self.show_labels)
        }
