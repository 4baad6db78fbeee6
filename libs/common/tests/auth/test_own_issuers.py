"""An issuer is believed for its purpose only, and by the service that it belongs to only."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sigap_common.app.application import create_app
from sigap_common.app.host import OneOrigin, runtimes, verifier
from sigap_common.app.manifest import services
from sigap_common.auth import Issuer, Purpose, Role, ServiceVerifier, TokenIssuer, Verifier
from sigap_common.auth.issuer import new_key
from sigap_common.bus import open_bus
from sigap_common.core.errors import NotAuthenticated
from sigap_common.core.settings import CommonSettings, TrustedIssuer
from sigap_testing.clocks import SetClock

START = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
DRILLS = Purpose(frozenset({Role.agency}), "drill")


def issuer(name: str, clock: SetClock) -> TokenIssuer:
    return TokenIssuer.from_text(name, "sigap", new_key(), clock=clock)


def trusted(one: TokenIssuer, **more: Any) -> Issuer:
    return Issuer(one.issuer, one.audience, keys=one.jwks, **more)


@pytest.mark.parametrize(
    ("roles", "regencies", "agency"),
    [
        (["admin"], ["*"], None),
        (["agency"], ["17.71"], "17.71/damkar"),
        (["agency"], ["*"], "17.71/drill"),
        (["agency"], ["17.71", "18.72"], "17.71/drill"),
        (["agency"], ["18.72"], "17.71/drill"),
        (["agency", "operator"], ["17.71"], "17.71/drill"),
        (["operator"], ["17.71"], "17.71/drill"),
        ([], ["17.71"], "17.71/drill"),
        (["agency"], ["17.71"], "17.71/drill/damkar"),
        (["agency"], [""], "/drill"),
    ],
)
async def test_an_issuer_says_nothing_beyond_its_purpose(
    roles: list[str], regencies: list[str], agency: str | None
) -> None:
    clock = SetClock(START)
    drills = issuer("https://sigap.test/drills", clock)
    believes = Verifier([trusted(drills, purpose=DRILLS)], clock=clock)
    access = await believes.verify(drills.issue("door", [Role.agency], ["17.71"], "17.71/drill"))
    assert access.agency == "17.71/drill"
    with pytest.raises(NotAuthenticated):
        await believes.verify(drills.issue("door", map(Role, roles), regencies, agency))


async def test_what_one_service_believes_is_not_believed_by_the_next_one() -> None:
    clock = SetClock(START)
    own, everybodys = issuer("https://sigap.test/own", clock), issuer("https://sigap.test", clock)
    shared = Verifier([trusted(everybodys)], clock=clock)
    one, other = ServiceVerifier(shared, clock), ServiceVerifier(shared, clock)
    one.trust_alone(trusted(own))
    token = own.issue("s", [Role.staff], ["17.71"])
    assert (await one.verify(token)).subject == "s"
    for verifying in (other, shared):
        with pytest.raises(NotAuthenticated):
            await verifying.verify(token)
    assert (await one.verify(everybodys.issue("t", [Role.staff], ["17.71"]))).subject == "t"
    for nonsense in ("", "a.b.c", "." * 20_000, "\ud800"):
        with pytest.raises(NotAuthenticated):
            await one.verify(nonsense)


async def test_on_a_single_host_the_drill_issuer_opens_nothing(tmp_path: Path) -> None:
    """Everybody who has the key ring can make the key, so this is what a stolen ring signs."""
    common = CommonSettings(data_dir=tmp_path)
    bus = open_bus(common.bus_url, data_dir=tmp_path)
    running = runtimes(services(), common, bus)
    (gateway,) = (runtime for runtime in running if runtime.service.name == "agency-gateway")
    key: Ed25519PrivateKey = gateway.resources.secrets.issuer_key
    origin = OneOrigin([create_app(runtime) for runtime in running])
    paths = {
        "intake": "calls",
        "dispatch": "me",
        "agency-gateway": "endpoints",
        "roster": "staff",
        "analytics": "kpis",
    }
    assert paths.keys() == {runtime.service.name for runtime in running}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(origin), base_url="http://test") as client:
        for audience in ("sigap", f"{common.public_url}/v1/endpoints"):
            forged = TokenIssuer(f"{common.public_url}/v1/endpoints", audience, [key])
            for roles, agency in ((list(Role), "17.71/drill"), ([Role.admin], None)):
                bearer = {"Authorization": f"Bearer {forged.issue('x', roles, ['*'], agency)}"}
                answers = {
                    s: (await client.get(f"/v1/{path}", headers=bearer)).status_code for s, path in paths.items()
                }
                assert set(answers.values()) == {401}, answers
        drills = TokenIssuer(f"{common.public_url}/v1/endpoints", f"{common.public_url}/v1/endpoints", [key])
        token = drills.issue("drill-door", [Role.agency], ["17.71"], "17.71/drill")
        assert (await gateway.verifier.verify(token)).agency == "17.71/drill"
        me = await client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert me.status_code == 401


@pytest.mark.parametrize("environment", ["demo", "production"])
async def test_production_believes_no_token_of_the_demonstrations_client(
    tmp_path: Path, environment: Literal["demo", "production"]
) -> None:
    key = Ed25519PrivateKey.generate()
    keycloak = TokenIssuer("https://keycloak.test/realms/sigap", "sigap", [key])
    common = CommonSettings(
        data_dir=tmp_path,
        environment=environment,
        auth_issuers=(TrustedIssuer(issuer=keycloak.issuer, jwks_uri="https://keycloak.test/certs"),),
    )
    keys = json.dumps(keycloak.jwks()).encode()
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=httpx.ByteStream(keys)))
    believes = verifier(common)
    believes._client = httpx.AsyncClient(transport=transport)
    plain = keycloak.issue("s", [Role.operator], ["17.71"])
    claims = jwt.decode(plain, options={"verify_signature": False})
    kid = {"kid": keycloak.jwks()["keys"][0]["kid"]}
    assert (await believes.verify(plain)).subject == "s"
    for named in ({"azp": "sigap-demo"}, {"client_id": "sigap-demo"}, {"azp": ["odd"]}):
        token = jwt.encode(claims | named, key, "EdDSA", headers=kid)
        if environment == "production" and "sigap-demo" in named.values():
            with pytest.raises(NotAuthenticated):
                await believes.verify(token)
        else:
            assert (await believes.verify(token)).subject == "s"
    await asyncio.gather(believes.stop(), believes._client.aclose())
