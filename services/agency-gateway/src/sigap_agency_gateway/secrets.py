"""Signing secrets: never in a pack, in clear only for the moment of signing.

A reference names a `SIGAP_SECRET_*` variable, or `file:NAME` for a file of the one configured folder. What the
gateway made itself lies sealed beside its endpoint. The drill door's secret and the key of the gateway's own
issuer are derived from the key ring: every replica has them, and nothing has to be kept.
"""

import os
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from pathlib import Path
from re import compile as regex

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sigap_agency_gateway.domain.signature import InvalidSecret, key_of, secret_of
from sigap_common.personal_data import KeyRing

DRILL_DOOR = "builtin:drill-door"
LONGEST = 4096

_VARIABLE = regex(r"SIGAP_SECRET_[A-Z0-9_]{1,100}")
_FILE = regex(r"file:([A-Za-z0-9][A-Za-z0-9_.-]{0,99})")


class SecretMissing(Exception):
    """What a reference names is not there, not readable, or no signing secret. The message holds the reference only."""


def is_reference(text: str) -> bool:
    return bool(_VARIABLE.fullmatch(text) or _FILE.fullmatch(text))


class Secrets:
    def __init__(self, ring: KeyRing, folder: Path, environment: Mapping[str, str] = os.environ) -> None:
        self._ring, self._folder, self._environment = ring, folder, environment

    def referred(self, reference: str) -> str:
        """The secret that a reference names. Raises SecretMissing."""
        if reference == DRILL_DOOR:
            return self.drill_door
        found = self._file(match[1]) if (match := _FILE.fullmatch(reference)) else self._variable(reference)
        try:
            key_of(found)
        except InvalidSecret as error:
            raise SecretMissing(f"{reference}: {error}") from None
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
