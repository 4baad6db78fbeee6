"""Bearer tokens (JWT, RFC 7519) of trusted issuers, verified as RFC 8725 asks."""

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt

from sigap_common.auth.access import Access, Role
from sigap_common.auth.foreign import ForeignIssuers
from sigap_common.auth.keys import Issuer, IssuerKeys, Key
from sigap_common.core.clock import Clock, Elapsed, elapsed_seconds, system_clock
from sigap_common.core.errors import NotAuthenticated
from sigap_common.core.formats import is_storable
from sigap_common.outbound import OutboundAccess

LEEWAY = timedelta(seconds=30)
REMEMBERED_AT_MOST_SECONDS = 300.0
REMEMBERED = 4096

_LONGEST_TOKEN = 16_384
_TIMEOUT_SECONDS = 3.0
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC) + LEEWAY, datetime.max.replace(tzinfo=UTC) - timedelta(days=1)
_ROLES = {role.value: role for role in Role}
# Times are checked against our own clock, the issuer before a key is chosen.
_OPTIONS: Any = {
    "require": ["exp", "iss", "aud", "sub"],
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "enforce_minimum_key_length": True,
}
_log = logging.getLogger(__name__)


class Verifier:
    """Accepts tokens of `issuers` only. A verified token is remembered until it ends, at most 5 minutes."""

    def __init__(
        self,
        issuers: Sequence[Issuer],
        *,
        clock: Clock = system_clock,
        elapsed: Elapsed = elapsed_seconds,
        client: httpx.AsyncClient | None = None,
        folder: Path | None = None,
        outbound: OutboundAccess | None = None,
    ) -> None:
        """`clock`: a token's times are checked by it; `elapsed`: how long something is remembered.

        `folder`: where the issuers' keys are stored, so that a restart works while an issuer is away.

        `outbound`: which addresses may be asked for keys beside the issuers' own; none: public ones.
        """
        self._outbound = outbound or OutboundAccess()
        self._clock, self._elapsed = clock, elapsed
        self._folder = folder
        self._client = client
        self._own_client = client is None
        self._issuers: dict[str, tuple[Issuer, IssuerKeys]] = {}
        self._foreign = ForeignIssuers(elapsed)
        self._verified: OrderedDict[bytes, tuple[Access, float]] = OrderedDict()
        for issuer in issuers:
            self.trust(issuer)

    def trust(self, issuer: Issuer) -> None:
        """Accepts tokens of this issuer too, in addition to those of the settings."""
        self._issuers[issuer.issuer] = (issuer, IssuerKeys(issuer, self._elapsed, self._http, self._folder))

    def follow(self, clock: Clock) -> None:
        """Checks tokens' times by this clock from now on. It follows a database, whose time all hosts share."""
        self._clock = clock

    async def verify(self, token: str) -> Access:
        """The rights of a token. Raises NotAuthenticated (401), Unavailable (503) if the key is unknown and its issuer
        is away.
        """
        if (remembered := self.remembered(token)) is not None:
            return remembered
        access = await self._verify(token)
        self._remember(_digest(token), access)
        return access

    def remembered(self, token: str) -> Access | None:
        """The rights of a token that was verified before; None if it must be verified."""
        digest = _digest(token)
        found = self._verified.get(digest)
        if found is None or not self._still_holds(*found):
            return None
        self._verified.move_to_end(digest)
        return found[0]

    async def stop(self) -> None:
        for _, keys in self._issuers.values():
            await keys.stop()
        if self._own_client and self._client is not None:
            await self._client.aclose()
        self._outbound.close()

    def _still_holds(self, access: Access, verified_at: float) -> bool:
        recent = self._elapsed() - verified_at < REMEMBERED_AT_MOST_SECONDS
        return recent and self._clock() < access.expires_at + LEEWAY

    def _remember(self, digest: bytes, access: Access) -> None:
        self._verified[digest] = (access, self._elapsed())
        self._verified.move_to_end(digest)  # one that was verified again may have an old place
        if len(self._verified) > REMEMBERED:
            self._verified.popitem(last=False)

    async def _verify(self, token: str) -> Access:
        issuer, keys, kid = self._whose(token)
        candidates = await keys.matching(kid)
        claims = _signed_claims(token, candidates, issuer)
        if claims is None:
            raise NotAuthenticated("token-invalid")
        return self._access(claims, issuer)

    def _whose(self, token: str) -> tuple[Issuer, IssuerKeys, str | None]:
        """The issuer that the token claims, not verified yet. It only selects one of the trusted issuers."""
        try:
            if len(token) > _LONGEST_TOKEN:
                raise NotAuthenticated("token-invalid")
            unverified = jwt.decode_complete(token, options={"verify_signature": False})
            issuer, keys = self._issuers[unverified["payload"]["iss"]]
        except KeyError:
            self._foreign.tell(unverified["payload"].get("iss"), self._issuers)
            raise NotAuthenticated("token-invalid") from None
        except (jwt.PyJWTError, TypeError, ValueError, RecursionError):
            raise NotAuthenticated("token-invalid") from None
        return issuer, keys, unverified["header"].get("kid")

    def _access(self, claims: Mapping[str, Any], issuer: Issuer) -> Access:
        expires_at = self._checked_times(claims)
        subject, agency, name = claims["sub"], _claim(claims, issuer.agency_claim), claims.get("name")
        if not is_storable(subject) or (isinstance(agency, str) and not is_storable(agency)):
            raise NotAuthenticated("token-invalid")
        roles = frozenset(
            _ROLES[role] for path in issuer.roles_claims for role in _texts(_claim(claims, path)) if role in _ROLES
        )
        if Role.agency in roles and not (isinstance(agency, str) and agency):
            raise NotAuthenticated("token-without-agency")
        if any(claims.get(claim) == client for claim in ("azp", "client_id") for client in issuer.refused_clients):
            raise NotAuthenticated("token-invalid")
        access = Access(
            subject=subject,
            roles=roles,
            regencies=frozenset(
                regency for path in issuer.regencies_claims for regency in _texts(_claim(claims, path))
            ),
            agency=agency if isinstance(agency, str) and agency else None,
            expires_at=expires_at,
            name=name if isinstance(name, str) and is_storable(name) else None,
        )
        if issuer.purpose is not None and not issuer.purpose.covers(access):
            raise NotAuthenticated("token-invalid")
        return access

    def _checked_times(self, claims: Mapping[str, Any]) -> datetime:
        now = self._clock()
        expires_at, not_before = _moment(claims["exp"]), _moment(claims.get("nbf", 0))
        if expires_at <= now - LEEWAY:
            raise NotAuthenticated("token-expired")
        if not_before > now + LEEWAY:
            raise NotAuthenticated("token-invalid")
        return expires_at

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            # An issuer in the settings may be in a private network. A URL in its discovery document may not.
            named = [issuer.jwks_uri or issuer.issuer for issuer, _ in self._issuers.values() if issuer.keys is None]
            self._client = self._outbound.client(timeout=_TIMEOUT_SECONDS, named=named)
        return self._client


