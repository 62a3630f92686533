"""Finds the cluster and the credentials as kubectl does, or from the service account of the pod we run in.

The official client reads a kubeconfig, because it supports every way to log in (tokens, certificates, exec plugins,
OIDC). A service account needs no package. Any problem becomes one SetupError that names the file.
"""

from __future__ import annotations

import base64
import contextlib
import logging
import os
import re
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from hostbridge.backends.http import Headers, Proxy
from hostbridge.backends.trouble import first_line
from hostbridge.model import SetupError

ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
DEFAULT_FILE: Final = "~/.kube/config"

_PORTS: Final = {"http": 80, "https": 443}
_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}|[0-9A-Fa-f:.]{2,45}")
_MAX_ACCOUNT_TOKEN: Final = 16 * 1024
_NAMESPACE: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def _nobody() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Cluster:
    """An API server and how to speak with it: a `Place` of `http`."""

    url: str
    namespace: str = ""  # the context's
    context: ssl.SSLContext | None = None
    tls_name: str = ""
    proxy: Proxy | None = None
    authorization: Callable[[], str] = _nobody  # value of the header; may run a login program and raise anything

    def __str__(self) -> str:
        return self.url

    @property
    def scheme(self) -> str:
        """Always ``tcp``."""
        return "tcp"

    @property
    def path(self) -> Path:
        """Not used: the API server has no Unix socket."""
        raise NotImplementedError

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or _PORTS[parts.scheme]

    @property
    def root(self) -> str:
        """Path prefix of the API, for clusters behind a gateway."""
        return urlsplit(self.url).path.rstrip("/")

    @property
    def server_name(self) -> str:
        """Host name that the server's certificate must be for."""
        return self.tls_name or self.address[0]

    def tls(self) -> ssl.SSLContext | None:
        """How to speak TLS, if at all."""
        return self.context


def find(url: str = "", context: str = "") -> Cluster:
    """The cluster at `url` (without credentials), of kubectl's `context`, of its current context, or of this pod.

    Raises SetupError.
    """
    if url and context:
        raise SetupError("--engine-url and --context cannot be combined")
    if url:
        return Cluster(_checked(url, "--engine-url"))
    if not context and not any(path.exists() for path in _files()) and ACCOUNT.is_dir():
        return _of_account()
    return _of_files(context)


def check_namespace(name: str) -> str:
    """Return `name` if it is a valid name of a namespace. Raises SetupError."""
    if "," in name:
        each = " ".join(f"--namespace {part.strip()}" for part in name.split(",") if part.strip())
        raise SetupError(f"--namespace {name}: give one name each time, as in {each}")
    if not _NAMESPACE.fullmatch(name):
        raise SetupError(
            f"--namespace {name!r}: not a valid name of a namespace (lower-case letters, digits and dashes, at most 63)"
        )
    return name


def _files() -> list[Path]:
    given = os.environ.get("KUBECONFIG") or DEFAULT_FILE
    return [Path(each).expanduser() for each in given.split(os.pathsep) if each]


def _of_files(context: str) -> Cluster:
    from kubernetes import client, config

    files = os.pathsep.join(map(str, _files()))
    if not any(path.exists() for path in _files()):
        raise SetupError(
            f"there is no kubeconfig at {files}, and we do not run in a pod: set KUBECONFIG, or give --engine-url"
        )
    settings = client.Configuration()
    try:
        with _login_errors() as failures:
            # may write refreshed tokens back to the file, as kubectl does
            config.load_kube_config(files, context or None, settings)
        if failures:
            raise SetupError(f"kubeconfig {files}: the login program failed: {failures[0]}")
        contexts, present = config.list_kube_config_contexts(files)
        chosen = next(each for each in contexts if each["name"] == context) if context else present
        namespace = str(chosen["context"].get("namespace") or "")
        return _of_settings(settings, namespace)
    except SetupError:
        raise
    except Exception as error:  # the library and its dependencies raise too many types to name
        raise SetupError(_what_is_wrong(files, context, error)) from error


@contextlib.contextmanager
def _login_errors() -> Iterator[list[str]]:
    """What the official client logs about a login program: it goes on without a login when that fails."""
    found: list[str] = []

    class LoginLog(logging.Handler):
        """Keeps the first line of each message."""

        def emit(self, record: logging.LogRecord) -> None:
            """Keep it."""
            found.append((record.getMessage().strip().splitlines() or [""])[0][:200])

    listener = LoginLog(logging.ERROR)
    logging.getLogger().addHandler(listener)
    try:
        yield found
    finally:
        logging.getLogger().removeHandler(listener)


