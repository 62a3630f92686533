"""What is wrong when an engine does not answer, and what to do about it."""

from __future__ import annotations

import getpass
import grp
import socket
import ssl
from collections.abc import Iterator

from hostbridge.backends.http import Destination


def explain(error: BaseException, endpoint: Destination) -> tuple[str, str]:
    """What is wrong with the engine at `endpoint`, and what to do about it (empty when there is no advice)."""
    where = str(endpoint)
    for cause in _causes(error):
        if isinstance(cause, PermissionError):
            return f"no permission for {where}", _permission(endpoint)
        if isinstance(cause, FileNotFoundError | ConnectionRefusedError):
            what = "nothing listens at" if isinstance(cause, ConnectionRefusedError) else "there is no"
            return (
                f"{what} {where}",
                "start the engine (sudo systemctl start docker), or give its address with --engine-url",
            )
        if isinstance(cause, TimeoutError):
            return f"{where} does not answer in time", ""
        if isinstance(cause, ssl.SSLError):
            return f"no TLS connection to {where}: {first_line(cause)}", "see DOCKER_CERT_PATH and DOCKER_TLS_VERIFY"
        if isinstance(cause, socket.gaierror):
            return f"cannot resolve the name of {where}: {cause.strerror}", ""
    return first_line(error), ""


def first_line(error: BaseException) -> str:
    """An error in one line."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes: the libraries below wrap errors in errors, in more ways than one."""
    found = [error]
    for cause in found:  # which grows meanwhile
        yield cause
        for inner in (cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args):
            if isinstance(inner, BaseException) and inner not in found:
                found.append(inner)


def _permission(endpoint: Destination) -> str:
    if endpoint.scheme != "unix":
        return ""
    try:
        group = grp.getgrgid(endpoint.path.stat().st_gid).gr_name
        user = getpass.getuser()
    except (OSError, KeyError):
        return "run hostbridge with sudo"
    return f"sudo usermod -aG {group} {user} and log in again, or run hostbridge with sudo"
