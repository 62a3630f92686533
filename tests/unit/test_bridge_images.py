"""Rules about images: they hold however the image is written, when its tag moves, and while the container lives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hostbridge.backends.docker import DockerBackend
from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.model import Container
from hostbridge.policy import judge as judging
from hostbridge.policy.images import matches
from hostbridge.policy.judge import Judge
from hostbridge.policy.rules import Policy, Verdict
from hostbridge.policy.selectors import Selector
from tests.bridges import Bridge, eventually
from tests.fake_docker import IMAGE_ID, FakeDocker, summary

HEX = IMAGE_ID.removeprefix("sha256:")
DIGEST = "sha256:" + "ab" * 32
NO_POSTGRES = Policy(protect=(Selector.parse("image=postgres:*"),))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[FakeDocker]:
    made = FakeDocker(tmp_path)
    yield made
    made.stop()


@pytest.mark.parametrize("pattern", ["sha256:" + "5d" * 32, "5d" * 32, "5d" * 6])
def test_a_rule_with_a_digest_holds_for_an_image_that_is_named_with_it(pattern: str) -> None:
    assert matches(pattern, ["redis:7@sha256:" + "5d" * 32])
    assert not matches(pattern, ["redis:7@sha256:" + "5e" * 32])


@pytest.mark.parametrize(
    ("pattern", "image"),
    [
        ("busybox*", "busybox"),
        ("busybox*", "docker.io/library/busybox"),
        ("busybox*", f"busybox@{DIGEST}"),
        ("busybox:*", f"docker.io/library/busybox@{DIGEST}"),
        ("busybox:*", "busybox"),
        ("busybox:latest", "busybox"),
        ("busybox", "busybox:latest"),
        ("docker.io/library/busybox:*", "busybox"),
        ("index.docker.io/library/postgres:*", "postgres:16"),
        ("library/redis:7", "redis:7"),
        ("docker.io/library/*", "redis:7"),
        ("*/postgres:*", "postgres:16"),
        ("bitnami/postgresql:*", "docker.io/bitnami/postgresql:16"),
        ("docker.io/bitnami/*", "bitnami/postgresql:16"),
        ("registry.example:5000/db:*", "registry.example:5000/db:1"),
        ("ghcr.io/*", "ghcr.io/owner/image:1"),
        (f"busybox@{DIGEST}", f"docker.io/library/busybox:1.36@{DIGEST}"),
        ("nginx:*", f"docker-pullable://nginx@{DIGEST}"),
        ("own:*", "localhost/own:latest"),
        (IMAGE_ID, IMAGE_ID),
        (HEX, IMAGE_ID),
        (HEX[:12], IMAGE_ID),
        (HEX[:20], IMAGE_ID),
        ("sha256:5d5d*", IMAGE_ID),
    ],
)
def test_two_spellings_of_an_image_are_one_image(pattern: str, image: str) -> None:
    assert matches(pattern, [image])


@pytest.mark.parametrize(
    ("pattern", "image"),
    [
        ("postgres:*", "postgresql:16"),
        ("postgres:*", "evil.example/postgres:16"),
        ("postgres", "postgres:16"),
        ("postgres:16*", f"postgres@{DIGEST}"),
        ("bitnami/*", "postgres:16"),
        ("*/postgres:*", IMAGE_ID),
        (HEX[:11] + "0", IMAGE_ID),
    ],
)
def test_different_images_are_told_apart(pattern: str, image: str) -> None:
    assert not matches(pattern, [image])


def test_a_container_is_judged_by_every_name_of_its_image() -> None:
    container = Container("1", "web", "db:prod", images=("db:prod", IMAGE_ID, "postgres:16"))
    for rule in ("image=db:*", f"image={HEX[:12]}", "image=postgres:*"):
        assert Policy(protect=(Selector.parse(rule),)).judge(container).protected
    assert not Policy(protect=(Selector.parse("image=redis:*"),)).judge(container).protected


@pytest.mark.parametrize("excluded", [False, True])
def test_an_image_without_a_name_is_spared_where_a_rule_is_about_names(excluded: bool) -> None:
    nameless = Container("1", "web", IMAGE_ID, images=(IMAGE_ID,))

    def verdict(rule: str) -> Verdict:
        rules = (Selector.parse(rule),)
        return (Policy(exclude=rules) if excluded else Policy(protect=rules)).judge(nameless)

    doubt = verdict("image=postgres:*")
    assert (doubt.listed, doubt.protected, doubt.lasts) == (not excluded, True, False)
    assert not verdict(f"image={'0' * 12}").protected
    assert not verdict("db-*").protected


def test_protection_holds_when_the_tag_moves(engine: FakeDocker, tmp_path: Path) -> None:
    engine.containers = [summary(1, "db", Image="postgres:16", ConfigImage="postgres:16"), summary(2, "web")]
    with Bridge(tmp_path, DockerBackend(engine.url), NO_POSTGRES) as bridge, bridge.talk() as talk:
        assert [each["protected"] for each in talk.ask(type="watch")["containers"]] == [False, True]
        engine.containers[0]["Image"] = IMAGE_ID  # what the engine lists once `docker pull` has moved the tag
        eventually(engine.listeners)
        before = len(engine.requests)
        engine.tell("rename", engine.containers[0]["Id"])
        eventually(lambda: any("all=1" in each for each in engine.requests[before:]))
        assert talk.ask(type="kill", id=engine.containers[0]["Id"])["code"] == "protected"
        assert engine.removed == []


def test_protection_holds_for_a_bridge_that_starts_after_the_tag_has_moved(engine: FakeDocker, tmp_path: Path) -> None:
    engine.containers = [summary(1, "db", Image=IMAGE_ID, ConfigImage="postgres:16")]
    engine.containers += [summary(2, "old-web", Image=IMAGE_ID, ConfigImage="nginx:1")]
    with Bridge(tmp_path, DockerBackend(engine.url), NO_POSTGRES) as bridge, bridge.talk() as talk:
        assert talk.ask(type="kill", id=engine.containers[0]["Id"])["code"] == "protected"
        assert engine.removed == []
        # the other one's name is fetched in the background, and then shown
        images = ["nginx:1", "postgres:16"]
        eventually(lambda: [each["image"] for each in talk.ask(type="list")["containers"]] == images)
        assert talk.ask(type="kill", id=engine.containers[1]["Id"])["type"] == "ok"


@pytest.mark.parametrize("image", [IMAGE_ID, HEX, HEX[:12], HEX[:4]])
def test_a_container_started_by_its_image_s_id_is_judged_by_the_image_s_names(
    engine: FakeDocker, tmp_path: Path, image: str
) -> None:
    engine.tags = {IMAGE_ID: ["registry.example/x:1", "docker.io/library/postgres:16"]}
    engine.containers = [summary(1, "db", Image=image, ConfigImage=image)]
    with Bridge(tmp_path, DockerBackend(engine.url), NO_POSTGRES) as bridge, bridge.talk() as talk:
        assert talk.ask(type="kill", id=engine.containers[0]["Id"])["code"] == "protected"
        engine.tags = {IMAGE_ID: ["registry.example/x:1"]}
        engine.containers.append(summary(2, "x", Image=image, ConfigImage=image))
        engine.tell("start", engine.containers[1]["Id"])
        eventually(lambda: talk.ask(type="kill", id=engine.containers[1]["Id"])["type"] == "ok")


def test_a_container_is_judged_by_other_names_of_its_image_than_the_one_it_was_started_by(
    engine: FakeDocker, tmp_path: Path
) -> None:
    engine.tags = {IMAGE_ID: ["our-database:1", "postgres:16"]}
    engine.containers = [summary(1, "db", Image="our-database:1")]
    with Bridge(tmp_path, DockerBackend(engine.url), NO_POSTGRES) as bridge, bridge.talk() as talk:
        assert talk.ask(type="kill", id=engine.containers[0]["Id"])["code"] == "protected"


@pytest.mark.parametrize("status", [403, 500])
def test_an_engine_that_refuses_inspection_leads_to_no_kill(engine: FakeDocker, tmp_path: Path, status: int) -> None:
    engine.containers = [summary(1, "db", Image=IMAGE_ID, ConfigImage="postgres:16")]
    engine.hook = lambda method, path: (status, b'{"message":"no"}') if path.endswith("1/json") else None
    with Bridge(tmp_path, DockerBackend(engine.url), NO_POSTGRES) as bridge, bridge.talk() as talk:
        assert talk.ask(type="list")["containers"][0]["protected"]
        assert talk.ask(type="kill", id=engine.containers[0]["Id"])["code"] == "protected"
    with Bridge(tmp_path, DockerBackend(engine.url)) as bridge, bridge.talk() as talk:
        assert talk.ask(type="kill", id=engine.containers[0]["Id"])["code"] in ("denied", "failed")
        assert engine.removed == []


WEB = Container("1", "safe-web", "nginx:1", labels={"pydoom.protect": "true"})


@pytest.mark.parametrize(
    ("policy", "seen", "now"),
    [
        (Policy(protect=(Selector.parse("safe-*"),)), WEB, replace(WEB, name="other", labels={})),
        (Policy(protect=(Selector.parse("image=nginx:*"),)), WEB, replace(WEB, image="redis:7", labels={})),
        (Policy(), WEB, replace(WEB, labels={})),
        (Policy(exclude=(Selector.parse("safe-*"),)), WEB, replace(WEB, name="other")),
        (Policy(), replace(WEB, labels={"pydoom.role": "game"}), replace(WEB, labels={})),
    ],
)
def test_a_container_protected_once_stays_protected_while_it_lives(
    policy: Policy, seen: Container, now: Container
) -> None:
    judge = Judge(policy)
    assert not Judge(policy).judge(replace(now, labels={})).protected
    first, later = judge.judge(seen), judge.judge(now)
    assert (later.listed, later.protected) == (first.listed, True)
    assert not judge.judge(replace(now, id="2", labels={})).protected, "another one is judged by itself"


def test_a_container_that_was_only_not_included_may_become_a_target() -> None:
    judge = Judge(Policy(include=(Selector.parse("demo-*"),)))
    container = Container("1", "other")
    assert not judge.judge(container).listed
    assert not judge.judge(replace(container, name="demo-1")).protected


def test_protection_in_doubt_does_not_last() -> None:
    judge = Judge(NO_POSTGRES)
    assert judge.judge(Container("1", "web", IMAGE_ID, images=(IMAGE_ID,))).protected
    assert not judge.judge(Container("1", "web", "nginx:1", images=("nginx:1", IMAGE_ID))).protected


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "REMEMBERED", 10)
    judge = Judge(Policy(protect=(Selector.parse("safe-*"),)))
    for number in range(100):
        judge.judge(Container(str(number), "safe-web"))
    assert len(judge._spared) == 10


def test_a_renamed_container_stays_protected_on_a_running_bridge(tmp_path: Path) -> None:
    backend = SimulatedBackend(0, churn=0)
    safe = backend.create("safe-db")
    with Bridge(tmp_path, backend, Policy(protect=(Selector.parse("safe-*"),))) as bridge, bridge.talk() as talk:
        with backend._something:
            backend._containers[safe.id] = replace(safe, name="other")
            backend._touch(safe.id)
        eventually(lambda: bridge.names() == ["other"])
        assert talk.ask(type="list")["containers"][0]["protected"]
        assert talk.ask(type="kill", id=safe.id)["code"] == "protected"
