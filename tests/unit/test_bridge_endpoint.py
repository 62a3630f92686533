"""Where the engine is: found as the docker command finds it, and spoken to over Unix sockets, TLS and ssh."""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from hostbridge.backends import endpoint
from hostbridge.backends.docker import DockerBackend
from hostbridge.cli import engines, options
from hostbridge.cli.main import main
from hostbridge.model import RequestError, SetupError
from tests import certificates as certificate_maker
from tests.fake_docker import FakeDocker, summary
from tests.gates import RunningGate

VARIABLES = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "CONTAINER_HOST")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory without any configuration."""
    for each in VARIABLES:
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / ".docker"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setattr(endpoint, "DEFAULT_SOCKET", tmp_path / "none" / "docker.sock")
    (tmp_path / "run").mkdir()
    (tmp_path / ".docker").mkdir()
    return tmp_path


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[FakeDocker]:
    made = FakeDocker(tmp_path)
    made.containers = [summary(1, "web")]
    yield made
    made.stop()


def make_context(home: Path, name: str, host: str) -> Path:
    """What ``docker context create`` writes; the folder for its certificates."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    folder = home / ".docker" / "contexts" / "meta" / digest
    folder.mkdir(parents=True)
    meta = {"Name": name, "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": False}}}
    (folder / "meta.json").write_text(json.dumps(meta))
    return home / ".docker" / "contexts" / "tls" / digest / "docker"


def use_context(home: Path, name: str) -> None:
    configure(home, json.dumps({"currentContext": name}))


def configure(home: Path, text: str) -> None:
    (home / ".docker" / "config.json").write_text(text)


def use_bad_context(home: Path) -> None:
    make_context(home, "nope", "carrier-pigeon://loft")
    use_context(home, "nope")


def listen(path: Path) -> socket.socket:
    path.parent.mkdir(parents=True, exist_ok=True)
    made = socket.socket(socket.AF_UNIX)
    made.bind(str(path))
    return made