def _of_account() -> Cluster:
    """Without the official client, which the image lacks: an address, a certificate and a token are all there is."""
    host, port = (os.environ.get(f"KUBERNETES_SERVICE_{each}", "") for each in ("HOST", "PORT"))
    try:
        if not _HOST.fullmatch(host) or not port.isdecimal():
            raise SetupError("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT do not tell where the API server is")
        url = _checked(f"https://{f'[{host}]' if ':' in host else host}:{port}", "KUBERNETES_SERVICE_HOST and _PORT:")
        namespace = account_namespace()
        _account_token()
        return Cluster(
            url=url,
            namespace=check_namespace(namespace) if namespace else "",
            context=_cluster_context(str(ACCOUNT / "ca.crt")),
            authorization=_account_token,
        )
    except (SetupError, OSError, ValueError) as error:
        raise SetupError(f"the pod's service account in {ACCOUNT} cannot be used: {first_line(error)}") from error


def _account_token() -> str:
    """Read for every request: the kubelet replaces a token before it expires. Raises OSError or ValueError."""
    with (ACCOUNT / "token").open("rb") as file:
        token = file.read(_MAX_ACCOUNT_TOKEN + 1).decode("ascii").strip()
    if not token.isprintable() or not 0 < len(token) <= _MAX_ACCOUNT_TOKEN:
        raise ValueError(f"{ACCOUNT / 'token'} does not contain a token")
    return f"Bearer {token}"


def _of_settings(settings: Any, namespace: str) -> Cluster:
    """Convert the official client's configuration."""

    def authorization() -> str:
        found = settings.auth_settings().get("BearerToken", {})
        return str(found.get("value") or "").strip()

    url = _checked(str(settings.host), "the server")
    return Cluster(
        url=url,
        namespace=check_namespace(namespace) if namespace else "",
        context=_tls_context(settings) if urlsplit(url).scheme == "https" else None,
        tls_name=str(settings.tls_server_name or ""),
        proxy=_proxy(settings),
        authorization=authorization,
    )


def _cluster_context(authority: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=authority)
    # clusters issue their own certificates, and some lack extensions that Python 3.13 wants by default
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _tls_context(settings: Any) -> ssl.SSLContext:
    context = _cluster_context(settings.ssl_ca_cert or None)
    if settings.cert_file:
        context.load_cert_chain(settings.cert_file, settings.key_file or None)
    if not settings.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _proxy(settings: Any) -> Proxy | None:
    if not settings.proxy or _is_excepted(urlsplit(settings.host).hostname or "", str(settings.no_proxy or "")):
        return None
    parts = urlsplit(str(settings.proxy))
    if parts.scheme not in ("", "http") or not parts.hostname:
        raise SetupError(
            f"the proxy {parts.scheme}://{parts.hostname or ''} is not supported: only http:// proxies are"
        )
    headers: Headers = ()
    if parts.username:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        headers = (("Proxy-Authorization", f"Basic {base64.b64encode(login).decode('ascii')}"),)
    return Proxy(parts.hostname, parts.port or 80, headers)


def _is_excepted(host: str, exceptions: str) -> bool:
    names = [each.strip().lstrip(".") for each in exceptions.split(",") if each.strip()]
    return any(each == "*" or host == each or host.endswith(f".{each}") for each in names)


def _checked(url: str, what: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme in _PORTS and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good:
        raise SetupError(f"{what} {url[:200]!r} is not the address of an API server (https://HOST:PORT)")
    return url


def _what_is_wrong(files: str, context: str, error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:  # YAML's
        return f"kubeconfig {mark.name}:{mark.line + 1}: {getattr(error, 'problem', None) or 'not YAML'}"
    if isinstance(error, RecursionError):
        return f"kubeconfig {files}: nested too deeply"
    if isinstance(error, KeyError | IndexError | TypeError | AttributeError):
        return f"kubeconfig {files}: not a valid kubeconfig ({type(error).__name__}: {first_line(error)})"
    # the library's messages may go on with a whole entry of the file, tokens and all
    what = first_line(error).partition("/{")[0]
    hint = "; kubectl config get-contexts lists them" if context else ""
    return f"kubeconfig {files}: {what}{hint}"


def account_namespace() -> str:
    """Namespace of the pod we run in; empty outside of a cluster."""
    try:
        return (ACCOUNT / "namespace").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""
