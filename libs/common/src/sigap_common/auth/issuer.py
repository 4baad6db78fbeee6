"""An issuer of our own: signs tokens with Ed25519 (RFC 8037) and publishes its public keys."""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from re import findall
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from sigap_common.auth.access import Role
from sigap_common.core import private_files
from sigap_common.core.clock import Clock, system_clock
from sigap_common.core.ids import Ids, uuid7

_PEM = r"-----BEGIN PRIVATE KEY-----[A-Za-z0-9+/=\s]+-----END PRIVATE KEY-----"


class TokenIssuer:
    """The first key signs; those after it are still published, until the last token they signed has ended."""

    def __init__(
        self,
        issuer: str,
        audience: str,
        keys: Sequence[Ed25519PrivateKey],
        *,
        clock: Clock = system_clock,
        ids: Ids = uuid7,
    ) -> None:
        if not keys:
            raise ValueError("an issuer needs a key")
        self.issuer, self.audience = issuer, audience
        self._clock, self._ids = clock, ids
        self._key = keys[0]
        self._published = {"keys": [_jwk(key) for key in keys]}
        self._kid: str = self._published["keys"][0]["kid"]

    @classmethod
    def from_text(cls, issuer: str, audience: str, pem: str, *, clock: Clock = system_clock, ids: Ids = uuid7) -> Self:
        """`pem`: PKCS 8 private keys one after the other, newest first. Raises ValueError."""
        return cls(issuer, audience, _keys(pem), clock=clock, ids=ids)

    @classmethod
    def from_file(
        cls, issuer: str, audience: str, path: Path, *, clock: Clock = system_clock, ids: Ids = uuid7
    ) -> Self:
        """Like `from_text`, from a file. If the file is missing, it is created with one new key and mode 0600."""
        return cls.from_text(issuer, audience, private_files.read_or_create(path, new_key), clock=clock, ids=ids)

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JWK set (RFC 7517); key ids are thumbprints (RFC 7638)."""
        return self._published

    def issue(
        self,
        subject: str,
        roles: Iterable[Role],
        regencies: Iterable[str],
        agency: str | None = None,
        lifetime: timedelta = timedelta(minutes=15),
        name: str | None = None,
        signed_in_at: datetime | None = None,
    ) -> str:
        """A signed token; `roles`, `regencies`, `agency` and `name` stand beside the registered claims. `auth_time`
        (OpenID Connect Core) is `signed_in_at`, by default now.
        """
        now = self._clock()
        claims: dict[str, object] = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": subject,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
            "auth_time": int((signed_in_at or now).timestamp()),
            "jti": str(self._ids()),
            "roles": sorted(roles),
            "regencies": sorted(regencies),
        }
        claims.update({key: value for key, value in (("agency", agency), ("name", name)) if value})
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self._kid})


def new_key() -> str:
    """A new private key as PEM."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def rotate(path: Path, keep: int = 2) -> None:
    """Puts a new key before those of the file and keeps `keep` of them; an issuer reads them at its start."""
    kept = _blocks(path.read_text("ascii"))[:keep]
    private_files.replace(path, "\n".join([new_key().strip(), *kept]) + "\n")


def _blocks(pem: str) -> list[str]:
    return findall(_PEM, pem)


def _keys(pem: str) -> list[Ed25519PrivateKey]:
    keys = [load_pem_private_key(block.encode("ascii"), None) for block in _blocks(pem)]
    if not all(isinstance(key, Ed25519PrivateKey) for key in keys):
        raise ValueError("an issuer's keys are Ed25519")
    return [key for key in keys if isinstance(key, Ed25519PrivateKey)]


def _jwk(key: Ed25519PrivateKey) -> dict[str, str]:
    public = _base64url(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
    required = {"crv": "Ed25519", "kty": "OKP", "x": public}
    thumbprint = hashlib.sha256(json.dumps(required, separators=(",", ":"), sort_keys=True).encode()).digest()
    return {**required, "kid": _base64url(thumbprint), "alg": "EdDSA", "use": "sig"}


def _base64url(value: bytes) -> str:
    return urlsafe_b64encode(value).decode("ascii").rstrip("=")