def test_the_user_s_choice_comes_first_then_docker_host_then_the_context(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert endpoint.find().url == f"unix://{home}/none/docker.sock"
    make_context(home, "colima", "unix:///colima.sock")
    make_context(home, "other", "unix:///other.sock")
    use_context(home, "colima")
    assert (endpoint.find().url, endpoint.find().origin) == ("unix:///colima.sock", "Docker context colima")
    monkeypatch.setenv("DOCKER_CONTEXT", "other")
    assert endpoint.find().url == "unix:///other.sock"
    monkeypatch.setenv("DOCKER_HOST", "unix:///host.sock")
    assert endpoint.find().url == "unix:///host.sock"
    assert endpoint.find(context="colima").url == "unix:///colima.sock"
    assert endpoint.find("unix:///url.sock", "colima").url == "unix:///url.sock"
    assert endpoint.find("context://other").url == "unix:///other.sock"
    assert endpoint.find("/just/a/path").url == "unix:///just/a/path"


@pytest.mark.parametrize("place", ["run/docker.sock", ".docker/run/docker.sock", ".colima/default/docker.sock"])
def test_rootless_and_desktop_sockets_are_found(home: Path, place: str) -> None:
    with listen(home / place):
        assert endpoint.find().url == f"unix://{home / place}"
        with listen(home / "none" / "docker.sock"):
            assert endpoint.find().url == f"unix://{home}/none/docker.sock", "the usual one comes first"


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda home: use_context(home, "nope"), "no Docker context 'nope'"),
        (lambda home: use_context(home, "../../etc"), "not a Docker context's name"),
        (lambda home: configure(home, "{"), "config.json: "),
        (lambda home: configure(home, "[" * 100_000), "nested too deeply"),
        (use_bad_context, "is not an engine's address"),
    ],
)
def test_a_context_that_cannot_be_used_is_one_line(
    home: Path, prepare: Callable[[Path], None], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(home)
    assert main(["policy", "check"]) == 2
    error = capsys.readouterr().err
    assert (error.count("\n"), words in error) == (1, True), error


@pytest.mark.parametrize("url", ["ftp://x", "tcp://", "tcp://host:port", "ssh://", "http://[", "docker"])
def test_an_invalid_address_is_refused(url: str) -> None:
    with pytest.raises(SetupError, match="is not an engine's address"):
        endpoint.find(url)


def test_a_folder_in_the_socket_s_place_is_reported_plainly(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "docker.sock").mkdir()
    flags = ["--engine-url", f"unix://{home}/docker.sock", "--socket", str(home / "s"), "--audit", str(home / "log")]
    assert main(flags) == 2
    error = capsys.readouterr().err
    assert f"{home}/docker.sock is a folder, not the engine's socket" in error
    assert not (home / "s").exists(), "the bridge does not start, so nothing takes it for healthy"


def test_podman_is_searched_for_in_its_own_places(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert endpoint.podman().url.endswith("/podman/podman.sock")
    monkeypatch.setenv("CONTAINER_HOST", "unix:///own.sock")
    assert endpoint.podman().url == "unix:///own.sock"
    chosen = options.serve_parser().parse_args(["--backend", "podman", "--engine-url", "unix:///flag.sock"])
    assert engines.endpoint_of(chosen).url == "unix:///flag.sock"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1, for client and server."""
    folder = certificate_maker.make(tmp_path_factory.mktemp("certificates"), "IP:127.0.0.1")
    shutil.copy(folder / "cert.pem", folder / "ca.pem")
    return folder


@pytest.fixture
def tls_port(engine: FakeDocker, certificates: Path, tmp_path: Path) -> Iterator[int]:
    """An engine that speaks TLS and requires a client certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(certificates / "ca.pem"))
    context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = server.accept()
            except OSError:
                return
            with suppress(OSError), context.wrap_socket(plain, server_side=True) as client:
                client.settimeout(5)
                with socket.socket(socket.AF_UNIX) as behind:
                    behind.settimeout(5)
                    behind.connect(str(tmp_path / "fake-docker.sock"))
                    behind.sendall(client.recv(65536))
                    while data := behind.recv(65536):
                        client.sendall(data)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(10)


@pytest.mark.parametrize("way", ["environment", "context"])
def test_tls_with_the_certificates_of_the_environment_or_the_context(
    way: str, home: Path, tls_port: int, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"tcp://127.0.0.1:{tls_port}"
    if way == "environment":
        monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
        monkeypatch.setenv("DOCKER_CERT_PATH", str(certificates))
        where = endpoint.find(url)
    else:
        shutil.copytree(certificates, make_context(home, "far", url))
        where = endpoint.find(context="far")
    assert [each.name for each in DockerBackend(where).list()] == ["web"]
    chosen = options.serve_parser().parse_args(["--backend", "swarm", "--engine-url", url, "--node", f"b={url}"])
    if way == "environment":
        assert engines.make(chosen)._nodes["b"].engine.endpoint.certificates == certificates  # type: ignore[attr-defined]


def test_an_engine_with_another_certificate_is_refused(
    tls_port: int, certificates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(tmp_path / "nothing"))
    with pytest.raises(RequestError, match=r"no TLS connection to tcp://127\.0\.0\.1"):
        DockerBackend(endpoint.find(f"tcp://127.0.0.1:{tls_port}")).list()
    monkeypatch.setenv("DOCKER_CERT_PATH", str(certificates))
    with pytest.raises(RequestError, match="no TLS connection to tcp://localhost"):
        DockerBackend(endpoint.find(f"tcp://localhost:{tls_port}")).list()


def test_a_gate_speaks_tls_with_its_engine(
    tls_port: int, certificates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(certificates))
    with RunningGate(tmp_path, endpoint.find(f"tcp://127.0.0.1:{tls_port}")) as gate:
        assert [each.name for each in DockerBackend(gate.url).list()] == ["web"]
        shutil.rmtree(certificates)
        certificates.mkdir()
        (certificates / "ca.pem").write_text("nonsense")
        with pytest.raises(RequestError, match=r"the certificates in .* cannot be used"):
            DockerBackend(gate.url).list()
        (certificates / "ca.pem").unlink()
        with pytest.raises(RequestError, match="the engine behind the gate does not answer: no TLS connection"):
            DockerBackend(gate.url).list()


def test_no_plain_http_where_tls_is_requested(monkeypatch: pytest.MonkeyPatch) -> None:
    assert endpoint.find("tcp://127.0.0.1").certificates is None
    assert endpoint.find("tcp://127.0.0.1").address == ("127.0.0.1", 2375)
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    secured = endpoint.find("tcp://127.0.0.1")
    assert (secured.certificates is not None, secured.address) == (True, ("127.0.0.1", 2376))


def test_certificates_that_cannot_be_read_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ca.pem").write_text("nonsense")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(tmp_path))
    assert main(["policy", "check", "--engine-url", "tcp://127.0.0.1:1"]) == 2
    assert f"the certificates in {tmp_path} cannot be used" in capsys.readouterr().err


SSH = """#!{python}
import os, socket, sys, threading
assert sys.argv[-3:] == ["docker", "system", "dial-stdio"], sys.argv
assert sys.argv[-6:-3] == ["-p2222", "--", "box"] and "-lroot" in sys.argv, sys.argv
if {fail!r}:
    sys.exit("box: Permission denied (publickey).")
engine = socket.socket(socket.AF_UNIX)
engine.connect({path!r})
def back():
    while data := engine.recv(65536):
        os.write(1, data)
    os._exit(0)
threading.Thread(target=back, daemon=True).start()
while data := os.read(0, 65536):
    engine.sendall(data)
"""


def fake_ssh(folder: Path, monkeypatch: pytest.MonkeyPatch, fail: bool) -> None:
    program = folder / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(SSH.format(python=sys.executable, path=str(folder / "fake-docker.sock"), fail=fail))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")


def test_ssh_needs_only_the_ssh_program(engine: FakeDocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_ssh(tmp_path, monkeypatch, fail=False)
    backend = DockerBackend("ssh://root@box:2222")
    assert [each.name for each in backend.list()] == ["web"]
    found = backend.examine(summary(1)["Id"])
    assert found is not None
    assert found.name == "web"


def test_ssh_s_own_error_is_reported(engine: FakeDocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_ssh(tmp_path, monkeypatch, fail=True)
    with pytest.raises(RequestError, match="ssh: box: Permission denied"):
        DockerBackend("ssh://root@box:2222").list()
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(RequestError, match="needs the ssh program"):
        DockerBackend("ssh://root@box:2222").list()
