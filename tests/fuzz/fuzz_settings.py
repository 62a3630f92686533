"""TOML and YAML that users write: the bridge's policy, the game's settings, kubectl's configuration."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any, ClassVar, Final

import yaml

from hostbridge.backends import kubeconfig
from hostbridge.model import Container, SetupError
from hostbridge.policy import file as policy_file
from pydoom.config import ConfigError, ConfigFile, Configuration
from pydoom.config.table import SECTIONS, SETTINGS
from tests.conftest import ROOT
from tests.fuzz import mutate
from tests.fuzz.harness import Fuzzer

_TOML: Final = (
    b"[containers]", b"[kill]", b"[kill.weapons]", b"[[kill]]", b"[", b"]", b"= [", b'"', b"'''", b"= 1_000",
    b'protect = ["image=postgres:*"]', b"action = 7", b"1979-05-27", b"inf", b"-nan", b"{a = {b = 1}}", b"\\u0000",
    b"9" * 5000, b"[" * 3000, b"a" * 3000, b"{a=" * 1500, b"\xff", b"\x1b[31m", b"=", b".", b"#",
)  # fmt: skip
_OUTSIDE: Final = b"""
[[probe]]
name = "checkout"
url = "https://shop.example:8443/checkout?deep=1"
every = 0.5
timeout = 2
expect = [200, 204]
addresses = ["10.0.0.0/8", "private", "public"]
ca = "/etc/ssl/shop.pem"
[[hook]]
url = "http://[2001:db8::1]/hook"
events = ["kill", "probe"]
tries = 3
token_env = "HOOK_TOKEN"
header = "X-Token"
"""
_VICTIM: Final = Container("f" * 64, "web-1", "postgres:16", labels={"tier": "db", "pydoom.protect": ""})


def one_line(error: Exception) -> None:
    """Fail if the error is empty or has more than one line."""
    text = str(error)
    assert text.strip(), "an error without a word"
    assert "\n" not in text.strip(), f"an error of several lines: {text[:200]!r}"


class PolicyFuzzer(Fuzzer):
    """A policy is read and can judge, or is refused with one line that names the file and the line."""

    name = "policy"
    short_inputs: ClassVar[int] = 400

    def open(self) -> None:
        self._valid = (ROOT / "docs" / "policy.toml").read_bytes() + _OUTSIDE

    def make(self, random: random.Random) -> bytes:
        return mutate.mutated_text(random, self._valid, _TOML)

    def check(self, data: bytes) -> None:
        try:
            policy = policy_file.parse(data, "file.toml")
        except SetupError as error:
            one_line(error)
            assert str(error).startswith("file.toml:"), error
        else:
            policy.judge(_VICTIM)
            policy.visible_labels(_VICTIM)
            for place in [each.place for each in policy.probes] + [each.place for each in policy.hooks]:
                assert place.scheme in ("http", "https")
                assert place.authority.isascii() and place.target.startswith("/")
                place.allows(ip_address("10.0.0.1"))


class SettingsFuzzer(Fuzzer):
    """Settings are read and used, with warnings of one line each, or are refused with one line; saved settings can
    be read again.
    """

    name = "settings"
    short_inputs: ClassVar[int] = 200

    def open(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fuzz-")
        self._path = Path(self._folder.name) / "pydoom.toml"
        lines: list[str] = []
        for section in SECTIONS:
            lines.append(f"[{section}]")
            lines += [
                f"{each.key.partition('.')[2]} = {_toml(each.default)}"
                for each in SETTINGS
                if each.key.startswith(f"{section}.")
            ]
        self._valid = "\n".join(lines).encode()

    def close(self) -> None:
        self._folder.cleanup()

    def make(self, random: random.Random) -> bytes:
        return mutate.mutated_text(random, self._valid, _TOML)

    def check(self, data: bytes) -> None:
        self._path.write_bytes(data)
        try:
            file = ConfigFile(self._path)
        except ConfigError as error:
            one_line(error)
            assert str(error).startswith(f"{self._path}:"), error
            return
        for warning in file.warnings:
            assert "\n" not in warning, warning
        used = Configuration(file.values)
        used.controls()
        file.save(used.changes(used.settings(), True))
        ConfigFile(self._path)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


_KUBECONFIG: Final[dict[str, Any]] = {
    "apiVersion": "v1",
    "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:6443", "insecure-skip-tls-verify": True}}],
    "users": [{"name": "u", "user": {"token": "secret"}}],
    "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u", "namespace": "shop"}}],
    "current-context": "x",
}
_YAML: Final = (b"&a [*a]", b"!!python/object:os.system x", b"- - - -", b"\t", b"? ", b"|", b"%YAML", b"...", b"*a")


class KubeconfigFuzzer(Fuzzer):
    """A kubeconfig is used, or refused with one line. (Users with ``exec`` would run programs: they are left out.)"""

    name = "kubeconfig"
    short_inputs: ClassVar[int] = 100

    def open(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fuzz-")
        self._path = Path(self._folder.name) / "config"
        self._before = os.environ.get("KUBECONFIG")
        os.environ["KUBECONFIG"] = str(self._path)

    def close(self) -> None:
        self._folder.cleanup()
        del os.environ["KUBECONFIG"]
        if self._before is not None:
            os.environ["KUBECONFIG"] = self._before

    def make(self, random: random.Random) -> bytes:
        value = mutate.mutated_value(random, _KUBECONFIG, 0.1)
        try:
            data: bytes = yaml.safe_dump(value).encode("utf-8", "surrogatepass")
        except RecursionError:
            data = b"["
        return mutate.mutated_text(random, data, _YAML, 2) if random.random() < 0.5 else data

    def check(self, data: bytes) -> None:
        self._path.write_bytes(data)
        try:
            cluster = kubeconfig.find()
        except SetupError as error:
            one_line(error)
        else:
            assert cluster.address[0]
