"""Tokens: whose are believed, for how long, and what they open."""

import asyncio
import base64
import hashlib
import hmac
import json
import math
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from sigap_common.auth import Access, Issuer, Role, Verifier
from sigap_common.auth.keys import LARGEST_ANSWER, WAITING_AT_MOST
from sigap_common.core.errors import NotAuthenticated, RegencyForbidden, Unavailable
from sigap_testing.clocks import SetClock
from sigap_testing.eventually import eventually

AUDIENCE = "sigap"
START = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


class Provider:
    """A real OpenID provider as far as a verifier sees one: discovery and keys over HTTP, on a port."""

    def __init__(self) -> None:
        self.keys: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.says_issuer: str | None = None
        self.keys_at: str | None = None
        self.certs: bytes | None = None
        self.moved = False
        self.answers = asyncio.Event()
        self.answers.set()
        self._serving: set[asyncio.Task[Any]] = set()
        self.url = ""
        self._server: asyncio.Server | None = None
        self._port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}/realms/sigap"

    def was_asked(self, times: int) -> bool:
        """Whether it had as many requests, and no more."""
        return len(self.requests) == times

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.answers.set()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            await self._serve_one(reader, writer)
        finally:
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
        self.requests.append(path.rpartition("/")[2])
        await self.answers.wait()
        body = json.dumps(self._answer(path)).encode()
        if self.certs is not None and path.endswith("certs"):
            body = self.certs
        status = b"302 Found\r\nLocation: /moved?secret=1" if self.moved else b"200 OK"
        writer.write(b"HTTP/1.1 %b\r\nConnection: close\r\nContent-Type: application/json\r\n" % status)
        writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()

    def _answer(self, path: str) -> object:
        if path.endswith("openid-configuration"):
            return {"issuer": self.says_issuer or self.url, "jwks_uri": self.keys_at or f"{self.url}/certs"}
        return {"keys": self.keys}


def claims(issuer: str, **changes: object) -> dict[str, object]:
    told: dict[str, object] = {
        "iss": issuer,
        "aud": [AUDIENCE, "account"],
        "sub": "f3b6",
        "exp": int((START + timedelta(minutes=10)).timestamp()),
        "realm_access": {"roles": ["operator", "offline_access", "uma_authorization"]},
        "regencies": ["17.71"],
        "name": "Siti",
    }
    return {key: value for key, value in {**told, **changes}.items() if value is not None}


RSA = rsa.generate_private_key(65537, 2048)
ED = ed25519.Ed25519PrivateKey.generate()
EC = ec.generate_private_key(ec.SECP256R1())


def jwk(key: Any, kid: str, **more: str) -> dict[str, Any]:
    algorithm: Any = {RSA: RSAAlgorithm, ED: OKPAlgorithm, EC: ECAlgorithm}[key]
    return {**json.loads(algorithm.to_jwk(key.public_key())), "kid": kid, "use": "sig", **more}


def token(issuer: str, key: Any = RSA, kid: str | None = "r1", algorithm: str = "RS256", **changes: object) -> str:
    return jwt.encode(claims(issuer, **changes), key, algorithm, headers={"kid": kid} if kid else None)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(START)


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider = Provider()
    provider.keys = [jwk(RSA, "r1")]
    await provider.start()
    yield provider
    await provider.stop()


@asynccontextmanager
async def verifying(clock: SetClock, *issuers: Issuer) -> AsyncIterator[Verifier]:
    verifier = Verifier(issuers, clock=clock, elapsed=clock.elapsed)
    try:
        yield verifier
    finally:
        await verifier.stop()


@pytest.fixture
async def verifier(provider: Provider, clock: SetClock) -> AsyncIterator[Verifier]:
    async with verifying(clock, Issuer(provider.url, AUDIENCE)) as verifier:
        yield verifier


async def refused(verifier: Verifier, token: str) -> str | None:
    with pytest.raises(NotAuthenticated) as refusal:
        await verifier.verify(token)
    return refusal.value.reason


