"""Where the engine is, found as the ``docker`` command finds it.

In this order: what the user says, DOCKER_HOST, the context that DOCKER_CONTEXT or ``docker context use`` names, the
usual socket, and the sockets of rootless Docker, Docker Desktop, Colima, OrbStack and Rancher Desktop. For ``tcp://``
addresses DOCKER_TLS_VERIFY, DOCKER_TLS and DOCKER_CERT_PATH ask for TLS, a context brings its own certificates; the
server's certificate is always verified.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import ssl
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from hostbridge import parsing
from hostbridge.backends.http import Proxy
from hostbridge.model import SetupError
from hostbridge.parsing import ParseError

DEFAULT_SOCKET: Final = Path("/var/run/docker.sock")
CONTEXT: Final = "context://"
"""An address that names a Docker context."""

MAX_CONFIG: Final = 1024 * 1024
_PORTS: Final = {"tcp": 2375, "http": 80, "https": 443, "ssh": 22}
_PLAIN_PORT, _TLS_PORT = 2375, 2376
_CONTEXT_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One engine's address. `certificates` is a folder with ca.pem, cert.pem and key.pem; None means no TLS."""

    url: str
    certificates: Path | None = None
    origin: str = ""  # where the address came from, for messages

    def __str__(self) -> str:
        return f"{self.url} ({self.origin})" if self.origin else self.url

    @property
    def scheme(self) -> str:
        """``unix``, ``tcp`` or ``ssh``."""
        return {"http": "tcp", "https": "tcp", "http+unix": "unix"}.get(_scheme(self.url), _scheme(self.url))

    @property
    def path(self) -> Path:
        """The Unix socket's path."""
        return Path("/" + self.url.partition("://")[2].lstrip("/"))

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.url)
        port = parts.port or _PORTS[_scheme(self.url)]
        if self.certificates and not parts.port and _scheme(self.url) == "tcp":
            port = _TLS_PORT
        return parts.hostname or "", port

    @property
    def server_name(self) -> str:
        """Host name that the engine's certificate must be for."""
        return self.address[0]

    @property
    def proxy(self) -> Proxy | None:
        """Always None: engines are reached directly, as docker does."""
        return None

    def tls(self) -> ssl.SSLContext | None:
        """The TLS context, or None without TLS. Raises SetupError when a certificate cannot be read."""
        if self.certificates is None:
            return None
        return _tls_context(self.certificates)

    def check(self) -> Endpoint:
        """Refuse an address that can never be an engine's. Raises SetupError."""
        if self.scheme == "unix":
            with contextlib.suppress(OSError):
                if stat.S_ISDIR(self.path.stat().st_mode):
                    raise SetupError(
                        f"{self.path} is a folder, not the engine's socket: Docker makes one when a container mounts a "
                        "socket that does not exist; remove it, start the engine, or give its socket with --engine-url"
                    )
        elif self.certificates is not None:
            self.tls()
        return self


def find(url: str = "", context: str = "") -> Endpoint:
    """The engine that `url` or `context` names, or the one that ``docker`` would use. Raises SetupError."""
    if url.startswith(CONTEXT):
        return of_context(url.removeprefix(CONTEXT)).check()
    if url:
        return _of_url(url, "").check()
    if context:
        return of_context(context).check()
    if os.environ.get("DOCKER_HOST"):
        return _of_url(os.environ["DOCKER_HOST"], "DOCKER_HOST").check()
    name = os.environ.get("DOCKER_CONTEXT") or str(_config().get("currentContext") or "")
    if name and name != "default":
        return of_context(name).check()
    return _usual_socket().check()


def podman(url: str = "", context: str = "") -> Endpoint:
    """Podman's socket: what the user or the environment says, the user's own, or the system's. Raises SetupError."""
    given = url or os.environ.get("DOCKER_HOST") or os.environ.get("CONTAINER_HOST") or ""
    if given or context:
        return find(given, context)
    own = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}") / "podman" / "podman.sock"
    return _of_url(f"unix://{own}" if own.exists() and os.getuid() else "unix:///run/podman/podman.sock", "").check()


