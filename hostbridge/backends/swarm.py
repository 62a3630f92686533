"""A Docker Swarm: the tasks of all nodes are the targets.

Asks a manager. What a kill does is the policy's choice: `remove` (and `kill`) removes the task's container on its
node, which the swarm replaces; `stop` takes one replica away from the service; `restart` replaces all its tasks. Only
a node's own engine can remove a container there, so the engines of the other nodes are given as NAME=URL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from hostbridge.backends.base import Backend
from hostbridge.backends.docker import Engine
from hostbridge.model import Action, BridgeError, Code, Container

SERVICE_LABEL: Final = "com.docker.swarm.service.name"

_STATES: Final = {"running": "running"}


class SwarmBackend(Backend):
    """The swarm that the engine at `host` manages; `nodes` are URLs of other engines by host name."""

    name: ClassVar[str] = "swarm"
    actions: ClassVar[frozenset[Action]] = frozenset({Action.REMOVE, Action.KILL, Action.STOP, Action.RESTART})
    poll_seconds = 1.0  # tasks have no events

    def __init__(self, host: str = "", nodes: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._manager = Engine(host)
        self._engines = {name: Engine(url) for name, url in (nodes or {}).items()}

    def list(self) -> Sequence[Container]:
        """The tasks that run. Three calls, however many there are."""
        with self._manager.errors():
            api = self._manager.api()
            services = {each["ID"]: each for each in api.services()}
            nodes = {each["ID"]: each["Description"]["Hostname"] for each in api.nodes()}
            tasks = api.tasks(filters={"desired-state": "running"})
        found = (_container(task, services, nodes) for task in tasks)
        return [each for each in found if each is not None]

    def act(self, container: Container, action: Action) -> None:
        """Do it to the task's container or to its service."""
        with self._manager.errors():
            task = self._manager.api().inspect_task(container.id)
        if action is Action.STOP:
            self._scale_down(task["ServiceID"])
        elif action is Action.RESTART:
            self._replace_all(task["ServiceID"])
        else:
            self._remove_container(container, task)

    def _remove_container(self, container: Container, task: Mapping[str, Any]) -> None:
        identity = task.get("Status", {}).get("ContainerStatus", {}).get("ContainerID")
        if not identity:
            raise BridgeError(Code.CONFLICT, "the task has no container")
        engine = self._engine_of(container.node, task["NodeID"])
        with engine.errors():
            engine.api().remove_container(identity, force=True)

    def _engine_of(self, node: str, node_id: str) -> Engine:
        if node in self._engines:
            return self._engines[node]
        with self._manager.errors():
            here = self._manager.api().info().get("Swarm", {}).get("NodeID")
        if here == node_id:
            return self._manager
        raise BridgeError(Code.DENIED, f"the engine of node {node} is not known: give it with --node {node}=URL")

    def _scale_down(self, service_id: str) -> None:
        with self._manager.errors():
            service = self._service(service_id)
            mode = service.attrs["Spec"]["Mode"]
            if "Replicated" not in mode:
                raise BridgeError(Code.CONFLICT, "a global service has no replicas to take away")
            service.scale(max(int(mode["Replicated"].get("Replicas", 1)) - 1, 0))

    def _replace_all(self, service_id: str) -> None:
        with self._manager.errors():
            self._service(service_id).force_update()

    def _service(self, service_id: str) -> Any:
        services: Any = self._manager.client().services
        return services.get(service_id)


def _container(task: Mapping[str, Any], services: Mapping[str, Any], nodes: Mapping[str, str]) -> Container | None:
    state = _STATES.get(task.get("Status", {}).get("State", ""))
    service = services.get(task.get("ServiceID", ""))
    if state is None or service is None:
        return None
    name = service["Spec"]["Name"]
    node = nodes.get(task.get("NodeID", ""), "")
    spec = task["Spec"]["ContainerSpec"]
    labels = {**(service["Spec"].get("Labels") or {}), **(spec.get("Labels") or {}), SERVICE_LABEL: name}
    return Container(
        id=task["ID"],
        name=f"{name}.{task['Slot']}" if task.get("Slot") else f"{name}.{node}",
        image=spec.get("Image", "").split("@")[0],
        state=state,
        created=_seconds(task.get("CreatedAt", "")),
        labels=labels,
        node=node,
    )


def _seconds(stamp: str) -> float:
    """Seconds since 1970 of an RFC 3339 time with nanoseconds; 0 when it is none."""
    try:
        return datetime.fromisoformat(stamp[:19]).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0