async def test_a_token_of_a_trusted_provider_gives_access(verifier: Verifier, provider: Provider) -> None:
    access = await verifier.verify(token(provider.url))
    assert access == Access(
        subject="f3b6",
        roles=frozenset({Role.operator}),
        regencies=frozenset({"17.71"}),
        agency=None,
        expires_at=START + timedelta(minutes=10),
        name="Siti",
    )
    assert access.may(Role.operator, Role.admin)
    assert not access.may(Role.admin)
    assert access.covers("17.71")
    with pytest.raises(RegencyForbidden):
        access.require("18.72")
    assert provider.requests == ["openid-configuration", "certs"]


@pytest.mark.parametrize(
    ("key", "algorithm", "more"),
    [
        (RSA, "RS256", {}),
        (RSA, "PS256", {}),
        (RSA, "PS256", {"alg": "PS256"}),
        (EC, "ES256", {}),
        (ED, "EdDSA", {"alg": "EdDSA"}),
    ],
)
async def test_each_asymmetric_algorithm_is_understood(
    verifier: Verifier, provider: Provider, key: Any, algorithm: str, more: dict[str, str]
) -> None:
    provider.keys = [
        jwk(key, "k", **more),
        {"kty": "oct", "k": "c2VjcmV0", "kid": "s"},
        {"kty": "EC", "crv": "P-256"},
    ]
    assert await verifier.verify(token(provider.url, key, "k", algorithm))
    assert await verifier.verify(token(provider.url, key, None, algorithm))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "account"},
        {"aud": None},
        {"exp": None},
        {"exp": "soon"},
        {"exp": 1e300},
        {"exp": True},
        {"sub": None},
        {"nbf": int((START + timedelta(minutes=5)).timestamp())},
        {"typ": "ID"},
        {"iss": None},
    ],
)
async def test_a_token_with_wrong_claims_is_refused(
    verifier: Verifier, provider: Provider, changes: dict[str, object]
) -> None:
    told = {**claims(provider.url), **changes}
    signed = jwt.encode({k: v for k, v in told.items() if v is not None}, RSA, "RS256", headers={"kid": "r1"})
    assert await refused(verifier, signed) == "token-invalid"


async def test_a_foreign_issuer_is_refused_even_with_our_key_id(verifier: Verifier, provider: Provider) -> None:
    assert await refused(verifier, token("http://elsewhere/realms/sigap")) == "token-invalid"
    assert provider.requests == []
    stranger = rsa.generate_private_key(65537, 2048)
    assert await refused(verifier, token(provider.url, stranger)) == "token-invalid"


def forged(issuer: str, header: dict[str, str], secret: bytes | None) -> str:
    def part(value: object) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    signed = part(header) + b"." + part(claims(issuer))
    signature = hmac.digest(secret, signed, hashlib.sha256) if secret else b""
    return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


async def test_alg_none_and_confused_keys_are_refused(verifier: Verifier, provider: Provider) -> None:
    pem = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    der = RSA.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for algorithm in ("none", "None", "", "HS256"):
        for secret in (None, pem, pem.strip(), der):
            confused = forged(provider.url, {"alg": algorithm, "kid": "r1", "typ": "JWT"}, secret)
            assert await refused(verifier, confused) == "token-invalid"
    assert await verifier.verify(token(provider.url))


async def test_a_key_serves_only_the_algorithm_it_names(verifier: Verifier, provider: Provider) -> None:
    provider.keys = [jwk(RSA, "r1", alg="RS256"), jwk(EC, "enc", use="enc")]
    assert await refused(verifier, token(provider.url, RSA, "r1", "PS256")) == "token-invalid"
    assert await refused(verifier, token(provider.url, EC, "enc", "ES256")) == "token-invalid"


@pytest.mark.parametrize("nonsense", ["", "x", "a.b.c", "é.é.é", "." * 30, "a" * 20_000, "\x00", "e30.e30."])
async def test_nonsense_is_refused(verifier: Verifier, nonsense: str) -> None:
    assert await refused(verifier, nonsense) == "token-invalid"


async def test_a_token_ends_when_it_says_give_or_take_30_seconds(
    verifier: Verifier, provider: Provider, clock: SetClock
) -> None:
    signed = token(provider.url)
    assert await verifier.verify(signed)
    clock.advance(629)
    assert await verifier.verify(signed)
    clock.advance(1)
    assert await refused(verifier, signed) == "token-expired"


