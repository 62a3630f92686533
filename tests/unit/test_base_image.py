"""The images' base: pinned by digest in the Dockerfile, and named nowhere else."""

from __future__ import annotations

import re

import yaml

from tests.conftest import ROOT

DIGEST = re.compile(r"@sha256:[0-9a-f]{64}")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
STAGES = re.findall(r"^FROM (\S+) AS (\S+)$", DOCKERFILE, re.MULTILINE)
"""What each stage is built on, and its name."""


def test_base_is_pinned_by_digest() -> None:
    (default,) = re.findall(r"^ARG PYDOOM_BASE=(.*)$", DOCKERFILE, re.MULTILINE)
    assert re.fullmatch(r"debian:[a-z]+-slim" + DIGEST.pattern, default)


def test_every_stage_is_built_on_the_base() -> None:
    assert len(STAGES) == len(re.findall(r"^\s*FROM\b", DOCKERFILE, re.MULTILINE | re.IGNORECASE))
    known = {"${PYDOOM_BASE}"}
    for base, name in STAGES:
        assert base in known
        known.add(name)
    assert set(re.findall(r"--from=(\S+)", DOCKERFILE)) <= known


def test_compose_builds_on_the_base_unless_the_environment_names_another() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    for service in services.values():
        # without a value: the environment's, or else the Dockerfile's
        assert service["build"]["args"] == ["PYDOOM_BASE"]


def test_digest_is_written_down_once() -> None:
    (digest,) = DIGEST.findall(DOCKERFILE)
    others = [ROOT / "compose.yaml", ROOT / "Makefile", *(ROOT / "requirements").iterdir()]
    others += [*(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.yml")]
    assert not [path for path in others if digest in path.read_text(encoding="utf-8")]
    release = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    assert "--build-arg" not in release
