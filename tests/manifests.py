"""The overlays of deploy/kubernetes as kubectl renders them, and what their RBAC objects allow."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

OVERLAYS = ROOT / "deploy" / "kubernetes" / "overlays"
NAMES = ("namespace", "cluster", "dry-run")
OLDEST_KUBECTL = (1, 21)  # the first whose kustomize knows what we use


@dataclass(frozen=True)
class Manifests:
    """One overlay, applied to a namespace."""

    documents: tuple[dict[str, Any], ...]
    namespace: str

    def of_kind(self, *kinds: str) -> Iterator[dict[str, Any]]:
        return (each for each in self.documents if each["kind"] in kinds)

    @property
    def pod(self) -> dict[str, Any]:
        """The Deployment's pod template."""
        (deployment,) = self.of_kind("Deployment")
        template: dict[str, Any] = deployment["spec"]["template"]
        return template

    def container(self, name: str) -> dict[str, Any]:
        spec = self.pod["spec"]
        (found,) = (each for each in [*spec["initContainers"], *spec["containers"]] if each["name"] == name)
        result: dict[str, Any] = found
        return result

    def allows(self, account: str, verb: str, resource: str, namespace: str) -> bool:
        """Whether RBAC lets a service account of our namespace do this; namespace "" means in all of them at once."""
        rules = [
            rule
            for binding in self.of_kind("RoleBinding", "ClusterRoleBinding")
            if any(self._is_account(each, account) for each in binding["subjects"])
            if binding["kind"] == "ClusterRoleBinding" or namespace == self._namespace_of(binding)
            for role in self.of_kind(binding["roleRef"]["kind"])
            if role["metadata"]["name"] == binding["roleRef"]["name"]
            for rule in role["rules"]
        ]
        return any(
            _has("", rule["apiGroups"]) and _has(resource, rule["resources"]) and _has(verb, rule["verbs"])
            for rule in rules
        )

    def _is_account(self, subject: dict[str, str], name: str) -> bool:
        wanted = ("ServiceAccount", name, self.namespace)
        return (subject["kind"], subject["name"], subject.get("namespace", self.namespace)) == wanted

    def _namespace_of(self, document: dict[str, Any]) -> str:
        return str(document["metadata"].get("namespace", self.namespace))


def render(overlay: str, namespace: str = "shop", overlays: Path = OVERLAYS) -> Manifests:
    """The overlay as `kubectl apply -n NAMESPACE -k` would send it; skips the test without a kubectl that can."""
    if _kubectl_version() < OLDEST_KUBECTL:
        pytest.skip("no kubectl of version 1.21 or later (Debian 13: apt install kubernetes-client)")
    command = ["kubectl", "kustomize", str(overlays / overlay)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return Manifests(tuple(yaml.safe_load_all(text)), "pydoom" if overlay == "cluster" else namespace)


@cache
def _kubectl_version() -> tuple[int, int]:
    if shutil.which("kubectl") is None:
        return (0, 0)
    command = ["kubectl", "version", "--client", "--output", "json"]
    version = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["clientVersion"]
    return int(version["major"]), int(version["minor"].rstrip("+"))


def _has(wanted: str, given: Iterable[str]) -> bool:
    return any(each in ("*", wanted) for each in given)
