"""A real OIDC provider: tokens of Keycloak, with the realm that compose uses, through our verifier."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from sigap_common.app.host import verifier
from sigap_common.auth import Issuer, Role, Verifier
from sigap_common.core.errors import NotAuthenticated, Unavailable
from sigap_common.core.settings import CommonSettings, TrustedIssuer
from sigap_testing.clocks import SetClock
from sigap_testing.keycloak import KeycloakServer

from .conftest import FILES
from .realm import CTI_SECRET, Realm

pytestmark = [pytest.mark.keycloak, pytest.mark.timeout(400)]


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime.now(UTC))


@pytest.fixture
async def trusting(realm: Realm, clock: SetClock) -> AsyncIterator[Verifier]:
    """A verifier that trusts the realm and finds its keys by discovery."""
    verifier = Verifier([Issuer(realm.issuer, "sigap")], clock=clock, elapsed=clock.elapsed)
    yield verifier
    await verifier.stop()


def unsigned(token: str) -> str:
    header = {"alg": "none", "typ": "JWT", "kid": jwt.get_unverified_header(token)["kid"]}
    return f"{encoded(header)}.{token.split('.')[1]}."


def signed_with_the_public_key(token: str, public_key: str) -> str:
    """What a careless verifier believes: the RSA key, known to all, taken as the secret of an HMAC."""
    header = {"alg": "HS256", "typ": "JWT", "kid": jwt.get_unverified_header(token)["kid"]}
    signed = f"{encoded(header)}.{token.split('.')[1]}"
    signature = hmac.new(public_key.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def with_claims(token: str, **claims: object) -> str:
    """The same signature under other claims."""
    header, payload, signature = token.split(".")
    changed = {**json.loads(base64.urlsafe_b64decode(payload + "==")), **claims}
    return f"{header}.{encoded(changed)}.{signature}"


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


async def test_each_role_of_the_realm_is_a_role_of_ours_for_its_regencies_by_default_settings(
    realm: Realm,
) -> None:
    trusting = verifier(CommonSettings(auth_issuers=(TrustedIssuer(issuer=realm.issuer),)))
    for role in Role:
        access = await trusting.verify(realm.token(str(role)))
        assert role in access.roles
        assert access.regencies
        assert access.name
        assert (access.agency is not None) == (role is Role.agency)
    await trusting.stop()


async def test_roles_regencies_and_agency_are_those_of_the_account_and_no_more(
    realm: Realm, trusting: Verifier
) -> None:
    agency = await trusting.verify(realm.token("agency"))
    assert (agency.roles, agency.regencies, agency.agency) == (
        frozenset({Role.agency}),
        frozenset({"17.71"}),
        "17.71/damkar",
    )
    supervisor = await trusting.verify(realm.token("supervisor"))
    assert supervisor.roles == {Role.operator, Role.dispatcher, Role.supervisor}
    assert (await trusting.verify(realm.token("analyst"))).regencies == {"17.71", "18.72"}
    assert (await trusting.verify(realm.token("admin"))).everywhere


async def test_an_exchange_comes_with_a_secret_of_its_own_instead_of_a_person(realm: Realm, trusting: Verifier) -> None:
    access = await trusting.verify(realm.machine_token("sigap-cti", CTI_SECRET))
    assert (access.roles, access.regencies, access.agency) == (frozenset({Role.cti}), frozenset({"*"}), None)


async def test_a_group_gives_its_members_its_regencies_beside_their_own(realm: Realm, trusting: Verifier) -> None:
    realm.put_into_group("planner", "neighbours", {"regencies": ["18.72", "64.74"]})
    assert (await trusting.verify(realm.token("planner"))).regencies == {"17.71", "18.72", "64.74"}


async def test_an_expired_token_is_refused_though_it_was_believed_before(
    realm: Realm, trusting: Verifier, clock: SetClock
) -> None:
    token = realm.token("operator")
    access = await trusting.verify(token)
    clock.advance((access.expires_at - clock() + timedelta(seconds=31)).total_seconds())
    with pytest.raises(NotAuthenticated):
        await trusting.verify(token)


async def test_a_token_of_another_realm_of_the_same_keycloak_is_refused(realm: Realm, trusting: Verifier) -> None:
    foreign = realm.import_copy(FILES, "foreign").token("admin")
    with pytest.raises(NotAuthenticated):
        await trusting.verify(foreign)
    with pytest.raises(NotAuthenticated):
        await trusting.verify(with_claims(foreign, iss=realm.issuer))


async def test_a_token_for_another_application_of_our_realm_is_refused(realm: Realm, trusting: Verifier) -> None:
    realm.add_client("another-application", ["basic", "roles", "profile"])
    with pytest.raises(NotAuthenticated):
        await trusting.verify(realm.token("admin", client="another-application"))


async def test_a_sign_in_is_no_permission(realm: Realm, trusting: Verifier) -> None:
    with pytest.raises(NotAuthenticated):
        await trusting.verify(realm.token("admin", kind="id_token", scope="openid"))


async def test_forged_tokens_are_refused(realm: Realm, trusting: Verifier) -> None:
    token = realm.token("operator")
    await trusting.verify(token)
    pem = realm.public_key()
    forged = [
        unsigned(token),
        signed_with_the_public_key(token, pem),
        signed_with_the_public_key(token, "".join(pem.splitlines()[1:-1])),
        with_claims(token, regencies=["*"]),
        with_claims(token, realm_access={"roles": ["admin"]}),
    ]
    for attempt in forged:
        with pytest.raises(NotAuthenticated):
            await trusting.verify(attempt)


async def test_a_new_key_is_followed_without_a_restart_and_the_old_ones_tokens_still_hold(
    realm: Realm, trusting: Verifier, clock: SetClock
) -> None:
    before, unseen = realm.token("operator"), realm.token("dispatcher")
    await trusting.verify(before)
    realm.rotate_keys()
    after = realm.token("operator")
    assert jwt.get_unverified_header(after)["kid"] != jwt.get_unverified_header(before)["kid"]
    clock.advance(11)  # an unknown key is asked for at most every 10 s
    assert Role.operator in (await trusting.verify(after)).roles
    assert Role.dispatcher in (await trusting.verify(unseen)).roles


async def test_with_keycloak_away_known_keys_go_on_working_and_unknown_ones_are_not_the_callers_fault(
    keycloak: KeycloakServer, realm: Realm, trusting: Verifier
) -> None:
    await trusting.verify(realm.token("operator"))
    unseen = realm.token("dispatcher")
    keycloak.stop()
    assert Role.dispatcher in (await trusting.verify(unseen)).roles
    starting = Verifier([Issuer(realm.issuer, "sigap")])
    with pytest.raises(Unavailable) as away:
        await starting.verify(unseen)
    assert away.value.status == 503
    await starting.stop()
