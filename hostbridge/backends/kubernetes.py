"""Kubernetes pods: lists, watches and deletes them, and nothing else.

A pod is fetched once more right before it is deleted, and the deletion carries the UID and version of that pod as
preconditions: the API server refuses it for a pod that was recreated under the same name, or has changed (its labels,
say) since it was judged. The watches' events carry the pods themselves, so a change costs no further call.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final

from hostbridge.backends import kubeconfig, pods
from hostbridge.backends.base import ALL, Backend
from hostbridge.backends.kubeapi import Api, Expired
from hostbridge.backends.podcache import PodCache
from hostbridge.backends.pods import Pod
from hostbridge.model import PROJECT_LABEL, Code, Container, KillAction, RequestError, SetupError

SYSTEM: Final = "kube-"
"""Namespaces with this prefix are Kubernetes' own, and are targets only when named."""
EVENTS_A_SECOND: Final = 1000
"""Most events per second read from one watch: beyond it the API server has to wait, or ends the watch."""
WATCH_PAUSE_SECONDS: Final = 1.0
"""Minimum time between two starts of a watch."""
MAX_CHANGED: Final = 10_000
"""Beyond this many changed pods everything is fetched instead."""

log = logging.getLogger("hostbridge")


class KubernetesBackend(Backend):
    """The pods of `namespaces` that `selector` matches, except our own pod.

    Without `namespaces`: those of the context's namespace, or of all namespaces when it has none or with `everywhere`.
    """

    name: ClassVar[str] = "kubernetes"
    actions: ClassVar[frozenset[KillAction]] = frozenset({KillAction.REMOVE, KillAction.KILL})

    def __init__(
        self,
        namespaces: Sequence[str] = (),
        selector: str = "",
        host: str = "",
        context: str = "",
        everywhere: bool = False,
    ) -> None:
        """Raises SetupError."""
        super().__init__()
        if namespaces and everywhere:
            raise SetupError("--namespace and --all-namespaces cannot be combined")
        cluster = kubeconfig.find(host, context)
        named = tuple(dict.fromkeys(map(kubeconfig.check_namespace, namespaces)))
        if not named and not everywhere and cluster.namespace:
            named = (cluster.namespace,)
            log.info("listing the pods of namespace %s, the context's; use --all-namespaces for all", cluster.namespace)
        self._scopes = named or ("",)
        self._selector = {"labelSelector": selector} if selector else {}
        self._api = Api(cluster)
        self._own_uid = os.environ.get("POD_UID", "")
        self._own_name = _own_name()
        self._cache = PodCache()
        self._doubted: set[str] = set()

    def list(self) -> Sequence[Container]:
        """All pods, fetched from the API server page by page."""
        empty = []
        for scope in self._scopes:
            version, found = self._api.pods(scope, self._selector, self._read)
            self._cache.take_list(scope, version, filter(self._is_ours, found))
            if scope and not found:
                empty.append(scope)
        self._doubt(empty)
        return [pod.container for pod in self._cache.all()]

    def look(self, ids: Iterable[str]) -> Sequence[Container]:
        """What the watches last said about these."""
        return [pod.container for pod in map(self._cache.get, ids) if pod is not None]

    def examine(self, container_id: str) -> Container | None:
        """The pod as the API server has it now."""
        known = self._cache.get(container_id)
        if known is None:
            return None
        # as a list of one, because that needs no further right
        query = {**self._selector, "fieldSelector": f"metadata.name={known.name}"}
        _, found = self._api.pods(known.namespace, query, self._read)
        for pod in found:
            if pod.uid == container_id and self._is_ours(pod):
                self._cache.take(pod)
                return pod.container
        return None

    def also_hit(
        self, container: Container, action: KillAction, is_spared: Callable[[Container], bool]
    ) -> Sequence[Container]:
        """The containers of the pod, and the pods that it owns."""
        del action
        pod = self._cache.get(container.id)
        if pod is None:
            raise RequestError(Code.NOT_FOUND, "no such pod")
        others = [*_parts(pod), *(each.container for each in self._owned_by(pod))]
        return [each for each in others if is_spared(each)]

    def changes(self) -> Iterator[frozenset[str]]:
        """The watches, one for each namespace, each in a thread."""
        # from before the list that ALL triggers, so that events in between come twice instead of never
        begun = [(scope, self._api.version(scope, self._selector)) for scope in self._scopes]
        news = _News()
        yield ALL
        for scope, version in begun:
            threading.Thread(target=self._watch, args=(scope, version, news), name="pods", daemon=True).start()
        try:
            while not self.stopping.is_set():
                told = news.take(0.5)
                if told is not None:
                    yield told
        finally:
            news.over.set()
            self._api.interrupt()

    def act(self, container: Container, action: KillAction) -> None:
        """Delete the pod, if it is still the same one; `kill` gives it no time to shut down."""
        namespace, name = container.label(PROJECT_LABEL), container.name.rpartition("/")[2]
        if self._is_own(container.id, namespace, name):
            raise RequestError(Code.NOT_FOUND, "no such pod")
        conditions = {"uid": container.id, "resourceVersion": container.version}
        options: dict[str, object] = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": conditions}
        if action is KillAction.KILL:
            options["gracePeriodSeconds"] = 1  # 0 would forget the pod while it may still run
        self._api.delete(namespace, name, options)
        self._cache.drop(container.id)

    def own_id(self) -> str:
        """UID of the pod this runs in, when we were given it. The pod is recognised by its name as well."""
        return self._own_uid

    def close(self) -> None:
        """End the watches."""
        super().close()
        self._api.close()

    def _watch(self, scope: str, version: str, news: _News) -> None:
        """Watch until something fails."""
        try:
            while not (news.over.is_set() or self.stopping.is_set()):
                begun = time.monotonic()
                try:
                    version = self._watch_once(scope, version, news)
                except Expired:
                    # our resource version is too old: list everything again, and watch from now on
                    version = self._api.version(scope, self._selector)
                    news.tell(ALL)
                self.stopping.wait(max(0.0, begun + WATCH_PAUSE_SECONDS - time.monotonic()))
        except RequestError as error:
            news.fail(error)
        except Exception as error:
            log.exception("a watch of pods failed")
            news.fail(RequestError(Code.ENGINE_DOWN, f"a watch of pods failed: {type(error).__name__}"))

    def _watch_once(self, scope: str, version: str, news: _News) -> str:
        """Watch once, from `version` on; return the version to continue from."""
        begun, count = time.monotonic(), 0
        for kind, thing in self._api.watch(scope, self._selector, version, self._read):
            if news.over.is_set():
                break
            if isinstance(thing, str):
                version = thing
            else:
                version = thing.version
                if self._is_ours(thing):
                    self._cache.take_event(scope, kind, thing)
                    news.tell(frozenset({thing.uid}))
            count += 1
            if count >= EVENTS_A_SECOND:
                self.stopping.wait(max(0.0, begun + 1 - time.monotonic()))
                begun, count = time.monotonic(), 0
        return version

    def _owned_by(self, pod: Pod) -> Sequence[Pod]:
        """Pods that are deleted with this one because it owns them, directly or not, in the same namespace."""
        if self._selector:  # the watches do not cover all pods
            candidates: Sequence[Pod] = self._api.pods(pod.namespace, {}, self._read)[1]
        else:
            candidates = [each for each in self._cache.all() if each.namespace == pod.namespace]
        found: dict[str, Pod] = {}
        ended = {pod.uid}
        while ended:
            new = [each for each in candidates if each.owners & ended and each.uid not in (pod.uid, *found)]
            found |= {each.uid: each for each in new}
            ended = {each.uid for each in new}
        return [each for each in found.values() if each.container.state != pods.ENDED]

    def _read(self, raw: Any) -> Pod:
        return pods.read(raw, qualified=len(self._scopes) != 1 or self._scopes == ("",))

    def _is_ours(self, pod: Pod) -> bool:
        """Whether the pod can be a target at all."""
        is_hidden = self._scopes == ("",) and pod.namespace.startswith(SYSTEM)
        return not is_hidden and not pod.is_mirror and not self._is_own(pod.uid, pod.namespace, pod.name)

    def _is_own(self, uid: str, namespace: str, name: str) -> bool:
        return uid == self._own_uid or (namespace, name) == self._own_name

    def _doubt(self, empty: Sequence[str]) -> None:
        """Warn about those of the empty namespaces that do not exist. Raises RequestError when none is left."""
        missing = [each for each in empty if self._api.exists(each) is False]
        if len(missing) == len(self._scopes):
            names = ", ".join(missing)
            raise RequestError(
                Code.ENGINE_DOWN, f"there is no namespace {names}", "kubectl get namespaces shows which there are"
            )
        for each in missing:
            if each not in self._doubted:
                log.warning("there is no namespace %s: kubectl get namespaces shows which there are", each)
        self._doubted = set(missing)