async def test_a_verified_token_is_remembered_five_minutes_at_most(
    verifier: Verifier, provider: Provider, clock: SetClock
) -> None:
    signed = token(provider.url)
    first = await verifier.verify(signed)
    assert await verifier.verify(signed) is first
    clock.advance(301)
    again = await verifier.verify(signed)
    assert again == first
    assert again is not first


async def test_what_is_remembered_is_bounded(
    verifier: Verifier, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigap_common.auth.verifier.REMEMBERED", 2)
    first, second, third = (token(provider.url, sub=str(n)) for n in range(3))
    kept, dropped = await verifier.verify(first), await verifier.verify(second)
    assert await verifier.verify(first) is kept
    await verifier.verify(third)
    assert await verifier.verify(first) is kept
    assert await verifier.verify(second) is not dropped


async def test_rotated_keys_are_followed_and_unknown_ones_asked_for_every_ten_seconds_at_most(
    verifier: Verifier, provider: Provider, clock: SetClock
) -> None:
    await verifier.verify(token(provider.url))
    provider.keys = [jwk(ED, "e1"), jwk(RSA, "r1")]
    rotated = token(provider.url, ED, "e1", "EdDSA")
    assert await refused(verifier, rotated) == "token-invalid"
    asked = len(provider.requests)
    clock.advance(10)
    assert (await verifier.verify(rotated)).subject == "f3b6"
    assert len(provider.requests) == asked + 2
    for kid in ("x1", "x2", "x3"):
        assert await refused(verifier, token(provider.url, kid=kid)) == "token-invalid"
    assert len(provider.requests) == asked + 2


async def test_a_new_key_comes_within_ten_seconds_after_the_clock_was_put_back(
    verifier: Verifier, provider: Provider, clock: SetClock
) -> None:
    await verifier.verify(token(provider.url))
    clock.put_back(3_600)
    provider.keys.append(jwk(ED, "e1"))
    clock.advance(10)
    assert await verifier.verify(token(provider.url, ED, "e1", "EdDSA"))


async def test_a_token_is_remembered_no_longer_after_the_clock_was_put_back(
    verifier: Verifier, provider: Provider, clock: SetClock
) -> None:
    signed = token(provider.url)
    first = await verifier.verify(signed)
    clock.put_back(3_600)
    clock.advance(301)
    assert await verifier.verify(signed) is not first


async def asks_again_when_the_provider_is_back(
    verifier: Verifier, provider: Provider, clock: SetClock, after: float
) -> None:
    with pytest.raises(Unavailable):
        await verifier.verify(token(provider.url, kid="unknown"))
    await provider.start()
    provider.keys.append(jwk(ED, "e1"))
    clock.advance(after)
    assert await verifier.verify(token(provider.url, ED, "e1", "EdDSA"))


async def test_known_keys_go_on_working_while_the_provider_is_away(
    verifier: Verifier, provider: Provider, clock: SetClock
) -> None:
    await verifier.verify(token(provider.url))
    await provider.stop()
    clock.advance(60)
    assert await verifier.verify(token(provider.url, sub="other"))
    await asks_again_when_the_provider_is_back(verifier, provider, clock, 10)


async def test_who_restarts_while_the_provider_is_away_works_with_the_keys_it_kept(
    provider: Provider, clock: SetClock, tmp_path: Path
) -> None:
    issuers = [Issuer(provider.url, AUDIENCE)]
    before = Verifier(issuers, clock=clock, elapsed=clock.elapsed, folder=tmp_path)
    await before.verify(token(provider.url))
    await before.stop()
    await provider.stop()
    restarted = Verifier(issuers, clock=clock, elapsed=clock.elapsed, folder=tmp_path)
    assert await restarted.verify(token(provider.url))
    await asks_again_when_the_provider_is_back(restarted, provider, clock, 1)
    await restarted.stop()


async def test_a_provider_that_is_away_from_the_start_is_no_reason_to_sign_out(
    verifier: Verifier, provider: Provider, clock: SetClock
) -> None:
    await provider.stop()
    with pytest.raises(Unavailable):
        await verifier.verify(token(provider.url))
    await provider.start()
    clock.advance(1)
    assert await verifier.verify(token(provider.url))


async def test_old_keys_are_refreshed_in_the_background_and_withdrawn_ones_forgotten(
    verifier: Verifier, provider: Provider, clock: SetClock
) -> None:
    late = int((START + timedelta(hours=1)).timestamp())
    await verifier.verify(token(provider.url, exp=late))
    provider.keys = [jwk(ED, "e1")]
    clock.advance(601)
    assert await verifier.verify(token(provider.url, exp=late, sub="still known"))
    await eventually(lambda: len(provider.requests) == 4)
    assert await verifier.verify(token(provider.url, ED, "e1", "EdDSA", exp=late))
    assert await refused(verifier, token(provider.url, exp=late, sub="withdrawn")) == "token-invalid"


async def test_a_crowd_at_a_cold_start_fetches_once(verifier: Verifier, provider: Provider) -> None:
    tokens = [token(provider.url, sub=str(number)) for number in range(20)]
    accesses = await asyncio.gather(*map(verifier.verify, tokens))
    assert len({access.subject for access in accesses}) == 20
    assert provider.requests == ["openid-configuration", "certs"]


# --- an issuer that takes requests and does not answer


def at_once(verifying: Coroutine[Any, Any, Access]) -> Access:
    """What it returns or raises without waiting for anything; fails if it waits."""
    try:
        verifying.send(None)
    except StopIteration as returned:
        access: Access = returned.value
        return access
    finally:
        verifying.close()
    pytest.fail("it waits")


async def hangs(provider: Provider, clock: SetClock) -> None:
    """From now on, and the keys may be asked for again."""
    provider.answers.clear()
    provider.requests.clear()
    clock.advance(10)


async def test_made_up_key_ids_cost_one_fetch_and_nobody_else_waits_while_the_issuer_hangs(
    verifier: Verifier, provider: Provider, clock: SetClock
) -> None:
    await verifier.verify(token(provider.url))
    await hangs(provider, clock)
    forged = [asyncio.create_task(verifier.verify(token(provider.url, ED, f"x{n}", "EdDSA"))) for n in range(200)]
    await eventually(lambda: sum(one.done() for one in forged) == 200 - WAITING_AT_MOST)
    assert at_once(verifier.verify(token(provider.url, sub="operator"))).subject == "operator"
    refusals = await asyncio.gather(*forged, return_exceptions=True)
    assert {type(one) for one in refusals} == {Unavailable}
    assert provider.requests == ["openid-configuration"]


async def waited_for_in_vain(
    verifier: Verifier, provider: Provider, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A token whose key id the verifier does not know, and waited for while the issuer hung."""
    await verifier.verify(token(provider.url))
    await hangs(provider, clock)
    monkeypatch.setattr("sigap_common.auth.keys.WAIT_AT_MOST_SECONDS", 0.01)
    unknown = token(provider.url, ED, "e1", "EdDSA")
    with pytest.raises(Unavailable):
        await verifier.verify(unknown)
    return unknown


async def test_a_key_id_that_was_waited_for_in_vain_is_not_waited_for_again(
    verifier: Verifier, provider: Provider, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = await waited_for_in_vain(verifier, provider, clock, monkeypatch)
    with pytest.raises(Unavailable):
        at_once(verifier.verify(unknown))


async def test_the_new_key_of_an_issuer_that_hung_comes_as_soon_as_it_answers(
    verifier: Verifier, provider: Provider, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotated = await waited_for_in_vain(verifier, provider, clock, monkeypatch)
    provider.keys.append(jwk(ED, "e1"))
    provider.answers.set()
    await eventually(lambda: provider.requests[-1] == "certs")

    async def is_believed() -> bool:
        try:
            return bool(await verifier.verify(rotated))
        except Unavailable:
            return False

    await eventually(is_believed)


async def test_who_restarts_while_the_issuer_hangs_works_at_once_with_the_keys_it_kept(
    provider: Provider, clock: SetClock, tmp_path: Path
) -> None:
    issuers = [Issuer(provider.url, AUDIENCE)]
    before = Verifier(issuers, clock=clock, elapsed=clock.elapsed, folder=tmp_path)
    await before.verify(token(provider.url))
    await before.stop()
    await hangs(provider, clock)
    restarted = Verifier(issuers, clock=clock, elapsed=clock.elapsed, folder=tmp_path)
    assert at_once(restarted.verify(token(provider.url)))
    await eventually(lambda: provider.requests == ["openid-configuration"])
    await restarted.stop()


async def test_the_memory_of_unknown_key_ids_is_bounded(
    verifier: Verifier, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigap_common.auth.keys.UNKNOWN_AT_MOST", 2)
    for kid in ("x1", "x2", "x3", "x" * 10_000):
        assert await refused(verifier, token(provider.url, ED, kid, "EdDSA")) == "token-invalid"
    keys = verifier._issuers[provider.url][1]
    assert list(keys._unknown) == ["x2", "x3"]
    assert provider.requests == ["openid-configuration", "certs"]


async def test_a_discovery_document_of_another_issuer_is_not_believed(verifier: Verifier, provider: Provider) -> None:
    provider.says_issuer = "http://elsewhere"
    with pytest.raises(Unavailable):
        await verifier.verify(token(provider.url))
    assert provider.requests == ["openid-configuration"]


async def test_claims_are_found_where_the_settings_say(provider: Provider, clock: SetClock) -> None:
    issuer = Issuer(
        provider.url,
        AUDIENCE,
        jwks_uri=f"{provider.url}/certs",
        roles_claims=("groups", "resource.sigap.roles"),
        regencies_claims=("org.regencies",),
        agency_claim="org.agency",
    )
    told: dict[str, Any] = {
        "groups": "dispatcher,unknown",
        "resource": {"sigap": {"roles": ["agency", 5]}},
        "org": {"regencies": "17.71 18.72", "agency": "17.71/damkar"},
        "regencies": ["*"],
    }
    async with verifying(clock, issuer) as verifier:
        access = await verifier.verify(token(provider.url, **told))
        assert access.roles == {Role.dispatcher, Role.agency}
        assert access.regencies == {"17.71", "18.72"}
        assert access.agency == "17.71/damkar"
        told["org"] = {"regencies": "17.71", "agency": ["17.71/damkar"]}
        assert await refused(verifier, token(provider.url, **told)) == "token-without-agency"
    assert provider.requests == ["certs"]


async def test_a_discovery_document_does_not_lead_to_another_private_address(
    provider: Provider, clock: SetClock
) -> None:
    """The issuer's own address comes from the settings; where its document points to does not."""
    elsewhere = Provider()
    elsewhere.keys = [jwk(RSA, "r1")]
    await elsewhere.start()
    provider.keys_at = f"{elsewhere.url}/certs"
    async with verifying(clock, Issuer(provider.url, AUDIENCE)) as verifier:
        with pytest.raises(Unavailable):
            await verifier.verify(token(provider.url))
    assert (provider.requests, elsewhere.requests) == (["openid-configuration"], [])
    await elsewhere.stop()


async def test_a_key_set_larger_than_the_limit_is_not_read(provider: Provider, clock: SetClock) -> None:
    provider.keys = [jwk(RSA, "r1"), {"kid": "x" * LARGEST_ANSWER}]
    async with verifying(clock, Issuer(provider.url, AUDIENCE)) as verifier:
        with pytest.raises(Unavailable):
            await verifier.verify(token(provider.url))


# --- issuers and tokens as the world sends them


async def test_an_empty_key_set_of_an_issuer_that_is_just_starting_signs_nobody_out(
    verifier: Verifier, provider: Provider, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    def has_said(times: int) -> bool:
        return caplog.text.count("not fetched") >= times

    late = int((START + timedelta(hours=1)).timestamp())
    await verifier.verify(token(provider.url, exp=late))
    encrypting = {"keys": [jwk(EC, "enc", use="enc")]}
    for n, certs in enumerate((b'{"keys": []}', json.dumps(encrypting).encode(), b'{"keys": [5, {"kty": []}]}')):
        provider.certs, asked = certs, len(provider.requests)
        clock.advance(601)
        assert await verifier.verify(token(provider.url, exp=late, sub=f"known {n}"))
        await eventually(partial(provider.was_asked, asked + 2))
        await eventually(partial(has_said, n + 1))  # until the answer has been read, no other fetch begins
        assert await verifier.verify(token(provider.url, exp=late, sub=f"still known {n}"))
    assert "no key that verifies signatures" in caplog.text
    provider.certs = None
    provider.keys = [jwk(ED, "e1")]
    clock.advance(10)
    assert await verifier.verify(token(provider.url, ED, "e1", "EdDSA", exp=late))


async def test_an_entry_that_is_no_key_does_not_cost_the_others(verifier: Verifier, provider: Provider) -> None:
    odd: list[Any] = [None, [], {"kty": ["RSA"]}, {"kty": "RSA", "n": 5, "e": "AQAB"}, {"kty": "EC", "crv": "P-256"}]
    provider.keys = [*odd, jwk(RSA, "r1")]
    assert await verifier.verify(token(provider.url))


@pytest.mark.parametrize("deep", [b"[" * 100_000, b'{"keys":' * 100_000, b'{"keys": [' + b"[" * 100_000])
async def test_a_key_set_nested_without_end_is_no_key_set(verifier: Verifier, provider: Provider, deep: bytes) -> None:
    provider.certs = deep
    assert await refused(verifier, token(provider.url)) == "token-invalid"


def unsigned(head: str, payload: str) -> str:
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in (head, payload, "x"))


async def test_a_token_nested_without_end_is_refused(verifier: Verifier, provider: Provider) -> None:
    for head, payload in (
        ('{"alg": "RS256", "kid": "r1"}', "[" * 11_000),
        ("[" * 11_000, "{}"),
        ('{"alg": "RS256", "kid": "r1"}', f'{{"iss": "{provider.url}", "a": {"[" * 11_000}'),
    ):
        assert await refused(verifier, unsigned(head, payload)) == "token-invalid"


@pytest.mark.parametrize("claim", ["exp", "nbf"])
@pytest.mark.parametrize(
    "moment",
    [253402300799, 253402300799.999, 253402300800, -62135596800, -62135596801, 1e308, 10**300, math.inf, math.nan, "x"],
)
async def test_a_time_at_the_calendar_s_end_is_refused(
    verifier: Verifier, provider: Provider, claim: str, moment: object
) -> None:
    signed = token(provider.url, exp=moment) if claim == "exp" else token(provider.url, nbf=moment)
    reason = await refused(verifier, signed)
    assert reason in ("token-invalid", "token-expired")


async def test_claims_that_no_database_takes_are_not_believed(verifier: Verifier, provider: Provider) -> None:
    for odd in ("a\x00b", "a\ud800b"):
        assert await refused(verifier, token(provider.url, sub=odd)) == "token-invalid"
        assert await refused(verifier, token(provider.url, agency=odd)) == "token-invalid"
        access = await verifier.verify(token(provider.url, name=odd, regencies=[odd, "17.71"]))
        assert (access.name, access.regencies) == (None, frozenset({"17.71"}))


async def test_the_log_says_that_there_was_a_redirect(
    verifier: Verifier, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    provider.moved = True
    with pytest.raises(Unavailable):
        await verifier.verify(token(provider.url))
    assert "openid-configuration answers a redirect (302) to '/moved'" in caplog.text
    assert "secret" not in caplog.text


async def test_the_log_names_the_issuer_that_the_discovery_document_has(
    verifier: Verifier, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    provider.says_issuer = f"{provider.url}/"
    with pytest.raises(Unavailable):
        await verifier.verify(token(provider.url))
    assert f"names the issuer '{provider.url}/'" in caplog.text


async def test_the_log_names_an_issuer_that_differs_by_a_slip_and_is_not_flooded(
    verifier: Verifier, provider: Provider, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    for n in range(100):
        await refused(verifier, token(f"https://elsewhere/{n}\n"))
    slips = (f"{provider.url}/", provider.url.upper(), provider.url.replace("http:", "https:"))
    for slip in slips:
        assert await refused(verifier, token(slip)) == "token-invalid"
        assert f"its issuer is '{slip}', SIGAP_AUTH_ISSUERS has {provider.url}" in caplog.text
        clock.advance(60)
    assert len(caplog.messages) == 1 + len(slips)
    assert not any("\n" in message for message in caplog.messages)
