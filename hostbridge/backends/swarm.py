"""A Docker Swarm: the tasks of all nodes are the targets, each known by the ID of its container.

Asks a manager. What a kill does is the policy's choice: `remove` and `kill` end the task's container on its node, and
the swarm starts another in its place; `stop` also takes one replica away from the service, so that none does; `restart`
replaces all tasks of the service. Only a node's own engine can end a container there, so the engines of nodes other
than the manager are given as NAME=URL. Where there is none, `stop` leaves the choice of the task to the swarm.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from docker.errors import APIError

from hostbridge.backends.base import Backend
from hostbridge.backends.docker import Engine
from hostbridge.model import PROJECT_LABEL, RUNNING, Action, Code, Container, RequestError

SERVICE_LABEL: Final = "com.docker.swarm.service.name"
SERVICE_ID_LABEL: Final = "com.docker.swarm.service.id"
TASK_LABEL: Final = "com.docker.swarm.task.id"
NODE_LABEL: Final = "com.docker.swarm.node.id"
"""Labels that the engine itself puts on the containers of tasks."""
STACK_LABEL: Final = "com.docker.stack.namespace"

NOTICE_SECONDS: Final = 5.0
"""How long the manager may take to hear that a task has ended."""
UPDATE_TRIES: Final = 5


class SwarmBackend(Backend):
    """The swarm that the engine at `host` manages; `nodes` are URLs of other engines by host name or node ID."""

    name: ClassVar[str] = "swarm"
    # a manager does not tell which containers are paused
    actions: ClassVar[frozenset[Action]] = frozenset({Action.REMOVE, Action.KILL, Action.STOP, Action.RESTART})
    poll_seconds = 1.0  # tasks have no events

    def __init__(self, host: str = "", nodes: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._manager = Engine(host)
        self._engines = {name: Engine(url) for name, url in (nodes or {}).items()}
        self._changing = threading.Lock()
        self._ended: set[str] = set()

    def list(self) -> Sequence[Container]:
        """The tasks that run. Three calls, however many there are."""
        with self._manager.errors():
            api = self._manager.api()
            services = {each["ID"]: each for each in api.services()}
            nodes = {each["ID"]: each["Description"]["Hostname"] for each in api.nodes()}
            tasks = api.tasks(filters={"desired-state": "running"})
        found = [each for task in tasks if (each := _container(task, services, nodes)) is not None]
        # the manager hears of an end from the node, and calls the task running until then
        self._ended &= {each.id for each in found}
        return [each for each in found if each.id not in self._ended]

    def also_hit(self, container: Container, action: Action) -> Sequence[Container]:
        """The other tasks of the service, where the action is the service's and not the one container's."""
        if action is Action.RESTART or (action is Action.STOP and self._engine_of(container) is None):
            service = container.label(SERVICE_ID_LABEL)
            return [each for each in self.list() if each.label(SERVICE_ID_LABEL) == service and each.id != container.id]
        return ()

    def act(self, container: Container, action: Action) -> None:
        """Do it to the task's container or to its service."""
        with self._manager.errors():
            # only while the task still runs this container
            task = self._manager.api().inspect_task(container.label(TASK_LABEL))
        if _container_id(task) != container.id or task["Status"]["State"] != RUNNING:
            raise RequestError(Code.NOT_FOUND, "no such container")
        if action is Action.RESTART:
            self._replace_all(task["ServiceID"])
        elif action is Action.STOP:
            self._take_away(container, task)
        else:
            self._end(container, action)

    def _end(self, container: Container, action: Action) -> None:
        engine = self._engine_of(container)
        if engine is None:
            node = container.node
            raise RequestError(Code.DENIED, f"the engine of node {node} is not known: give it with --node {node}=URL")
        with engine.errors():
            if action is Action.KILL:
                engine.api().kill(container.id)
            else:
                engine.api().remove_container(container.id, force=True)
        self._ended.add(container.id)

    def _take_away(self, container: Container, task: Mapping[str, Any]) -> None:
        with self._changing, self._manager.errors():
            if "Replicated" not in self._manager.api().inspect_service(task["ServiceID"])["Spec"]["Mode"]:
                raise RequestError(Code.CONFLICT, "a global service has no replicas to take away")
            if self._engine_of(container) is not None:
                # of the replicas the swarm takes away one that does not run, if it knows of any
                self._end(container, Action.REMOVE)
                self._wait_for_end(task["ID"])
            self._change(task["ServiceID"], _one_replica_fewer)

    def _replace_all(self, service_id: str) -> None:
        with self._changing, self._manager.errors():
            self._change(service_id, _forced)

    def _wait_for_end(self, task_id: str) -> None:
        deadline = time.monotonic() + NOTICE_SECONDS
        while time.monotonic() < deadline:
            if self._manager.api().inspect_task(task_id)["Status"]["State"] != RUNNING:
                return
            time.sleep(0.1)

    def _change(self, service_id: str, how: Callable[[dict[str, Any]], None]) -> None:
        """Change the service's specification and nothing else of it."""
        api = self._manager.api()
        for attempt in range(UPDATE_TRIES):
            # as it was given: with the defaults put in, as the SDK's own ways do, the swarm would take every
            # task for changed and replace it
            service = api.inspect_service(service_id, insert_defaults=False)
            spec = service["Spec"]
            how(spec)
            try:
                api.update_service(
                    service_id,
                    service["Version"]["Index"],
                    task_template=spec["TaskTemplate"],
                    name=spec["Name"],
                    labels=spec.get("Labels"),
                    mode=spec["Mode"],
                    update_config=spec.get("UpdateConfig"),
                    rollback_config=spec.get("RollbackConfig"),
                    endpoint_spec=spec.get("EndpointSpec"),
                )
                return
            except APIError as error:
                # somebody else has changed the service since we read it
                if "out of sequence" not in str(error.explanation) or attempt == UPDATE_TRIES - 1:
                    raise

    def _engine_of(self, container: Container) -> Engine | None:
        """The engine of the container's node, if we can reach it."""
        if container.node in self._engines:
            return self._engines[container.node]
        with self._manager.errors():
            here = self._manager.api().info().get("Swarm", {}).get("NodeID")
        return self._manager if here == container.label(NODE_LABEL) else None


