"""Signing secrets of endpoints. They are never in a pack, and opened only for signing.

A reference names a `SIGAP_SECRET_*` variable, or `file:NAME` for a file of the one configured folder. Its name
carries the code of the regency that may use it: `SIGAP_SECRET_17_71_DAMKAR`, `file:17.71-damkar`. Another regency
is refused before anything is looked up, so its answer does not tell whether the secret exists. For a name without a
code, the setting `secrets_of` names the regencies.

A secret that the gateway made itself is stored, sealed, in the endpoint's row. The drill door's secret and the key of
the gateway's own issuer are derived from the key ring: every replica has them, and nothing has to be kept.
"""

import os
from base64 import urlsafe_b64decode
from collections.abc import Collection, Mapping
from pathlib import Path
from re import compile as regex

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sigap_agency_gateway.domain.signature import InvalidSecret, key_of, secret_of
from sigap_common.core.published import is_published
from sigap_common.personal_data import KeyRing

DRILL_DOOR = "builtin:drill-door"
LONGEST = 4096

_VARIABLE = regex(r"SIGAP_SECRET_[A-Z0-9_]{1,100}")
_OF_A_REGENCY = regex(r"SIGAP_SECRET_[0-9]{2}_[0-9]{2}_.")
_FILE = regex(r"file:([A-Za-z0-9][A-Za-z0-9_.-]{0,99})")


class SecretMissing(Exception):
    """The secret of a reference is missing, unreadable, or not a signing secret. The message has the reference only."""


def is_reference(text: str) -> bool:
    return bool(_VARIABLE.fullmatch(text) or _FILE.fullmatch(text))


class Secrets:
    def __init__(
        self,
        ring: KeyRing,
        folder: Path,
        environment: Mapping[str, str] = os.environ,
        *,
        secrets_of: Mapping[str, Collection[str]] | None = None,
        production: bool = False,
    ) -> None:
        """`secrets_of`: regencies by reference, for names that carry no code.

        `production`: a secret that a file of the repository contains counts as missing.
        """
        self._ring, self._folder, self._environment, self._production = ring, folder, environment, production
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
        if reference == DRILL_DOOR:
            return self.drill_door
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
        """The content of a secret's file. A symbolic link may point within the folder (as Kubernetes mounts secrets),
        never outside.
        """
        folder = self._folder.resolve()
        path = (folder / name).resolve()
        try:
            if not path.is_relative_to(folder) or path.stat().st_size > LONGEST:
                raise SecretMissing(f"file:{name}")
            return path.read_text("ascii")
        except (OSError, ValueError):
            raise SecretMissing(f"file:{name}") from None

    def seal(self, secret: str, endpoint: object) -> str:
        return self._ring.seal(secret, f"secret/{endpoint}")

    def opened(self, token: str, endpoint: object) -> str:
        """Raises CannotOpen."""
        return self._ring.open(token, f"secret/{endpoint}")

    @property
    def drill_door(self) -> str:
        return secret_of(self._derived("drill door"))

    @property
    def issuer_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._derived("issuer of the agency gateway"))

    def _derived(self, purpose: str) -> bytes:
        return urlsafe_b64decode(self._ring.lookup(f"sigap: {purpose}") + "=")