def of_context(name: str) -> Endpoint:
    """The engine of a Docker context. Raises SetupError."""
    if name == "default":
        return _usual_socket()
    if not _CONTEXT_NAME.fullmatch(name):
        raise SetupError(f"{name!r} is not a Docker context's name")
    digest = hashlib.sha256(name.encode()).hexdigest()
    path = _config_folder() / "contexts" / "meta" / digest / "meta.json"
    try:
        with path.open("rb") as file:
            host = parsing.json_object(file.read(MAX_CONFIG))["Endpoints"]["docker"]["Host"]
    except FileNotFoundError:
        raise SetupError(f"there is no Docker context {name!r}: see docker context ls") from None
    except (OSError, ParseError, LookupError, TypeError) as error:
        raise SetupError(f"the Docker context {name!r} cannot be read: {path}: {error}") from error
    certificates = _config_folder() / "contexts" / "tls" / digest / "docker"
    own = certificates if certificates.is_dir() else None
    return _of_url(str(host), f"Docker context {name}", own)


def _of_url(url: str, origin: str, certificates: Path | None = None) -> Endpoint:
    if url.startswith("/"):
        url = f"unix://{url}"
    scheme = _scheme(url)
    try:
        parts = urlsplit(url)
        well_formed = scheme in ("unix", "http+unix") or bool(parts.hostname and (parts.port is None or parts.port))
    except ValueError:
        well_formed = False
    if not well_formed or scheme not in ("unix", "http+unix", *_PORTS):
        where = f" ({origin})" if origin else ""
        raise SetupError(
            f"{url}{where} is not an engine's address: use unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST"
        )
    if certificates is None and scheme in ("tcp", "http", "https"):
        certificates = _certificates_of_environment(scheme)
    return Endpoint(url, certificates, origin)


def _certificates_of_environment(scheme: str) -> Path | None:
    folder = os.environ.get("DOCKER_CERT_PATH", "")
    wanted = any(os.environ.get(name) for name in ("DOCKER_TLS_VERIFY", "DOCKER_TLS"))
    if not (wanted or folder or scheme == "https"):
        return None
    return Path(folder) if folder else _config_folder()


def _usual_socket() -> Endpoint:
    """The first socket that we may use; if there is none, the system's, so that the error message names it."""
    for path in (DEFAULT_SOCKET, *_other_sockets()):
        if path.is_socket() and os.access(path, os.W_OK):
            return Endpoint(f"unix://{path}", origin="" if path == DEFAULT_SOCKET else "found there")
    return Endpoint(f"unix://{DEFAULT_SOCKET}")


def _other_sockets() -> list[Path]:
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    home = Path(os.path.expanduser("~"))
    places = (".docker/run", ".docker/desktop", ".colima/default", ".colima", ".orbstack/run", ".rd")
    return [Path(runtime) / "docker.sock", *(home / each / "docker.sock" for each in places)]


def _config_folder() -> Path:
    return Path(os.environ.get("DOCKER_CONFIG") or os.path.join(os.path.expanduser("~"), ".docker"))


def _config() -> dict[str, Any]:
    path = _config_folder() / "config.json"
    try:
        with path.open("rb") as file:
            return parsing.json_object(file.read(MAX_CONFIG))
    except OSError:
        return {}
    except ParseError as error:
        raise SetupError(f"{path}: {error.reason}") from error


def _tls_context(folder: Path) -> ssl.SSLContext:
    authority, certificate, key = (folder / name for name in ("ca.pem", "cert.pem", "key.pem"))
    try:
        context = ssl.create_default_context(cafile=str(authority) if authority.exists() else None)
        if certificate.exists():
            context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise SetupError(f"the certificates in {folder} cannot be used: {error}") from error
    return context


def _scheme(url: str) -> str:
    return url.partition("://")[0].lower() if "://" in url else ""
