"""The helper: runs the probes and sends the hooks' messages, for a bridge that has no network.

Each probe and each hook has a task of its own, so that one that hangs delays no other. It connects to the bridge again
whenever that goes away; messages of a bridge that is gone are given up, since the bridge hands them over again.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from hostbridge.outside import wire
from hostbridge.outside.addresses import Lookup
from hostbridge.outside.fetch import Fetcher, FetchError, HttpQuestion
from hostbridge.outside.tokens import header_of
from hostbridge.outside.wire import Alive, FromHelper, HelperLineError, ProbeResult, Send, Sent
from hostbridge.policy.outside import HookRule, ProbeRule

FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 8.0
"""Pauses between tries: to reach the bridge, and to send a message."""
RECONNECT_SECONDS: Final = 2.0
MAX_BEHIND: Final = 256 * 1024
"""Bytes that the bridge may leave unread before answers are dropped."""

FINAL_STATUSES: Final = frozenset({400, 401, 403, 404, 405, 410, 413, 422})
"""Answers that another try would not change."""

log = logging.getLogger("hostbridge")


class Probe:
    """One probe and how to ask."""

    def __init__(self, rule: ProbeRule, lookup: Lookup | None = None) -> None:
        """Raises SetupError."""
        self.rule = rule
        self._fetcher = Fetcher(rule.place, lookup)
        self.detail = ""  # what went wrong the last time

    async def ask(self) -> ProbeResult:
        """Ask once; takes at most the probe's time-out."""
        rule, loop = self.rule, asyncio.get_running_loop()
        began = loop.time()
        self.detail = ""
        try:
            answer = await self._fetcher.ask(HttpQuestion(headers=(("Accept", "*/*"),)), rule.timeout_seconds)
            return ProbeResult(rule.name, answer.status in rule.expect, str(answer.status), answer.seconds)
        except FetchError as error:
            reason, self.detail = error.reason, error.detail
        except Exception:  # a probe that is not asked any more would look like one that is not answered
            log.exception("the probe %s failed", rule.name)
            reason = "broken"
        return ProbeResult(rule.name, False, reason, loop.time() - began)


class Hook:
    """One hook and how to send."""

    def __init__(self, rule: HookRule, environment: Mapping[str, str], lookup: Lookup | None = None) -> None:
        """Raises SetupError when there is no token where the policy says."""
        self.rule = rule
        self._fetcher = Fetcher(rule.place, lookup)
        self._headers = (("Content-Type", "application/json"), *header_of(rule, environment))

    async def send(self, body: Mapping[str, object]) -> tuple[bool, str]:
        """Try until it has arrived or the tries are used up; return whether it has, and the last answer."""
        data = json.dumps(body, separators=(",", ":")).encode("ascii")
        pause, reason = FIRST_PAUSE_SECONDS, ""
        for number in range(self.rule.tries):
            if number:
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            try:
                answer = await self._fetcher.ask(HttpQuestion("POST", self._headers, data), self.rule.timeout_seconds)
                status, reason = answer.status, str(answer.status)
                if 200 <= status < 300:
                    return True, reason
                if status in FINAL_STATUSES or 300 <= status < 400:
                    break
            except FetchError as error:
                reason = error.reason
                log.debug("hook %s: %s", self.rule.name, error.detail)
            except Exception:  # without an end of this message, the bridge would never hand over the next one
                log.exception("the hook %s failed", self.rule.name)
                reason = "broken"
        return False, reason


class Helper:
    """Connects to the bridge's socket at `path` and works until cancelled."""

    def __init__(self, path: Path, probes: Sequence[Probe], hooks: Sequence[Hook]) -> None:
        self._path = path
        self._probes = probes
        self._hooks = {each.rule.name: each for each in hooks}

    async def run(self) -> None:
        """Work for one bridge after the other."""
        told = False
        while True:
            try:
                await self._work()
                log.warning("the bridge has closed the connection")
                told = False
            except (OSError, ValueError) as error:
                if not told:
                    log.warning("no bridge at %s: %s", self._path, error)
                told = True
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _work(self) -> None:
        """Work for one bridge until it is gone. Raises OSError or ValueError."""
        reader, writer = await asyncio.open_unix_connection(self._path, limit=wire.MAX_LINE)
        log.info("connected to the bridge: %d probes, %d hooks", len(self._probes), len(self._hooks))
        tasks = {asyncio.create_task(self._probe(each, writer)) for each in self._probes}
        tasks.add(asyncio.create_task(_stay_alive(writer)))
        sending: set[asyncio.Task[None]] = set()
        try:
            while (line := await reader.readline()).endswith(b"\n"):
                message = wire.from_bridge(line)
                if len(sending) > 2 * len(self._hooks):
                    raise HelperLineError("the bridge hands over more than one message at a time")
                task = asyncio.create_task(self._send(message, writer))
                sending.add(task)
                task.add_done_callback(sending.discard)
        finally:
            for each in (*tasks, *sending):
                each.cancel()
            await asyncio.gather(*tasks, *sending, return_exceptions=True)
            writer.transport.abort()

    async def _probe(self, probe: Probe, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        last = ""
        while True:
            due = loop.time() + probe.rule.every_seconds
            result = await probe.ask()
            if result.reason != last:
                last = result.reason
                log.info("probe %s: %s", probe.rule.name, probe.detail or result.reason)
            _say(writer, result)
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def _send(self, message: Send, writer: asyncio.StreamWriter) -> None:
        hook = self._hooks.get(message.hook)
        if hook is None:
            log.warning("the bridge's policy has a hook %.30s that this one has not: start both with the same",
                        message.hook)  # fmt: skip
            _say(writer, Sent(message.number, False, "no such hook"))
            return
        ok, reason = await hook.send(message.body)
        if not ok:
            log.warning("hook %s: a message was not delivered: %s", hook.rule.name, reason)
        _say(writer, Sent(message.number, ok, reason))


async def _stay_alive(writer: asyncio.StreamWriter) -> None:
    while True:
        _say(writer, Alive())
        await asyncio.sleep(wire.ALIVE_SECONDS)


def _say(writer: asyncio.StreamWriter, message: FromHelper) -> None:
    """Tell the bridge, unless it has stopped reading."""
    if writer.transport.get_write_buffer_size() < MAX_BEHIND:
        writer.write(wire.line_of(message))
