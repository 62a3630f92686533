"""Which containers the bridge shows and which it would kill."""

import pytest

from hostbridge.model import Action, Container, SetupError
from hostbridge.policy import Policy, Selector

WEB = Container("a" * 64, "web-1", "nginx:1.27", labels={"tier": "front", "com.docker.compose.project": "shop"})


def with_label(key: str, value: str) -> Container:
    return Container("b" * 64, "other", labels={key: value})


def test_everything_is_a_target_by_default() -> None:
    verdict = Policy().judge(WEB)
    assert (verdict.listed, verdict.protected) == (True, False)
    assert Policy().action_for("shotgun") is Action.REMOVE


@pytest.mark.parametrize("text", ["web-*", "name=web-?", "label=tier", "tier=front", "label=tier=fr*", "image=nginx:*",
                                  "project=shop"])  # fmt: skip
def test_a_selector_picks(text: str) -> None:
    assert Selector.parse(text).matches(WEB)


@pytest.mark.parametrize("text", ["WEB-*", "web", "label=front", "tier=back", "image=nginx", "project=", "name=api"])
def test_a_selector_passes_by(text: str) -> None:
    if text.endswith("="):
        with pytest.raises(SetupError):
            Selector.parse(text)
    else:
        assert not Selector.parse(text).matches(WEB)


@pytest.mark.parametrize("text", ["", "=", "label==x", "name="])
def test_an_empty_selector_is_refused(text: str) -> None:
    with pytest.raises(SetupError):
        Selector.parse(text)


def test_include_lists_only_what_it_picks_and_exclude_wins() -> None:
    policy = Policy(include=(Selector.parse("web-*"),), exclude=(Selector.parse("tier=front"),))
    assert not policy.judge(WEB).listed
    assert Policy(include=(Selector.parse("web-*"),)).judge(WEB).listed
    assert not Policy(include=(Selector.parse("db-*"),)).judge(WEB).listed


@pytest.mark.parametrize("role", ["game", "bridge", ""])
def test_the_project_s_own_containers_are_never_listed(role: str) -> None:
    verdict = Policy().judge(with_label("pydoom.role", role))
    assert (verdict.listed, verdict.protected) == (False, True)


def test_the_bridge_s_own_container_is_never_listed() -> None:
    verdict = Policy().with_own(WEB.id, "").judge(WEB)
    assert (verdict.listed, verdict.protected) == (False, True)
    assert Policy().with_own("").judge(WEB).listed


@pytest.mark.parametrize(
    ("value", "protected"), [("true", True), ("1", True), ("", True), ("false", False), ("no", False)]
)
def test_the_protect_label_shows_but_protects(value: str, protected: bool) -> None:
    verdict = Policy().judge(with_label("pydoom.protect", value))
    assert (verdict.listed, verdict.protected) == (True, protected)


def test_protect_rules_show_but_protect() -> None:
    verdict = Policy(protect=(Selector.parse("image=nginx*"),)).judge(WEB)
    assert (verdict.listed, verdict.protected) == (True, True)
    assert "image=nginx*" in verdict.reason


def test_only_labelled_needs_the_label() -> None:
    policy = Policy(only_labelled=True)
    assert not policy.judge(WEB).listed
    assert policy.judge(with_label("pydoom.target", "true")).listed
    assert not policy.judge(with_label("pydoom.target", "false")).listed


def test_weapons_may_mean_different_things_and_clients_may_ask_for_no_others() -> None:
    policy = Policy(action=Action.STOP, weapons={"fist": Action.PAUSE})
    assert policy.action_for("fist") is Action.PAUSE
    assert policy.action_for("chainsaw") is Action.STOP
    assert policy.allows("pause")
    assert not policy.allows("remove")


def test_only_harmless_labels_are_shown() -> None:
    container = Container("1", "x", labels={"pydoom.monster": "imp", "secret": "1234"})
    assert Policy().visible_labels(container) == {"pydoom.monster": "imp"}
