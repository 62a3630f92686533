"""A Docker Swarm: its targets are the tasks on all nodes, each identified by its container's ID.

Talks to a manager. What a kill does depends on the policy: `remove` and `kill` end the task's container on its node,
and the swarm replaces it; `stop` also scales the service down by one, so that nothing replaces it; `restart`
replaces all tasks of the service. Only a node's own engine can touch a container there, so the engines of nodes other
than the manager are given as NAME=URL. For a node without one, `stop` lets the swarm choose the task.

A pause, a throttle and a squeeze for a time are done by the node's engine, and so is a signal: the swarm does not
notice them. A task cannot be disconnected, since its networks are the swarm's.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final

from hostbridge.backends.answers import seconds_of
from hostbridge.backends.base import Backend, Healing, Undo
from hostbridge.backends.docker import DockerBackend
from hostbridge.backends.endpoint import Endpoint
from hostbridge.backends.engine import MAX_LIST, Engine
from hostbridge.fault import Fault
from hostbridge.model import PROJECT_LABEL, RUNNING, Code, Container, KillAction, RequestError

SERVICE_LABEL: Final = "com.docker.swarm.service.name"
SERVICE_ID_LABEL: Final = "com.docker.swarm.service.id"
TASK_LABEL: Final = "com.docker.swarm.task.id"
NODE_LABEL: Final = "com.docker.swarm.node.id"
"""Labels that the engine itself puts on the containers of tasks."""
STACK_LABEL: Final = "com.docker.stack.namespace"

NODE: Final = "node"
"""Where the undo journal notes the node; empty for the manager itself."""

NOTICE_SECONDS: Final = 5.0
"""Seconds the manager may take to hear that a task has ended."""
UPDATE_TRIES: Final = 5
_SWARM_ID: Final = re.compile(r"[0-9a-z]{1,64}")


class SwarmBackend(Backend):
    """The swarm that the engine at `manager` manages; `nodes` are other engines by host name or node ID."""

    name: ClassVar[str] = "swarm"
    # no pause for good: a manager does not say which containers are paused
    actions: ClassVar[frozenset[KillAction]] = frozenset(
        {KillAction.REMOVE, KillAction.KILL, KillAction.STOP, KillAction.RESTART}
    )
    undoable: ClassVar[frozenset[KillAction]] = frozenset({KillAction.PAUSE, KillAction.THROTTLE, KillAction.SQUEEZE})
    can_signal: ClassVar[bool] = True
    replaced_by: ClassVar[frozenset[KillAction]] = frozenset({KillAction.RESTART})
    is_slow_to_tell: ClassVar[bool] = True
    poll_seconds = 1.0  # tasks have no events

    def __init__(self, manager: Endpoint | str = "", nodes: Mapping[str, Endpoint | str] | None = None) -> None:
        super().__init__()
        self._manager = DockerBackend(manager)
        self._nodes = {name: DockerBackend(where) for name, where in (nodes or {}).items()}
        self._changing = threading.Lock()
        self._ended: set[str] = set()

    @property
    def _api(self) -> Engine:
        return self._manager.engine

    def list(self) -> Sequence[Container]:
        """The running tasks. Three calls, however many there are."""
        with self._api.errors():
            services = {each["ID"]: each for each in self._api.get("services", limit=MAX_LIST)}
            nodes = {each["ID"]: str(each["Description"]["Hostname"]) for each in self._api.get("nodes")}
            tasks = self._api.get("tasks", {"filters": {"desired-state": ["running"]}}, MAX_LIST)
            found = [each for task in tasks if (each := _container(task, services, nodes)) is not None]
        # the manager calls a task running until it hears otherwise from the node
        self._ended &= {each.id for each in found}
        return [each for each in found if each.id not in self._ended]

    def also_hit(
        self, container: Container, action: KillAction, is_spared: Callable[[Container], bool]
    ) -> Sequence[Container]:
        """The service's other tasks if the action is on the service; else what shares its namespaces."""
        node = self._node_of(container)
        if action is KillAction.RESTART or (action is KillAction.STOP and node is None):
            service = container.label(SERVICE_ID_LABEL)
            others = [each for each in self.list() if each.label(SERVICE_ID_LABEL) == service]
            return [each for each in others if each.id != container.id and is_spared(each)]
        return node.also_hit(container, action, is_spared) if node else ()

    def act(self, container: Container, action: KillAction) -> None:
        """Carry out the action on the task's container or on its service."""
        with self._api.errors():
            # only if the task still runs this container
            task = self._task(container.label(TASK_LABEL))
            if _container_id(task) != container.id or task["Status"]["State"] != RUNNING:
                raise RequestError(Code.NOT_FOUND, "no such container")
            if action is KillAction.RESTART:
                self._replace_all(task["ServiceID"])
            elif action is KillAction.STOP:
                self._take_away(container, task)
            else:
                self._end(container, action)

    def send_signal(self, container: Container, signal: str) -> None:
        """One call to the engine of the task's node."""
        self._known_node_of(container).send_signal(container, signal)

    def prepare(self, container: Container, fault: Fault) -> Undo:
        """Ask the engine of the task's node, and note which that is."""
        node = self._known_node_of(container)
        place = container.node if node is not self._manager else ""
        return {NODE: place, **node.prepare(container, fault)}

    def inflict(self, container: Container, fault: Fault, undo: Undo) -> None:
        """Carry out the prepared fault on the task's node."""
        self._noted_node(undo).inflict(container, fault, _without_node(undo))

    def heal(
        self, container_id: str, action: KillAction, undo: Undo, whole: bool, touching: Callable[[], None]
    ) -> Healing:
        """Undo it on the node where it was done."""
        return self._noted_node(undo).heal(container_id, action, _without_node(undo), whole, touching)

    def close(self) -> None:
        """Stop asking."""
        super().close()
        for each in (self._manager, *self._nodes.values()):
            each.close()

    def _task(self, task_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self._api.get(f"tasks/{_checked(task_id)}")
        return found

    def _known_node_of(self, container: Container) -> DockerBackend:
        """The engine of the container's node. Raises RequestError when we cannot reach it."""
        node = self._node_of(container)
        if node is None:
            raise _unknown_node(Code.DENIED, container.node)
        return node

    def _noted_node(self, undo: Undo) -> DockerBackend:
        """The engine of the node on which the fault was done. Raises RequestError when we do not know it any more."""
        name = str(undo.get(NODE, ""))
        if not name:
            return self._manager
        if name not in self._nodes:
            raise _unknown_node(Code.ENGINE_DOWN, name)
        return self._nodes[name]

    def _end(self, container: Container, action: KillAction) -> None:
        self._known_node_of(container).act(container, action)
        self._ended.add(container.id)

    def _take_away(self, container: Container, task: Mapping[str, Any]) -> None:
        with self._changing:
            if "Replicated" not in self._service(task["ServiceID"])["Spec"]["Mode"]:
                raise RequestError(Code.CONFLICT, "a global service has no replicas to scale down")
            if self._node_of(container) is not None:
                # scaling down, the swarm first removes a replica that is not running, if it knows of one
                self._end(container, KillAction.REMOVE)
                self._wait_for_end(task["ID"])
            self._change(task["ServiceID"], _one_replica_fewer)

    def _replace_all(self, service_id: str) -> None:
        with self._changing:
            self._change(service_id, _forced)

    def _wait_for_end(self, task_id: str) -> None:
        deadline = time.monotonic() + NOTICE_SECONDS
        while time.monotonic() < deadline:
            if self._task(task_id)["Status"]["State"] != RUNNING:
                return
            time.sleep(0.1)

    def _service(self, service_id: str) -> dict[str, Any]:
        # without the defaults filled in: with them, the swarm would see every task as changed and replace it
        found: dict[str, Any] = self._api.get(f"services/{_checked(service_id)}", {"insertDefaults": "false"})
        return found

    def _change(self, service_id: str, how: Callable[[dict[str, Any]], None]) -> None:
        """Change the service's specification and nothing else."""
        for attempt in range(UPDATE_TRIES):
            service = self._service(service_id)
            how(service["Spec"])
            try:
                version = int(service["Version"]["Index"])
                self._api.post(f"services/{_checked(service_id)}/update", {"version": version}, service["Spec"])
                return
            except RequestError as error:
                # somebody else has changed the service since we read it
                if "out of sequence" not in error.message or attempt == UPDATE_TRIES - 1:
                    raise

    def _node_of(self, container: Container) -> DockerBackend | None:
        """The engine of the container's node, if we can reach it."""
        if container.node in self._nodes:
            return self._nodes[container.node]
        with self._api.errors():
            here = (self._api.get("info").get("Swarm") or {}).get("NodeID")
        return self._manager if here and here == container.label(NODE_LABEL) else None


def _unknown_node(code: Code, name: str) -> RequestError:
    return RequestError(code, f"the engine of node {name} is not known: give it with --node {name}=URL")


def _without_node(undo: Undo) -> Undo:
    return {key: value for key, value in undo.items() if key != NODE}


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
    name = str(service["Spec"]["Name"])
    node_id = str(task.get("NodeID") or "")
    node = nodes.get(node_id, "")
    spec = task["Spec"]["ContainerSpec"]
    image = str(spec.get("Image", ""))
    given = {**(service["Spec"].get("Labels") or {}), **(spec.get("Labels") or {})}
    labels = {str(key): str(value) for key, value in given.items()}
    if STACK_LABEL in labels:
        labels.setdefault(PROJECT_LABEL, labels[STACK_LABEL])
    labels |= {SERVICE_LABEL: name, SERVICE_ID_LABEL: str(service["ID"]), TASK_LABEL: str(task["ID"])}
    labels[NODE_LABEL] = node_id
    return Container(
        id=identity,
        name=f"{name}.{task['Slot']}" if task.get("Slot") else f"{name}.{node}",
        image=image.split("@")[0],
        images=(image,),
        state=RUNNING,
        created=seconds_of(str(task.get("CreatedAt") or "")),
        labels=labels,
        service=name,
        node=node,
        memory=int((task["Spec"].get("Resources") or {}).get("Limits", {}).get("MemoryBytes") or 0),
    )


def _container_id(task: Mapping[str, Any]) -> str:
    return str(((task.get("Status") or {}).get("ContainerStatus") or {}).get("ContainerID") or "")


def _checked(identity: str) -> str:
    """The same, if it is the ID of a task or service. Raises ValueError."""
    if not _SWARM_ID.fullmatch(identity):
        raise ValueError(f"{str(identity)[:80]!r} is not an ID")
    return identity