class _News:
    """Changes from the watches that wait to be fetched: at most one entry per pod."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self._changed = threading.Condition()
        self._ids: set[str] = set()
        self._everything = False
        self._error: RequestError | None = None

    def tell(self, ids: frozenset[str]) -> None:
        """Add pods that may have changed."""
        with self._changed:
            self._ids |= ids
            self._everything = self._everything or ids == ALL or len(self._ids) > MAX_CHANGED
            if self._everything:
                self._ids.clear()
            self._changed.notify()

    def fail(self, error: RequestError) -> None:
        """Record that a watch has failed."""
        with self._changed:
            self._error = error
            self._changed.notify()

    def take(self, seconds: float) -> frozenset[str] | None:
        """The changes so far, or None when none come within this time. Raises RequestError when a watch failed."""
        with self._changed:
            if not (self._ids or self._everything or self._error):
                self._changed.wait(seconds)
            if self._error is not None:
                raise self._error
            if self._everything:
                self._everything = False
                return ALL
            ids = frozenset(self._ids)
            self._ids.clear()
            return ids or None


def _parts(pod: Pod) -> list[Container]:
    """For each container, the pod with the images of that container only, so that image rules judge each by itself."""
    if len(pod.parts) < 2:
        return []
    return [replace(pod.container, image=images[0] if images else "", images=images) for images in pod.parts]


def _own_name() -> tuple[str, str] | None:
    """Namespace and name of the pod we run in. Its name is the host name, unless it uses the node's network."""
    namespace = kubeconfig.account_namespace()
    return (namespace, socket.gethostname()) if namespace else None
