"""The policy's verdicts, remembered: a container that was protected once stays protected while it lives.

Rules look at names, images and labels, and some of those can change under a running container: it is renamed, its
image's tag moves, a label of its pod is removed. That must not turn it into a target. The memory ends with the process:
a restarted bridge judges by what it sees then.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace
from typing import Final

from hostbridge.model import Container
from hostbridge.policy.rules import Policy, Verdict

REMEMBERED: Final = 50_000
"""How many protected containers are remembered; beyond it, the least recently judged is forgotten."""


class Judge:
    """Decides what may be done to a container. Any thread may ask."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._lock = threading.Lock()
        self._spared: OrderedDict[str, Verdict] = OrderedDict()

    def judge(self, container: Container) -> Verdict:
        """Whether the container is a monster and whether it can be killed."""
        verdict = self.policy.judge(container)
        with self._lock:
            before = self._spared.get(container.id)
            if verdict.lasts and (before is None or before.listed):
                self._spared[container.id] = verdict
                if len(self._spared) > REMEMBERED:
                    self._spared.popitem(last=False)
            if before is None:
                return verdict
            self._spared.move_to_end(container.id)
        if verdict.protected and (before.listed or not verdict.listed):
            return verdict
        return replace(before, reason=f"{before.reason}, when first seen")