def _digest(token: str) -> bytes:
    """The digest by which a token is remembered, so that memory holds no token that could be used."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _signed_claims(token: str, candidates: Sequence[Key], issuer: Issuer) -> Mapping[str, Any] | None:
    for key in candidates:
        for algorithm in key.algorithms:
            claims = _decoded(token, key, algorithm, issuer)
            # An ID token tells a client who signed in; it is no permission, even with our audience.
            if claims is not None and claims.get("typ") != "ID":
                return claims
    return None


def _decoded(token: str, key: Key, algorithm: str, issuer: Issuer) -> Mapping[str, Any] | None:
    try:
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key.key.key,
            algorithms=[algorithm],
            audience=issuer.audience,
            issuer=issuer.issuer,
            options=_OPTIONS,
        )
    except (jwt.PyJWTError, TypeError, ValueError, RecursionError) as error:
        _log.debug("token refused: %s", type(error).__name__)
        return None
    return claims


def _moment(seconds: object) -> datetime:
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise NotAuthenticated("token-invalid")
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise NotAuthenticated("token-invalid") from None
    # At the calendar's ends a moment has no neighbours: adding the leeway to it would fail.
    if not _FIRST <= moment <= _LAST:
        raise NotAuthenticated("token-invalid")
    return moment


def _claim(claims: Mapping[str, Any], path: str) -> object:
    found: object = claims
    for step in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found


def _texts(claim: object) -> Iterator[str]:
    """A claim of several values: a list, or one text with the values between commas or spaces. What no database takes
    names no regency and no role.
    """
    values = claim.replace(",", " ").split() if isinstance(claim, str) else claim if isinstance(claim, list) else ()
    yield from (value for value in values if isinstance(value, str) and is_storable(value))
