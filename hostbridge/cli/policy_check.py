"""``hostbridge policy check``: what would happen to every running container, and why. Touches none of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from hostbridge.backends.base import Backend
from hostbridge.cli import engines, options
from hostbridge.host.identity import container_of_process
from hostbridge.host.logs import printable
from hostbridge.model import LISTED_STATES, Container, RequestError, SetupError
from hostbridge.policy import file as policy_file
from hostbridge.policy.rules import Policy


def main(arguments: Sequence[str]) -> int:
    """Print one line a container. Raises SetupError."""
    parser = options.OptionParser(
        prog="hostbridge policy", usage="hostbridge policy check [options]", description="Explain the policy."
    )
    parser.add_argument("command", choices=["check"], help="say what would happen to each running container")
    engines.add_options(parser)
    options.add_policy_options(parser)
    chosen = parser.parse_args(arguments)
    policy = options.policy_of(chosen, only_trusted=False).with_own(container_of_process())
    backend = engines.make(chosen)
    try:
        containers = [each for each in backend.list() if each.state in LISTED_STATES]
        spared = {each.id: _why_spared(policy, backend, each) for each in containers}
    except RequestError as error:
        raise SetupError(error.message) from error
    finally:
        backend.close()
    doubt = policy_file.doubt(Path(chosen.policy)) if chosen.policy else ""
    if doubt:
        print(printable(f"note: the bridge would refuse {chosen.policy}: {doubt}"))
    for line in (*explain(policy, containers, spared), *idle_rules(policy, containers)):
        print(printable(line))
    return 0


def explain(policy: Policy, containers: Iterable[Container], spared: Mapping[str, str]) -> list[str]:
    """A line for each container, newest first, its columns aligned.

    `spared` says by ID why a kill of a target would be refused, if it would.
    """
    rows = [
        (each.name, *_fate(policy, each, spared.get(each.id, "")))
        for each in sorted(containers, key=lambda each: -each.created)
    ]
    if not rows:
        return ["no container is running"]
    width = max(len(name) for name, _, _ in rows)
    return [f"{name:<{width}}  {fate:<9}  {why}" for name, fate, why in rows]


def idle_rules(policy: Policy, containers: Iterable[Container]) -> list[str]:
    """A line for each rule that matches no container: it may have a typo."""
    containers = tuple(containers)
    return [
        f"note: {what} {rule} matches no container now"
        for what, rules in (("include", policy.include), ("exclude", policy.exclude), ("protect", policy.protect))
        for rule in rules
        if not any(rule.matches(each) for each in containers)
    ]


def _why_spared(policy: Policy, backend: Backend, container: Container) -> str:
    """Why a kill of this target would be refused: what it would hit as well. Empty when it would not."""
    if policy.judge(container).protected:
        return ""
    action = policy.fault.action
    try:
        others = backend.also_hit(container, action, lambda each: policy.judge(each).protected)
    except RequestError as error:  # the bridge would refuse the kill as well
        return f"it cannot be told what {action} would hit as well: {error.message}"
    for other in others:
        return f"{action} would hit {other.name} ({other.image}) as well: {policy.judge(other).reason}"
    return ""


def _fate(policy: Policy, container: Container, spared: str) -> tuple[str, str]:
    verdict = policy.judge(container)
    if not verdict.listed:
        return "hidden", verdict.reason
    if verdict.protected:
        return "protected", verdict.reason
    if spared:
        return "spared", spared
    others = [f"{weapon}: {fault}" for weapon, fault in policy.weapons.items() if fault != policy.fault]
    what = f"{verdict.reason}; a kill means {policy.fault}{''.join(f', {each}' for each in others)}"
    return "target", what + (" (dry run: nothing is done)" if policy.dry_run else "")
