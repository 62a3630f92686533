"""The policy's verdicts, remembered: a container that was protected once stays protected while it lives.

Rules look at names, images and labels, and some of those can change under a running container: it is renamed, its
image's tag moves, a label of its pod is removed. That must not turn it into a target. `memory` keeps it in a file.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from hostbridge.model import Container
from hostbridge.policy.memory import Memory
from hostbridge.policy.rules import Policy, Verdict

REMEMBERED: Final = 50_000
"""How many protected containers are remembered; beyond it, the least recently judged is forgotten."""


class Judge:
    """Decides what may be done to a container. Any thread may ask."""

    def __init__(self, policy: Policy, memory: Memory | None = None) -> None:
        """`memory` has what an earlier judge remembered, and keeps what this one does."""
        self.policy = policy
        self._lock = threading.Lock()
        self._memory = memory
        self._spared: OrderedDict[str, Verdict] = OrderedDict(memory.recall(policy) if memory else {})

    def judge(self, container: Container) -> Verdict:
        """Whether the container is a monster and whether it can be killed."""
        verdict = self.policy.judge(container)
        with self._lock:
            before = self._spared.get(container.id)
            is_news = verdict.lasts and (before is None or (before.listed and before != verdict))
            if is_news:
                self._spared[container.id] = verdict
                if len(self._spared) > REMEMBERED:
                    self._spared.popitem(last=False)
            if before is not None:
                self._spared.move_to_end(container.id)
        if is_news:
            self._write()
        if before is None:
            return verdict
        if verdict.protected and (before.listed or not verdict.listed):
            return verdict
        return replace(before, reason=f"{before.reason}, when first seen")

    def remembered(self) -> dict[str, Verdict]:
        """The protected containers, least recently judged first."""
        with self._lock:
            return dict(self._spared)

    def forget(self, ids: Iterable[str]) -> None:
        """Forget containers that do not exist any more."""
        with self._lock:
            gone = [each for each in ids if self._spared.pop(each, None) is not None]
        if gone:
            self._write()

    def _write(self) -> None:
        if self._memory is not None:
            self._memory.write(self.remembered)
