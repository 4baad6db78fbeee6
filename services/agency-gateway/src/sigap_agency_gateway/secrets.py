"""The gateway's signing secrets. They are never in a pack, and in clear only while a request is signed.

A secret to which a pack or an endpoint refers is read by sigap_common.core.referred_secrets. A secret that the gateway
made is stored sealed in the row of its endpoint. The drill door's secret and the key of the gateway's own issuer are
derived from the key ring, so every replica has them and nothing has to be stored.
"""

import os
from base64 import urlsafe_b64decode
from collections.abc import Collection, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sigap_common.core.referred_secrets import ReferredSecrets
from sigap_common.core.signatures import secret_of
from sigap_common.personal_data import KeyRing

DRILL_DOOR = "builtin:drill-door"


class Secrets(ReferredSecrets):
    def __init__(
        self,
        ring: KeyRing,
        folder: Path,
        environment: Mapping[str, str] = os.environ,
        *,
        secrets_of: Mapping[str, Collection[str]] | None = None,
        production: bool = False,
    ) -> None:
        super().__init__(folder, environment, secrets_of=secrets_of, production=production)
        self._ring = ring

    def referred(self, reference: str, regency: str) -> str:
        return self.drill_door if reference == DRILL_DOOR else super().referred(reference, regency)

    def seal(self, secret: str, endpoint: object) -> str:
        return self._ring.seal(secret, f"secret/{endpoint}")

    def opened(self, token: str, endpoint: object) -> str:
        """A stored secret in clear. Raises CannotOpen."""
        return self._ring.open(token, f"secret/{endpoint}")

    @property
    def drill_door(self) -> str:
        return secret_of(self._derived("drill door"))

    @property
    def issuer_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._derived("issuer of the agency gateway"))

    def _derived(self, purpose: str) -> bytes:
        return urlsafe_b64decode(self._ring.lookup(f"sigap: {purpose}") + "=")
