"""Signing secrets by reference: what a pack or a setting names is read from the environment or a folder when needed.

A reference names a `SIGAP_SECRET_*` variable, or `file:NAME` for a file of the one configured folder. Its name
carries the code of the regency that may use it: `SIGAP_SECRET_17_71_DAMKAR`, `file:17.71-damkar`. Another regency
is refused before anything is looked up, so its answer does not tell whether the secret exists. A service's settings may
say whose the names without a code are.
"""

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from re import compile as regex

from sigap_common.core.published import is_published
from sigap_common.core.signatures import InvalidSecret, key_of

LONGEST = 4096
"""Bytes of a file that holds a secret."""

_VARIABLE = regex(r"SIGAP_SECRET_[A-Z0-9_]{1,100}")
_OF_A_REGENCY = regex(r"SIGAP_SECRET_[0-9]{2}_[0-9]{2}_.")
_FILE = regex(r"file:([A-Za-z0-9][A-Za-z0-9_.-]{0,99})")


class SecretMissing(Exception):
    """What a reference names is not there, not readable, or no signing secret. The message holds the reference only."""


def is_reference(text: str) -> bool:
    return bool(_VARIABLE.fullmatch(text) or _FILE.fullmatch(text))


class ReferredSecrets:
    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str] = os.environ,
        *,
        secrets_of: Mapping[str, Collection[str]] | None = None,
        production: bool = False,
    ) -> None:
        """`secrets_of`: regencies by reference, for names that carry no code.

        `production`: a secret that a file of the repository contains counts as missing.
        """
        self._folder, self._environment, self._production = folder, environment, production
        self._secrets_of = secrets_of or {}

    def may_use(self, regency: str, reference: str) -> bool:
        """Whether the secret is the regency's, by its name or by the setting. Looks nothing up."""
        own = (f"SIGAP_SECRET_{regency.replace('.', '_')}_", f"file:{regency}-")
        return reference.startswith(own) or regency in self._secrets_of.get(reference, ())

    def nobodys(self) -> list[str]:
        """The variables that no regency can use: their names carry no code, and the setting does not name them."""
        names = [name for name in self._environment if _VARIABLE.fullmatch(name)]
        return sorted(n for n in names if not _OF_A_REGENCY.match(n) and not self._secrets_of.get(n))

    def referred(self, reference: str, regency: str) -> str:
        """The secret that a reference of this regency names. Raises SecretMissing."""
        if not self.may_use(regency, reference):
            raise SecretMissing(f"{reference} is not a secret of {regency}")
        found = self._file(match[1]) if (match := _FILE.fullmatch(reference)) else self._variable(reference)
        try:
            key_of(found)
        except InvalidSecret as error:
            raise SecretMissing(f"{reference}: {error}") from None
        if self._production and is_published(found):
            raise SecretMissing(f"{reference}: Sigap's own files contain this secret")
        return found.strip()

    def _variable(self, reference: str) -> str:
        if not _VARIABLE.fullmatch(reference) or reference not in self._environment:
            raise SecretMissing(reference)
        return self._environment[reference]

    def _file(self, name: str) -> str:
        """A link may lead on within the folder (as Kubernetes lays secrets out), never out of it."""
        folder = self._folder.resolve()
        path = (folder / name).resolve()
        try:
            if not path.is_relative_to(folder) or path.stat().st_size > LONGEST:
                raise SecretMissing(f"file:{name}")
            return path.read_text("ascii")
        except (OSError, ValueError):
            raise SecretMissing(f"file:{name}") from None
