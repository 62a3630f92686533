"""The images: small, with a list of what is in them, the same bytes from every build, on a base of one's choice."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import docker
import pytest
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation import make_schemabased_validator

from tests.conftest import ROOT
from tests.unit.test_requirements_lock import applies, lock

pytestmark = pytest.mark.e2e

MAX_BYTES = 450_000_000
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


@pytest.fixture(scope="module")
def tags(engine: docker.DockerClient) -> Iterator[dict[str, str]]:
    """Both images, freshly built from here, by their targets."""
    made = {target: f"pydoom-test-{target}:{os.getpid()}" for target in ("game", "bridge")}
    for target, tag in made.items():
        build("--target", target, "--tag", tag)
    yield made
    for tag in made.values():
        engine.images.remove(tag)


def build(*arguments: str) -> None:
    command = ["docker", "build", "--quiet", "--build-arg", "PYDOOM_BASE", *arguments, str(ROOT)]
    result = subprocess.run(command, env=os.environ | {"DOCKER_BUILDKIT": "1"}, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-4000:]


def printed(image: str, program: str, *arguments: str) -> str:
    """What a program prints in a container of the image."""
    command = ["docker", "run", "--rm", "--network", "none", "--entrypoint", program, image, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def sbom(tags: dict[str, str], target: str) -> str:
    name = {"game": "pydoom", "bridge": "pydoom-bridge"}[target]
    return printed(tags[target], "cat", f"/usr/share/sbom/{name}.cdx.json")


@pytest.mark.parametrize("target", ["game", "bridge"])
def test_image_is_small(engine: docker.DockerClient, tags: dict[str, str], target: str) -> None:
    assert engine.images.get(tags[target]).attrs["Size"] < MAX_BYTES


@pytest.mark.parametrize("target", ["game", "bridge"])
def test_list_of_contents_is_valid_cyclonedx(tags: dict[str, str], target: str) -> None:
    text = sbom(tags, target)
    version = SchemaVersion.from_version(json.loads(text)["specVersion"])
    assert make_schemabased_validator(OutputFormat.JSON, version).validate_str(text) is None


@pytest.mark.parametrize("target", ["game", "bridge"])
def test_list_has_every_package(engine: docker.DockerClient, tags: dict[str, str], target: str) -> None:
    listed = json.loads(sbom(tags, target))["components"]
    purls = {component["purl"].split("?")[0] for component in listed if "purl" in component}
    query = "${Package}@${Version}\n"
    for package in printed(tags[target], "dpkg-query", "--show", "--showformat", query).split():
        assert f"pkg:deb/debian/{package.replace('+', '%2B')}" in purls
    machine = MACHINES[engine.images.get(tags[target]).attrs["Architecture"]]
    for name, locked in lock(target).items():
        if applies(locked.requirement, machine):
            assert f"pkg:pypi/{name}@{locked.version}" in purls


def test_list_includes_what_was_only_unpacked(tags: dict[str, str]) -> None:
    assert "novnc" in [component["name"] for component in json.loads(sbom(tags, "game"))["components"]]


def test_licences_are_labelled_and_their_texts_included(engine: docker.DockerClient, tags: dict[str, str]) -> None:
    labels = engine.images.get(tags["game"]).labels
    for licence in ("GPL-2.0-or-later", "GPL-3.0-only", "MPL-2.0", "LicenseRef-DOOM-shareware"):
        assert licence in labels["org.opencontainers.image.licenses"]
    table = printed(tags["game"], "cat", "/usr/share/licenses/pydoom/LICENSES.md")
    for path in re.findall(r"`(/\S+)`", table):
        assert printed(tags["game"], "sh", "-c", f"ls -d {path}")


def test_image_runs_the_compiled_core(tags: dict[str, str]) -> None:
    assert "compiled core" in printed(tags["game"], "pydoom", "--version")
    program = "from pydoom.render.scanline import bsp; print(bsp.__file__)"
    assert printed(tags["game"], "python3", "-c", program).strip().endswith(".so")


def test_image_is_compiled_without_times(tags: dict[str, str]) -> None:
    program = (
        "import pathlib, sys; files = [*pathlib.Path(sys.prefix).rglob('*.pyc')]; "
        "print(len(files), {path.read_bytes()[4] for path in files}, {int(path.stat().st_mtime) for path in files})"
    )
    count, rest = printed(tags["game"], "/opt/pydoom/bin/python", "-B", "-c", program).split(maxsplit=1)
    assert int(count) > 200
    assert rest.strip() == "{1} {1767225600}"  # the pyc's flag for a hash in place of a time, and SOURCE_DATE_EPOCH


def test_tools_of_the_build_stay_out(tags: dict[str, str]) -> None:
    for target in tags:
        place = {"game": "pydoom", "bridge": "bridge"}[target]
        found = printed(tags[target], "sh", "-c", f"ls /opt /opt/{place}/bin; ls /opt/{place}/lib/python3*/*")
        assert not {"pip", "hatchling", "cyclonedx", "tools", "sbom"} & set(found.split())


@pytest.mark.usefixtures("engine")
def test_compose_builds_on_the_base_named_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYDOOM_BASE", "pydoom-test-no-such-base:1")
    command = ["docker", "compose", "-f", str(ROOT / "compose.yaml"), "build", "gate"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode != 0
    assert "pydoom-test-no-such-base" in result.stderr


def test_lock_is_what_make_lock_writes(tmp_path_factory: pytest.TempPathFactory) -> None:
    """`make lock` takes newer versions only if asked to."""
    place = tmp_path_factory.mktemp("lock")
    for name in ("Makefile", "pyproject.toml"):
        (place / name).symlink_to(ROOT / name)
    (place / "requirements").mkdir()
    for path in (ROOT / "requirements").iterdir():
        (place / "requirements" / path.name).write_bytes(path.read_bytes())
    installed = f"{sys.prefix}/.installed-test"
    command = ["make", "-o", installed, f"VENV={sys.prefix}", "LOCKS=build game", "lock"]
    subprocess.run(command, cwd=place, check=True)
    for path in (ROOT / "requirements").iterdir():
        assert (place / "requirements" / path.name).read_bytes() == path.read_bytes()
