"""What production refuses: every secret that a file of the repository contains."""

import os
from collections.abc import Iterable, Mapping

from sigap_common.core.published import is_published, published_among
from sigap_common.core.settings import CommonSettings

OURS = ("SIGAP_", "POSTGRES_", "PG", "KEYCLOAK_", "KC_")
"""The first letters of the variables that a service, a database or Keycloak reads."""
MAKE = {
    "KEY_RING": 'echo "k1:$(openssl rand -base64 32)"',
    "ISSUER_KEY": "openssl genpkey -algorithm ed25519",
    "SIGAP_SECRET_": 'echo "whsec_$(openssl rand -base64 32)"',
    "": "openssl rand -hex 24",
}
"""The command that makes a value for a variable. The first part that the variable's name contains decides."""


class UnsafeSettings(ValueError):
    """The settings ask for production, but have something that only a demonstration may have. The message names all of
    it.
    """


def published_settings(given: Mapping[str, str] | None = None) -> list[str]:
    """The names of the settings that hold a published secret: of the environment, and of `given`."""
    environment = {name: value for name, value in os.environ.items() if name.startswith(OURS)}
    return published_among(environment | dict(given or {}))


def refuse_published(common: CommonSettings, given: Mapping[str, str] | None = None) -> None:
    """Raises UnsafeSettings in production if the environment or `given` (values by name) holds a published secret."""
    if not common.demo and (found := published_settings(given)):
        raise UnsafeSettings(refusal(found))


def refuse_published_text(common: CommonSettings, name: str, secret: str) -> None:
    """The same for one secret that is not in a variable, such as in a file. Raises UnsafeSettings in production."""
    if not common.demo and is_published(secret):
        raise UnsafeSettings(refusal([name]))


def refusal(names: Iterable[str]) -> str:
    """The message: the names, and how to make a value for each, a line for each."""
    lines = [f"  {name}: make your own value: {_command(name)}" for name in sorted(names)]
    return "\n".join(["SIGAP_ENVIRONMENT=production refuses secrets that Sigap's own files contain:", *lines])


def _command(name: str) -> str:
    return next(command for part, command in MAKE.items() if part in name)
