"""The environment variables that tests see: those that the machine needs, and nothing else.

A stray ``COMPOSE_FILE``, ``PYTHONPATH`` or ``DOOMWADDIR`` would change what is tested. So variables are kept by name
rather than dropped by name: the next stray one is unknown today. ``conftest.py`` cleans the process that runs the
tests. What acts before that, such as ``PYTEST_ADDOPTS`` and ``PYTHONOPTIMIZE``, is dropped by the Makefile, which
starts every tool through this file as a program::

    python -I tests/surroundings.py PROGRAM [ARGUMENT...]
"""

import os
import sys
from collections.abc import Mapping, MutableMapping
from fnmatch import fnmatchcase

KEPT = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_*"),
    # which Docker engine, and where its command line has its plugins
    *("DOCKER_HOST", "DOCKER_CONFIG"),
    # how to reach the package index
    *("PIP_*", "UV_*", "*_proxy", "*_PROXY", "SSL_CERT_*", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    # how numpy's libraries use this processor
    *("OPENBLAS_*", "NVPL_*", "OMP_*", "MKL_*"),
    *("CI", "PYDOOM_FORBID_SKIPS"),
    # how much of what is too long for every run is played
    *("PYDOOM_BENT_MAPS", "PYDOOM_FLEET_LEVELS", "PYDOOM_GAMEVERSION_SEEDS"),
)
"""The variables that tests and their child processes see, as globs."""

OWN = ("PYTEST_CURRENT_TEST", "PYTEST_VERSION", "PYTEST_XDIST_*")
"""Variables that pytest sets in its own process."""

SET = {"LANG": "C.UTF-8", "TERM": "xterm-256color"}
"""Values that every test sees, whatever the caller's."""


def kept(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment that tests run in, made from the caller's."""
    return {name: value for name, value in environ.items() if matches(name, KEPT)} | SET


def clean(environ: MutableMapping[str, str]) -> None:
    """Reduce the environment of this test process to what `kept` returns."""
    for name in [name for name in environ if not matches(name, KEPT + OWN)]:
        del environ[name]
    environ.update(SET)


def matches(name: str, globs: tuple[str, ...]) -> bool:
    """Whether a variable's name matches one of the globs."""
    return any(fnmatchcase(name, glob) for glob in globs)


if __name__ == "__main__":
    os.execvpe(sys.argv[1], sys.argv[1:], kept(os.environ))
