"""What a newcomer meets first: workflows that GitHub understands, templates, documents that lead somewhere."""

import re
import subprocess
import sysconfig
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

BIN = Path(sysconfig.get_path("scripts"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def tool(name: str) -> str:
    path = BIN / name
    if not path.exists():
        pytest.skip(f"needs {name}: pip install '.[test]'")
    return str(path)


def test_workflows_pass_the_linter() -> None:
    result = subprocess.run([tool("actionlint"), *map(str, WORKFLOWS)], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_workflows_have_no_known_weakness() -> None:
    command = [tool("zizmor"), "--offline", "--quiet", "--min-severity", "medium", str(ROOT / ".github")]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_workflows_match_the_schema() -> None:
    command = [tool("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_ask_for_no_right_by_default(path: Path) -> None:
    permissions = yaml.safe_load(path.read_text())["permissions"]
    assert set(permissions.items()) <= {("contents", "read")}


def test_ci_runs_on_every_supported_python() -> None:
    matrix = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]["unit"]["strategy"][
        "matrix"
    ]
    classifiers = set(
        re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text())
    )
    assert set(matrix["python"]) == classifiers


def test_hooks_run_the_tools_of_make_lint() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert {hook["entry"].split()[0] for hook in hooks} == {
        f".venv/bin/{name}" for name in ("ruff", "mypy", "lint-imports")
    }


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_links_lead_to_files(name: str) -> None:
    targets = re.findall(r"\]\(([^)#:]+)[)#]", (ROOT / name).read_text())
    assert targets
    for target in targets:
        assert (ROOT / target).exists(), target


def test_contributing_names_files_and_targets_that_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"`make ([a-z0-9-]+)", text)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for path in set(re.findall(r"`((?:pydoom|hostbridge|tests)/[\w/.]+)`", text)):
        assert (ROOT / path).exists(), path


def test_changelog_says_each_thing_once_and_to_its_end() -> None:
    entries = re.findall(r"^- (.+?)(?=^- |^#|\Z)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE | re.DOTALL)
    beginnings = [" ".join(entry.split())[:30] for entry in entries]
    assert sorted(set(beginnings)) == sorted(beginnings)
    assert [entry for entry in entries if not entry.rstrip().endswith((".", ")", "`", ":"))] == []
