"""Which cluster and namespace are used (kubectl's rules), and that a broken configuration gives one line."""

from __future__ import annotations

import base64
import shutil
import socket
import ssl
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from hostbridge.backends import kubeconfig
from hostbridge.backends.kubernetes import KubernetesBackend
from hostbridge.cli.main import main
from hostbridge.model import RequestError, SetupError
from tests import certificates
from tests.kubernetes_api import ApiServer

pytest.importorskip("kubernetes")


SECRET = "correct-horse-battery-staple"
COMMANDS = {
    "that is not there": ["/no/such/program"],
    "that fails": ["sh", "-c", "echo no ticket >&2; exit 1"],
    "that says nothing": ["true"],
    "that says something else": ["echo", "{}"],
    "that speaks no JSON": ["echo", "["],
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder without any configuration, outside of any cluster."""
    for each in ("KUBECONFIG", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(kubeconfig, "ACCOUNT", tmp_path / "no-account")
    (tmp_path / ".kube").mkdir()
    return tmp_path


@pytest.fixture
def api() -> Iterator[ApiServer]:
    server = ApiServer()
    yield server
    server.stop()


TOKEN = {"token": "secret"}


def config(
    url: str, cluster: Mapping[str, object] = {}, user: Mapping[str, str] = TOKEN, **namespaces: str
) -> dict[str, object]:
    """A kubeconfig with one context for each further keyword, the first being the present one."""
    contexts = [
        {"name": name, "context": {"cluster": "c", "user": "u"} | ({"namespace": each} if each else {})}
        for name, each in namespaces.items()
    ]
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": url, **cluster}}],
        "users": [{"name": "u", "user": {**user}}],
        "contexts": contexts,
        "current-context": contexts[0]["name"],
    }


def write(home: Path, value: object) -> Path:
    path = home / ".kube" / "config"
    path.write_text(value if isinstance(value, str) else yaml.safe_dump(value))
    return path


def listed(backend: KubernetesBackend) -> set[str]:
    return {each.name for each in backend.list()}


def test_the_context_s_namespace_is_honoured(home: Path, api: ApiServer) -> None:
    for namespace in ("shop", "blog", "default"):
        api.add("web", namespace)
    write(home, config(api.url, here="shop", there="blog", anywhere=""))
    assert listed(KubernetesBackend()) == {"web"}
    assert "/namespaces/shop/" in api.requests[-1]
    assert listed(KubernetesBackend(context="there")) == {"web"}
    assert "/namespaces/blog/" in api.requests[-1]
    everything = {"shop/web", "blog/web", "default/web"}
    assert listed(KubernetesBackend(context="anywhere")) == everything
    assert listed(KubernetesBackend(everywhere=True)) == everything
    assert listed(KubernetesBackend(["default"])) == {"web"}, "what the user says comes first"


def test_who_we_are_is_told_with_every_request(home: Path, api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, config(api.url, here="shop"))
    assert kubeconfig.find().authorization() == "Bearer secret"
    other = home / "other"
    other.write_text(yaml.safe_dump(config(api.url, elsewhere="blog")))
    monkeypatch.setenv("KUBECONFIG", f"{home / 'none'}:{other}")
    assert kubeconfig.find().namespace == "blog"


def test_a_path_before_the_api_s_own_is_kept() -> None:
    assert kubeconfig.find("https://gateway:8443/k8s/clusters/c-1/").root == "/k8s/clusters/c-1"
    assert kubeconfig.find("https://[::1]:6443").address == ("::1", 6443)


def without(key: str) -> dict[str, object]:
    return {name: value for name, value in config("https://host", here="").items() if name != key}


BROKEN: dict[str, tuple[object, str]] = {
    "empty": ("", "is empty"),
    "no YAML": ("clusters: [\n  - {", ".kube/config:2: "),
    "a tab": ("clusters:\n\t- x", ".kube/config:2: "),
    "a string": ("hello", "not a valid kubeconfig"),
    "a list": ("[1, 2]", "not a valid kubeconfig"),
    "deep": ("[" * 100_000, "kubeconfig "),
    "5,000 digits": ("current-context: " + "1" * 5000, "kubeconfig "),
    "no bytes of UTF-8": ("\udcff", "kubeconfig "),
    "no clusters": (without("clusters"), "clusters"),
    "a user's token in the wrong place": (
        config("https://h", here="") | {"users": [{"name": "u", "token": SECRET}]},
        "user",
    ),
    "no contexts": (without("contexts"), "context"),
    "no current context": (without("current-context"), "current-context"),
    "invalid clusters": (config("https://h", here="") | {"clusters": 7}, "kubeconfig "),
    "contexts without names": (config("https://h", here="") | {"contexts": [{}]}, "kubeconfig "),
    "an invalid address": (config("carrier-pigeon://loft", here=""), "is not the address of an API server"),
    "an address with a bad port": (config("https://h:99999999", here=""), "is not the address of an API server"),
    "a number for an address": (config("7", here=""), "is not the address of an API server"),
    "an invalid namespace": (config("https://h", here="../x"), "not a valid name of a namespace"),
}


@pytest.mark.parametrize(("value", "words"), BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("command", [[], ["policy", "check"]])
def test_a_broken_kubeconfig_is_one_line(
    home: Path, value: object, words: str, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(home, "") if isinstance(value, str) else write(home, value)
    if isinstance(value, str):
        path.write_bytes(value.encode("utf-8", "surrogateescape"))
    flags = ["--socket", str(home / "s"), "--audit", str(home / "log")] if not command else []
    assert main([*command, "--backend", "kubernetes", *flags]) == 2
    error = capsys.readouterr().err
    assert (error.count("\n"), words in error) == (1, True), error
    assert SECRET not in error
    assert not (home / "s").exists(), "no daemon that lists nothing"


@pytest.mark.parametrize("missing", ["certificate-authority", "client-certificate"])
def test_certificates_that_are_not_there_are_one_line(
    home: Path, missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    named = {missing: "/no/such/file.pem"}
    of_cluster = missing == "certificate-authority"
    write(
        home, config("https://host", named if of_cluster else {}, TOKEN if of_cluster else {**TOKEN, **named}, here="")
    )
    assert main(["policy", "check", "--backend", "kubernetes"]) == 2
    error = capsys.readouterr().err
    assert (error.count("\n"), "/no/such/file.pem" in error) == (1, True), error


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_a_program_that_cannot_log_in_is_one_line(
    home: Path, command: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    value = config("https://host", here="")
    exec_ = {"apiVersion": "client.authentication.k8s.io/v1", "command": command[0], "args": command[1:]}
    value["users"] = [{"name": "u", "user": {"exec": exec_}}]
    write(home, value)
    assert main(["policy", "check", "--backend", "kubernetes"]) == 2
    error = capfd.readouterr().err
    assert (error.count("\n"), "kubeconfig" in error) == (1, True), error


def test_no_kubeconfig_at_all_is_said(home: Path) -> None:
    with pytest.raises(SetupError, match=r"there is no kubeconfig at .*/.kube/config, and we do not run in a pod"):
        kubeconfig.find()


def test_a_context_that_does_not_exist_is_said(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(home, config("https://host", here=""))
    assert main(["policy", "check", "--backend", "kubernetes", "--context", "nope"]) == 2
    error = capsys.readouterr().err
    assert ("nope" in error, "kubectl config get-contexts" in error, error.count("\n")) == (True, True, 1), error


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--namespace", "a,b"], "--namespace a,b: give one name each time, as in --namespace a --namespace b"),
        (["--namespace", "A"], "not a valid name of a namespace"),
        (["--namespace", "../kube-system"], "not a valid name of a namespace"),
        (["--namespace", ""], "not a valid name of a namespace"),
        (["--namespace", "a", "--all-namespaces"], "--namespace and --all-namespaces cannot be combined"),
        (["--context", "x"], "--engine-url and --context cannot be combined"),
    ],
)
def test_flags_that_cannot_be_meant_are_one_line(
    flags: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "check", "--backend", "kubernetes", "--engine-url", "http://127.0.0.1:1", *flags]) == 2
    error = capsys.readouterr().err
    assert (error.count("\n"), words in error) == (1, True), error


@pytest.fixture
def account(home: Path, monkeypatch: pytest.MonkeyPatch, certificate: Path) -> Path:
    """The service account of the pod that we run in."""
    folder = home / "account"
    folder.mkdir()
    (folder / "token").write_text("of-the-pod\n")
    (folder / "namespace").write_text("games")
    shutil.copy(certificate / "cert.pem", folder / "ca.crt")
    monkeypatch.setattr(kubeconfig, "ACCOUNT", folder)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    return folder


def test_a_pod_s_account_is_used_where_there_is_no_kubeconfig(account: Path) -> None:
    found = kubeconfig.find()
    assert (found.url, found.namespace, found.authorization()) == (
        "https://10.0.0.1:443", "games", "Bearer of-the-pod")  # fmt: skip
    context = found.tls()
    assert context is not None
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    (account / "token").write_text("the-next-one")
    assert found.authorization() == "Bearer the-next-one", "the kubelet replaces tokens"


def test_a_pod_s_account_needs_no_package(account: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del account
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    assert kubeconfig.find().namespace == "games"


def test_a_cluster_of_ipv6_is_found_from_a_pod(account: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del account
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    assert kubeconfig.find().address == ("fd00::1", 443)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("token", None), ("token", b""), ("token", b"\n"), ("token", b"two\nlines"), ("token", b"\xff\xfe"),
        ("token", b"x" * 20_000), ("ca.crt", None), ("ca.crt", b"no certificate"), ("namespace", b"../x"),
        ("HOST", b""), ("HOST", b"a b/c"), ("HOST", b"user@host"), ("PORT", b""), ("PORT", b"0"), ("PORT", b"x"),
    ],
)  # fmt: skip
def test_an_unusable_service_account_is_said_in_one_line(
    account: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes | None
) -> None:
    if name.isupper():
        monkeypatch.setenv(f"KUBERNETES_SERVICE_{name}", (content or b"").decode())
    elif content is None:
        (account / name).unlink()
    else:
        (account / name).write_bytes(content)
    with pytest.raises(SetupError, match=r"the pod's service account in .* cannot be used: [^\n]+$"):
        kubeconfig.find()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for cluster.example."""
    return certificates.make(tmp_path_factory.mktemp("certificate"), "DNS:cluster.example")


@pytest.fixture
def tls_api(api: ApiServer, certificate: Path) -> ApiServer:
    """The API server, with TLS and a client's certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    context.load_verify_locations(certificate / "cert.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    api.server.socket = context.wrap_socket(api.server.socket, server_side=True)
    api.url = api.url.replace("http://", "https://")
    return api


def with_certificates(url: str, folder: Path, **cluster: object) -> dict[str, object]:
    authority = base64.b64encode((folder / "cert.pem").read_bytes()).decode()
    paths = {"client-certificate": str(folder / "cert.pem"), "client-key": str(folder / "key.pem")}
    return config(url, {"certificate-authority-data": authority, **cluster}, paths, here="default")


def test_certificates_both_ways(home: Path, tls_api: ApiServer, certificate: Path) -> None:
    tls_api.add("web")
    named = {"tls-server-name": "cluster.example"}
    write(home, with_certificates(tls_api.url, certificate, **named))
    assert listed(KubernetesBackend()) == {"web"}
    write(home, with_certificates(tls_api.url, certificate))
    with pytest.raises(RequestError, match="no TLS connection to"):
        KubernetesBackend().list()
    unverified: dict[str, object] = {"server": tls_api.url, "insecure-skip-tls-verify": True}
    clusters = [{"name": "c", "cluster": unverified}]
    write(home, with_certificates(tls_api.url, certificate) | {"clusters": clusters})
    assert listed(KubernetesBackend()) == {"web"}


class Proxy:
    """An HTTP proxy for one connection, which it lets through to the right place or refuses."""

    def __init__(self, status: bytes = b"200 Connected") -> None:
        self.asked = b""
        self._status = status
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://me:pass@127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        client, _ = self._listening.accept()
        while b"\r\n\r\n" not in self.asked:
            self.asked += client.recv(4096)
        client.sendall(b"HTTP/1.1 " + self._status + b"\r\n\r\n")
        host, port = self.asked.split()[1].decode().split(":")
        if not self._status.startswith(b"2"):
            client.close()
            return
        with socket.create_connection((host, int(port))) as server:
            there = threading.Thread(target=_pump, args=(client, server), daemon=True)
            there.start()
            _pump(server, client)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def test_a_proxy_on_the_way(home: Path, tls_api: ApiServer, certificate: Path) -> None:
    tls_api.add("web")
    proxy = Proxy()
    named = {"tls-server-name": "cluster.example", "proxy-url": proxy.url}
    write(home, with_certificates(tls_api.url, certificate, **named))
    assert listed(KubernetesBackend()) == {"web"}
    assert b"Proxy-Authorization: Basic " + base64.b64encode(b"me:pass") in proxy.asked
    refusing = Proxy(b"407 Who are you")
    write(home, with_certificates(tls_api.url, certificate, **(named | {"proxy-url": refusing.url})))
    with pytest.raises(RequestError, match=r"refuses the connection to .*407"):
        KubernetesBackend().list()
    write(home, with_certificates(tls_api.url, certificate, **(named | {"proxy-url": "socks5://127.0.0.1:1"})))
    with pytest.raises(SetupError, match=r"the proxy socks5://127.0.0.1 is not supported"):
        KubernetesBackend()


def test_a_proxy_of_the_environment_and_its_exceptions(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, config("https://api.cluster.example:6443", here=""))
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    found = kubeconfig.find().proxy
    assert found is not None
    assert (found.host, found.port) == ("proxy.example", 3128)
    monkeypatch.setenv("NO_PROXY", "localhost,.cluster.example")
    assert kubeconfig.find().proxy is None


def test_a_login_that_fails_later_is_a_server_that_is_down(home: Path, api: ApiServer) -> None:
    write(home, config(api.url, here="default"))
    backend = KubernetesBackend()

    def fail() -> str:
        raise ValueError("the token has run out\nand more")

    object.__setattr__(backend._api.cluster, "authorization", fail)
    with pytest.raises(RequestError, match=r"cannot log in: the token has run out$"):
        backend.list()
    object.__setattr__(backend._api.cluster, "authorization", lambda: "Bearer two\r\nlines: yes")
    with pytest.raises(RequestError, match="the request cannot be sent"):
        backend.list()
