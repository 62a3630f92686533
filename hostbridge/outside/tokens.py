"""The hooks' secrets: read once, at the start, from a file or a variable. They are in no message and no log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hostbridge.host import ownership
from hostbridge.model import SetupError
from hostbridge.policy.outside import HookRule

MAX_TOKEN: Final = 4096

_TOKEN: Final = re.compile(r"[!-~](?:[ -~]*[!-~])?", re.ASCII)


def header_of(rule: HookRule, environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The header with the hook's token; none if it has no token. Raises SetupError, without the token."""
    if rule.token_file:
        where = rule.token_file
        try:
            ownership.check_regular(Path(where))
            with Path(where).open("rb") as file:
                token = file.read(MAX_TOKEN + 1).decode("ascii", "replace").strip()
        except OSError as error:
            raise SetupError(f"hook {rule.name}: cannot read {where}: {error.strerror}") from error
    elif rule.token_env:
        where = f"the variable {rule.token_env}"
        token = environment.get(rule.token_env, "").strip()
    else:
        return ()
    if not token:
        raise SetupError(f"hook {rule.name}: {where} has no token")
    if len(token) > MAX_TOKEN or not _TOKEN.fullmatch(token):
        raise SetupError(f"hook {rule.name}: the token in {where} is not one line of printable ASCII characters")
    is_bearer = rule.header.lower() == "authorization" and " " not in token
    return ((rule.header, f"Bearer {token}" if is_bearer else token),)
