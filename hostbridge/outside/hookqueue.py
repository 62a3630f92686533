"""The messages for hooks: made of the audit log's lines, kept until the helper has sent them, dropped when too many.

A kill never waits here. Each hook has a queue of its own, of which one message is under way at a time: they arrive in
order, and a hook that hangs delays no other one. What is dropped is counted, and the audit log says how much.

Lives in the server's event loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hostbridge.faults.audit import Audit, AuditError
from hostbridge.host.workers import Workers
from hostbridge.metrics.measures import Measures
from hostbridge.outside.wire import Send
from hostbridge.policy.outside import HookRule

QUEUE: Final = 256
"""Most messages that wait for one hook; the oldest is dropped for a newer one."""
HANDOVERS: Final = 3
"""How often a message is handed to a helper that dies with it."""
REMEMBERED: Final = 2000
"""Kills whose container later messages can name."""
TELL_SECONDS: Final = 10.0
"""How long losses are added up before the audit log has a line about them."""
CLOSE_SECONDS: Final = 0.5
MAX_TEXT: Final = 256

log = logging.getLogger("hostbridge")

Line = Mapping[str, Any]


@dataclass(slots=True)
class HookMessage:
    """One message on its way."""

    body: Mapping[str, object]
    handovers: int = 0


@dataclass(slots=True)
class HookState:
    """One hook and what waits for it."""

    rule: HookRule
    waiting: deque[HookMessage] = field(default_factory=deque)
    under_way: HookMessage | None = None
    lost: dict[tuple[str, str], int] = field(default_factory=dict)  # by result and reason, not in the log yet


class HookQueue:
    """All hooks of the policy. `send` is set while a helper is there."""

    def __init__(self, rules: Iterable[HookRule], audit: Audit, measures: Measures | None = None) -> None:
        self._hooks = {rule.name: HookState(rule) for rule in rules}
        self._audit = audit
        self._measures = measures or Measures()
        self._kills: OrderedDict[str, Line] = OrderedDict()
        self._send: Callable[[Send], None] | None = None
        self._numbers: dict[int, HookState] = {}
        self._next = 1
        self._made = 0
        self._clerk = Workers(1, "hooks")
        self._telling: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """How many messages have not arrived yet."""
        return sum(len(each.waiting) + (each.under_way is not None) for each in self._hooks.values())

    def take(self, line: Line) -> None:
        """Take a line of the audit log; queue what it means to the hooks."""
        if not self._hooks:
            return
        body = self._body(line)
        if body is None:
            return
        for hook in self._hooks.values():
            if body["event"] in hook.rule.events:
                if len(hook.waiting) >= QUEUE:
                    hook.waiting.popleft()
                    self._lose(hook, "dropped", "queue full")
                hook.waiting.append(HookMessage(body))
                self._hand_over(hook)

    def helper_came(self, send: Callable[[Send], None]) -> None:
        """Hand messages over with `send` from now on."""
        self._send = send
        for each in self._hooks.values():
            self._hand_over(each)

    def helper_left(self) -> None:
        """Nobody sends any more; what was under way may have arrived or not, and is sent again."""
        self._send = None
        self._numbers.clear()
        for each in self._hooks.values():
            message, each.under_way = each.under_way, None
            if message is None:
                continue
            if message.handovers < HANDOVERS:
                each.waiting.appendleft(message)
            else:
                self._lose(each, "failed", "helper died")

    def sent(self, number: int, ok: bool, reason: str) -> bool:
        """A message has arrived, or all tries have failed; return False if it is not under way."""
        hook = self._numbers.pop(number, None)
        if hook is None:
            return False
        hook.under_way = None
        if ok:
            self._measures.hook(hook.rule.name, "delivered")
        else:
            self._lose(hook, "failed", reason)
        self._hand_over(hook)
        return True

    def stop(self) -> None:
        """Stop, in the event loop; what still waits is lost."""
        self._send = None
        if self._telling is not None:
            self._telling.cancel()
        for each in self._hooks.values():
            left = len(each.waiting) + (each.under_way is not None)
            if left:
                self._lose(each, "dropped", "bridge stopped", left)
        if self._telling is not None:
            self._telling.cancel()

    def close(self) -> None:
        """Write the last lines. Blocks."""
        self._clerk.close(CLOSE_SECONDS)
        for each in self._hooks.values():
            self._log(each.rule.name, each.lost)

    def _hand_over(self, hook: HookState) -> None:
        if self._send is None or hook.under_way is not None or not hook.waiting:
            return
        message = hook.under_way = hook.waiting.popleft()
        message.handovers += 1
        number, self._next = self._next, self._next + 1
        self._numbers[number] = hook
        self._send(Send(number, hook.rule.name, message.body))

    def _lose(self, hook: HookState, result: str, reason: str, count: int = 1) -> None:
        self._measures.hook(hook.rule.name, result, count)
        key = (result, reason)
        hook.lost[key] = hook.lost.get(key, 0) + count
        if self._telling is None:
            self._telling = asyncio.get_running_loop().call_later(TELL_SECONDS, self._tell)

    def _tell(self) -> None:
        """Have the losses so far written to the audit log."""
        self._telling = None
        for each in self._hooks.values():
            lost, each.lost = each.lost, {}
            if lost:
                self._clerk.submit(self._log, each.rule.name, lost)

    def _log(self, name: str, lost: Mapping[tuple[str, str], int]) -> None:
        for (result, reason), count in lost.items():
            log.warning("hook %s: %d messages %s: %s", name, count, result, reason)
            try:
                self._audit.hook(name, result, count, reason)
            except AuditError as error:
                log.error("%s", error)

    def _body(self, line: Line) -> dict[str, object] | None:
        """The message that a line of the log means; None if none."""
        event = line["event"]
        if event == "intent":
            self._kills[line["kill"]] = line
            if len(self._kills) > REMEMBERED:
                self._kills.popitem(last=False)
            return None
        if event == "probe":
            said = {key: line[key] for key in ("probe", "state", "reason")}
            return self._stamped(line, "probe", said, f"probe {line['probe']} is {line['state']}: {line['reason']}")
        if event == "refused":
            said = {key: line[key] for key in ("uid", "request", "id", "weapon", "result", "message")}
            return self._stamped(line, "refused", said, f"a {line['request']} was refused: {line['message']}")
        if event not in ("result", "healed", "recovered", "not-recovered"):
            return None
        kill = self._kills.get(line["kill"], {})
        return self._of_kill(line, kill)

    def _of_kill(self, line: Line, kill: Line) -> dict[str, object] | None:
        event = line["event"]
        name = kill.get("name", line.get("name", ""))
        said: dict[str, object] = {
            "kill": line["kill"],
            "container": {"id": kill.get("id", line.get("id", "")), "name": name, "image": kill.get("image", ""),
                          "node": kill.get("node", "")},
            "action": kill.get("action", line.get("action", "")),
            "weapon": kill.get("weapon", ""),
        }  # fmt: skip
        what = f"{said['action']} of {name}"
        if event == "result":
            if not kill or kill["action"] == "wound":
                return None
            seconds = kill.get("seconds", 0)
            said |= {"uid": kill["uid"], "seconds": seconds, "dry_run": kill["dry_run"]}
            said |= {"result": line["result"], "message": line["message"]}
            with_what = f" with the {kill['weapon']}" if kill["weapon"] else ""
            how = "done" if line["result"] == "ok" else f"failed: {line['message']}"
            dry = " (dry run)" if kill["dry_run"] else ""
            return self._stamped(line, "fault" if seconds else "kill", said, f"{what}{with_what}{dry}: {how}")
        if event == "healed":
            return self._stamped(line, "healed", said | {"result": line["result"]}, f"{what}: {line['result']}")
        said |= {"service": line["service"], "seconds": line["seconds"]}
        words = "has recovered after" if event == "recovered" else "has not recovered within"
        return self._stamped(line, event, said, f"{line['service']} {words} {line['seconds']:g} s")

    def _stamped(self, line: Line, event: str, said: Mapping[str, object], text: str) -> dict[str, object]:
        self._made += 1
        delivery = f"{self._audit.session}-{self._made}"  # the same each time it is sent
        head = {"version": 1, "event": event, "delivery": delivery, "time": line["time"]}
        return head | _bounded(said) | {"text": text[: 2 * MAX_TEXT]}


def _bounded(said: Mapping[str, object]) -> dict[str, object]:
    """The same with its texts cut, so that a message fits into a line: engines send text of any length."""
    found: dict[str, object] = {}
    for key, value in said.items():
        if isinstance(value, str):
            found[key] = value[:MAX_TEXT]
        else:
            found[key] = _bounded(value) if isinstance(value, Mapping) else value
    return found
