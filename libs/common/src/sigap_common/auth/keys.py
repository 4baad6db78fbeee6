"""The public keys of one trusted issuer, as its JWKS (RFC 7517) gives them."""

import asyncio
import hashlib
import json
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

import httpx
import jwt
from cryptography.exceptions import UnsupportedAlgorithm

from sigap_common.auth.purpose import Purpose
from sigap_common.core import private_files
from sigap_common.core.clock import Elapsed
from sigap_common.core.errors import Unavailable
from sigap_common.outbound import read_limited, was_refused

REFETCH_AT_MOST_EVERY_SECONDS = 10.0
ASK_AGAIN_AFTER_SECONDS = 1.0
"""The pause after which an issuer that did not answer is asked again: until it answers, nobody can sign in."""
REFRESH_AFTER_SECONDS = 600.0
FETCH_WITHIN_SECONDS = 10.0
"""Time limit for a whole answer. A timeout of httpx begins again with each byte."""
LARGEST_ANSWER = 1024 * 1024
"""Bytes of a discovery document or key set."""
WAIT_AT_MOST_SECONDS = 3.0
"""How long a request waits for a fetch before it is answered 503. An issuer may hang for longer than a client waits."""
WAITING_AT_MOST = 32
"""How many requests may wait for one issuer's keys. Each counts as a request in flight. Without this bound, made-up
tokens could fill that count, and the requests of operators would be refused.
"""
UNKNOWN_FOR_SECONDS = 5.0
UNKNOWN_AT_MOST = 1024
"""Key ids that are remembered as unknown."""
LONGEST_KEY_ID = 256
"""Characters. A longer one is never asked for."""

_ALGORITHMS: dict[tuple[object, object], tuple[str, ...]] = {
    ("RSA", None): ("RS256", "PS256"),
    ("EC", "P-256"): ("ES256",),
    ("OKP", "Ed25519"): ("EdDSA",),
}
_NOT_A_KEY_SET = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
_LONG_AGO = -inf
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Issuer:
    """A trusted issuer of tokens.

    Its keys come from `keys` (an issuer in this process), else from `jwks_uri`, else from where its OpenID
    Connect discovery says. A claim path has dots between its steps. The roles at all paths are combined.
    """

    issuer: str
    audience: str
    jwks_uri: str | None = None
    roles_claims: Sequence[str] = ("realm_access.roles", "roles")
    regencies_claims: Sequence[str] = ("regencies",)
    agency_claim: str = "agency"
    keys: Callable[[], Mapping[str, Any]] | None = None
    purpose: Purpose | None = None
    """Limits the issuer's tokens to some roles and an agency; None: no limit."""
    refused_clients: frozenset[str] = frozenset()
    """OAuth clients (`azp`, else `client_id`) whose tokens are refused."""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with the algorithms that its type allows: a token's header never widens them."""

    kid: str | None
    algorithms: tuple[str, ...]
    key: jwt.PyJWK


class NotFetched(Exception):
    """The issuer answered, but gave no keys. The message says why, for the log."""