def _one_replica_fewer(spec: dict[str, Any]) -> None:
    replicated = spec["Mode"]["Replicated"]
    replicated["Replicas"] = max(int(replicated.get("Replicas", 1)) - 1, 0)


def _forced(spec: dict[str, Any]) -> None:
    spec["TaskTemplate"]["ForceUpdate"] = int(spec["TaskTemplate"].get("ForceUpdate", 0)) + 1


def _container(task: Mapping[str, Any], services: Mapping[str, Any], nodes: Mapping[str, str]) -> Container | None:
    identity = _container_id(task)
    service = services.get(task.get("ServiceID", ""))
    if not identity or service is None or task["Status"].get("State") != RUNNING:
        return None
    name = service["Spec"]["Name"]
    node_id = task.get("NodeID", "")
    node = nodes.get(node_id, "")
    spec = task["Spec"]["ContainerSpec"]
    labels = {**(service["Spec"].get("Labels") or {}), **(spec.get("Labels") or {})}
    if STACK_LABEL in labels:
        labels.setdefault(PROJECT_LABEL, labels[STACK_LABEL])
    labels |= {SERVICE_LABEL: name, SERVICE_ID_LABEL: service["ID"], TASK_LABEL: task["ID"], NODE_LABEL: node_id}
    return Container(
        id=identity,
        name=f"{name}.{task['Slot']}" if task.get("Slot") else f"{name}.{node}",
        image=spec.get("Image", "").split("@")[0],
        state=RUNNING,
        created=_seconds(task.get("CreatedAt", "")),
        labels=labels,
        service=name,
        node=node,
        memory=int((task["Spec"].get("Resources") or {}).get("Limits", {}).get("MemoryBytes", 0)),
    )


def _container_id(task: Mapping[str, Any]) -> str:
    return str((task.get("Status") or {}).get("ContainerStatus", {}).get("ContainerID", ""))


def _seconds(stamp: str) -> float:
    """Seconds since 1970 of an RFC 3339 time with nanoseconds; 0 when it is none."""
    try:
        return datetime.fromisoformat(stamp[:19]).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0