class IssuerKeys:
    """An issuer's keys, fetched when first needed and again when one is unknown (at most every 10 s, every second
    while it does not answer).

    All requests that wait for a key share one fetch, and it goes on if they give up. At most WAITING_AT_MOST requests
    wait, each at most 3 s. If a key id was not found, no request waits for it again for 5 s. A token with a known key
    never waits.

    Every 10 minutes the keys are fetched in the background. While the issuer is away, the known keys go on working. The
    last answer is stored in `folder`, if there is one, so they also work after a restart.

    All of this is measured by `elapsed`: if the wall clock were put back an hour, an issuer's new key would be unknown
    for an hour.
    """

    def __init__(
        self, issuer: Issuer, elapsed: Elapsed, client: Callable[[], httpx.AsyncClient], folder: Path | None = None
    ) -> None:
        self._issuer, self._elapsed, self._client = issuer, elapsed, client
        digest = hashlib.sha256(issuer.issuer.encode()).hexdigest()[:16]
        self._kept = folder / f"{digest}.json" if folder else None
        self._keys = _kept_keys(self._kept)
        self._failed = False
        self._tried_at: float | None = None
        self._fetched_at = _LONG_AGO
        self._fetching: asyncio.Task[None] | None = None
        self._waiting = 0
        self._unknown: OrderedDict[str, float] = OrderedDict()  # key ids, and when they were looked for in vain

    async def matching(self, kid: str | None) -> list[Key]:
        """The keys that may have signed a token with this key id, or all if it names none.

        Raises Unavailable if there is none and the issuer could not be asked.
        """
        if self._issuer.keys is not None:
            return _named(kid, usable(self._issuer.keys()))
        found = _named(kid, self._keys)
        if found:
            self._refresh_if_old()
            return found
        if kid is not None and len(kid) > LONGEST_KEY_ID:
            return []
        if not self._is_unknown(kid):
            await self._wait_for_fetch()
            found = _named(kid, self._keys)
            if not found:
                self._remember_unknown(kid)
        if not found and (self._failed or self._is_fetching):
            raise Unavailable("issuer-unreachable", retry_after=5)
        return found

    async def stop(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)

    @property
    def _is_fetching(self) -> bool:
        return self._fetching is not None and not self._fetching.done()

    def _is_unknown(self, kid: str | None) -> bool:
        since = None if kid is None else self._unknown.get(kid)
        return since is not None and self._elapsed() - since < self._unknown_for

    @property
    def _unknown_for(self) -> float:
        """Seconds for which no request waits for a key id that was not found. While an issuer is away, only until it is
        asked again, because it may have a new key then.
        """
        return UNKNOWN_FOR_SECONDS if self._is_fetching or not self._failed else ASK_AGAIN_AFTER_SECONDS

    def _remember_unknown(self, kid: str | None) -> None:
        if kid is not None:
            self._unknown[kid] = self._elapsed()
            self._unknown.move_to_end(kid)
            if len(self._unknown) > UNKNOWN_AT_MOST:
                self._unknown.popitem(last=False)

    async def _wait_for_fetch(self) -> None:
        """Waits for a fetch, and starts it if one is due. Raises Unavailable if too many requests wait already."""
        self._fetch_if_due()
        if not self._is_fetching or self._fetching is None:
            return
        if self._waiting >= WAITING_AT_MOST:
            raise Unavailable("issuer-unreachable", retry_after=1)
        self._waiting += 1
        try:
            await asyncio.wait([self._fetching], timeout=WAIT_AT_MOST_SECONDS)
        finally:
            self._waiting -= 1

    def _fetch_if_due(self) -> None:
        pause = ASK_AGAIN_AFTER_SECONDS if self._failed else REFETCH_AT_MOST_EVERY_SECONDS
        due = self._tried_at is None or self._elapsed() - self._tried_at >= pause
        if due and not self._is_fetching:
            self._fetching = asyncio.create_task(self._fetch())

    def _refresh_if_old(self) -> None:
        if self._elapsed() - self._fetched_at >= REFRESH_AFTER_SECONDS:
            self._fetch_if_due()

    async def _fetch(self) -> None:
        self._tried_at = self._elapsed()
        try:
            answer = await self._jwks()
            keys = usable(answer)
            # An issuer that is just starting has no keys yet. If its empty set replaced those we know, it would sign
            # everybody out; an issuer that withdraws a key has another one.
            if not keys:
                raise NotFetched("its key set has no key that verifies signatures")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, NotFetched, *_NOT_A_KEY_SET) as error:
            # An issuer that answers with something else than a document is not away: another try in a second would not
            # help.
            self._failed = not isinstance(error, RecursionError)
            _log.warning("keys of %s not fetched: %s", self._issuer.issuer, _why(error))
        else:
            self._keys, self._failed = keys, False
            self._fetched_at = self._tried_at
            await asyncio.to_thread(_keep, self._kept, answer)

    async def _jwks(self) -> Mapping[str, Any]:
        uri = self._issuer.jwks_uri or await self._discovered()
        return await self._json(uri)

    async def _discovered(self) -> str:
        found = await self._json(f"{self._issuer.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found["issuer"] != self._issuer.issuer:
            theirs = _quoted(found["issuer"])
            raise NotFetched(f"its discovery document names the issuer {theirs}; write it so in SIGAP_AUTH_ISSUERS")
        return str(found["jwks_uri"])

    async def _json(self, uri: str) -> Mapping[str, Any]:
        async with asyncio.timeout(FETCH_WITHIN_SECONDS), self._client().stream("GET", uri) as response:
            if response.is_redirect:
                to = _quoted(response.headers.get("location", "").partition("?")[0])
                answer = f"{uri} answers a redirect ({response.status_code}) to {to}"
                raise NotFetched(f"{answer}; redirects are not followed")
            response.raise_for_status()
            found: Mapping[str, Any] = json.loads(await read_limited(response, LARGEST_ANSWER))
        return found


def _why(error: Exception) -> str:
    if isinstance(error, NotFetched):
        return str(error)
    if was_refused(error):
        return "its address is in no network of SIGAP_ALLOWED_NETWORKS"
    if isinstance(error, httpx.HTTPStatusError):
        return f"{error.request.url} answers {error.response.status_code}"
    return type(error).__name__


def _quoted(told: object) -> str:
    """A foreign text for the log: without line breaks, and cut."""
    return repr(told)[:200]


def _keep(path: Path | None, jwks: Mapping[str, Any]) -> None:
    """Stores the keys with mode 0600: they are public, but nobody else may change which keys this process trusts."""
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        private_files.replace(path, json.dumps(jwks))
    except OSError as error:
        _log.warning("keys not kept at %s: %s", path, error)


def _kept_keys(path: Path | None) -> list[Key]:
    try:
        return usable(json.loads(path.read_text())) if path else []
    except (OSError, *_NOT_A_KEY_SET):
        return []


def usable(jwks: Mapping[str, Any]) -> list[Key]:
    """The keys that verify signatures by an algorithm we accept, no encryption keys or secrets."""
    return [key for entry in jwks["keys"] if (key := _key_or_none(entry)) is not None]


def _key_or_none(entry: Mapping[str, Any]) -> Key | None:
    """The key of an entry; None if the entry is not a usable key. One bad entry must not make the others unusable."""
    try:
        return _key(entry)
    except (jwt.PyJWTError, OverflowError, UnsupportedAlgorithm, *_NOT_A_KEY_SET):
        return None


def _key(entry: Mapping[str, Any]) -> Key | None:
    curve = entry.get("crv") if entry.get("kty") != "RSA" else None
    algorithms = _ALGORITHMS.get((entry.get("kty"), curve), ())
    named = entry.get("alg")
    if named is not None:
        algorithms = tuple(algorithm for algorithm in algorithms if algorithm == named)
    if not algorithms or entry.get("use", "sig") != "sig":
        return None
    return Key(entry.get("kid"), algorithms, jwt.PyJWK(dict(entry), algorithm=algorithms[0]))


def _named(kid: str | None, keys: Sequence[Key]) -> list[Key]:
    return list(keys) if kid is None else [key for key in keys if key.kid == kid]
