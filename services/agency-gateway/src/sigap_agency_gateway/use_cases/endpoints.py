"""Use cases of endpoints. The endpoints of a pack change with the pack; the others are made and changed here. No
endpoint is ever deleted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sigap_agency_gateway.channels.webhook import is_url
from sigap_agency_gateway.domain.endpoint import (
    SECRET_MISSING,
    Endpoint,
    EndpointState,
    Source,
    endpoints_of,
)
from sigap_agency_gateway.repository import GatewayTransaction
from sigap_agency_gateway.secrets import DRILL_DOOR
from sigap_agency_gateway.use_cases.catch_up import catch_up
from sigap_common.auth import Access
from sigap_common.contracts.agencies import EndpointDisabled
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.base import Event
from sigap_common.core.errors import Conflict, Fault, Invalid, NotAllowed, NotFound
from sigap_common.core.referred_secrets import SecretMissing, is_reference
from sigap_common.core.signatures import new_secret
from sigap_common.http.etags import Expected
from sigap_common.messaging.transaction import About
from sigap_common.regency import Pack
from sigap_common.regency.secrecy import secret_in_url, secret_places

ALARM = "endpoint_disabled"
UNKNOWN_CHANNEL = "channel-unknown"
MISDEFINED = "definition-invalid"
CURABLE = (SECRET_MISSING, UNKNOWN_CHANNEL)
"""Reasons for disabling that can end without a new definition: the secret is added, or the plugin is installed."""


async def apply_pack(tx: GatewayTransaction, pack: Pack) -> None:
    """Replaces the regency's endpoints from its pack. A new version of the pack also enables endpoints that were
    disabled.
    """
    known = {e.id: e for e in await tx.endpoints.of_regency(pack.code, Source.PACK, Source.BUILTIN)}
    for defined in endpoints_of(pack, DRILL_DOOR, tx.now()):
        await _put(tx, known.pop(defined.id, None), defined)
    for absent in known.values():
        if absent.state is not EndpointState.RETIRED:
            await tx.deliveries.hurry(absent.id, tx.now())
            tx.after_commit(tx.resources.wake)
            await _save(tx, absent, absent.but(state=EndpointState.RETIRED, disabled_reason=None))


async def _put(tx: GatewayTransaction, before: Endpoint | None, defined: Endpoint) -> None:
    reason = unfit(tx, defined)
    if before is None:
        before = defined.but(version=1)
        await tx.endpoints.add(before)
        if reason is None:
            await catch_up(tx, before)
    elif reason is None and defined.same_as(before):
        return
    after = defined.but(version=before.version, created_at=before.created_at)
    if reason is not None:
        await disable(tx, after, reason, before=before)
    elif before.state is not after.state or not after.same_as(before):
        await catch_up(tx, await _save(tx, before, after))


def unfit(tx: GatewayTransaction, endpoint: Endpoint) -> str | None:
    """The reason why an endpoint cannot be used; None if it can."""
    channel = tx.resources.channels.get(endpoint.channel)
    if channel is None:
        return UNKNOWN_CHANNEL
    if endpoint.source is not Source.BUILTIN and channel.complaints(endpoint.url, endpoint.options):
        return MISDEFINED
    if not channel.signs or endpoint.secret is not None:
        return None
    try:
        tx.resources.secrets.referred(endpoint.secret_ref or "", endpoint.regency)
    except SecretMissing:
        return SECRET_MISSING
    return None


async def disable(tx: GatewayTransaction, endpoint: Endpoint, reason: str, *, before: Endpoint | None = None) -> None:
    """Disables an endpoint, with an event and an alarm, once for each reason. The courier then ends its deliveries as
    failed.
    """
    before = before or endpoint
    after = endpoint.but(state=EndpointState.DISABLED, disabled_reason=reason)
    if before.state is EndpointState.DISABLED and before.disabled_reason == reason:
        await _save(tx, before, after, silently=True)
        return
    when: dict[str, Any] = {"at": tx.now(), "recorded_at": tx.now()}
    said = [
        EndpointDisabled(agency=after.agency, endpoint=after.name, reason=reason, **when),
        AlarmRaised(
            alarm_id=after.alarm_id,
            kind=ALARM,
            about=f"endpoints/{after.id}",
            label=_label(after),
            agency=after.agency,
            **when,
        ),
    ]
    await _record(tx, after, said)
    await tx.deliveries.hurry(after.id, tx.now())
    tx.after_commit(tx.resources.wake)


async def _save(tx: GatewayTransaction, before: Endpoint, after: Endpoint, *, silently: bool = False) -> Endpoint:
    """Saves an endpoint. If it is no longer disabled, its alarm is cleared."""
    cleared: list[Event] = []
    if before.state is EndpointState.DISABLED and not silently:
        about = f"endpoints/{after.id}"
        cleared.append(
            AlarmCleared(at=tx.now(), recorded_at=tx.now(), alarm_id=after.alarm_id, kind=ALARM, about=about)
        )
    return await _record(tx, after, cleared)


async def _record(tx: GatewayTransaction, endpoint: Endpoint, said: list[Event]) -> Endpoint:
    """Appends events of the endpoint, and returns it with its new version, which grows by the number of events and at
    least by one.
    """
    tx.say(About(str(endpoint.id), endpoint.regency, endpoint.version + 1), said)
    after = endpoint.but(version=endpoint.version + max(1, len(said)), changed_at=tx.now())
    await tx.endpoints.save(after)
    return after


async def enable_if_fit(tx: GatewayTransaction, endpoint_id: UUID) -> None:
    """Enables an endpoint if its secret or channel was missing and is there now."""
    before = await tx.endpoints.find(endpoint_id, lock=True)
    if before is None or before.disabled_reason not in CURABLE or unfit(tx, before) is not None:
        return
    await catch_up(tx, await _save(tx, before, before.but(state=EndpointState.ENABLED, disabled_reason=None)))


def _label(endpoint: Endpoint) -> str:
    return f"{endpoint.agency} {endpoint.name}"


@dataclass(frozen=True, slots=True)
class Define:
    """The wanted definition of an endpoint. If the channel signs and `secret_ref` is None, the gateway
    makes a secret.
    """

    agency: str
    name: str
    channel: str
    url: str | None
    secret_ref: str | None
    options: Mapping[str, Any]
    position: int

    @property
    def regency(self) -> str:
        return self.agency.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Made:
    """An endpoint after the request. `secret` is a secret that the request made; it is shown only this once."""

    endpoint: Endpoint
    secret: str | None


async def make(tx: GatewayTransaction, access: Access, wanted: Define) -> Made:
    """Makes an endpoint. Raises RegencyForbidden, NotFound if the regency is unknown, Conflict if the name is taken,
    Invalid.
    """
    access.require(wanted.regency)
    pack = tx.packs.get(wanted.regency)
    if pack.agency(code := wanted.agency.partition("/")[2]) is None:
        named = {"agency": code, "regency": wanted.regency}
        raise Invalid(errors=[Fault(("body", "agency"), "agency_not_in_pack", named)])
    taken = await tx.endpoints.named(wanted.agency, wanted.name)
    if taken is not None:
        raise Conflict("endpoint-name-taken", id=str(taken.id))
    endpoint = Endpoint(
        id=tx.new_id(),
        regency=wanted.regency,
        agency=wanted.agency,
        name=wanted.name,
        channel=wanted.channel,
        source=Source.GATEWAY,
        created_at=tx.now(),
        changed_at=tx.now(),
        version=1,
    )
    made = _defined(tx, endpoint, wanted)
    await tx.endpoints.add(made.endpoint)
    await catch_up(tx, made.endpoint)
    return made


async def change(tx: GatewayTransaction, access: Access, endpoint_id: UUID, expected: Expected, wanted: Define) -> Made:
    """Changes an endpoint, and enables it. Raises NotFound, NotAllowed if it is a pack's endpoint, PreconditionFailed,
    Invalid.
    """
    before = await _own(tx, access, endpoint_id, expected)
    if moved := _stays(before, wanted):
        raise Invalid(errors=moved)
    made = _defined(tx, before.but(state=EndpointState.ENABLED, disabled_reason=None), wanted)
    after = await _save(tx, before, made.endpoint)
    await catch_up(tx, after)
    return Made(after, made.secret)


async def retire(tx: GatewayTransaction, access: Access, endpoint_id: UUID) -> Endpoint:
    """Retires an endpoint. The courier then ends its waiting deliveries as failed. Raises NotFound, NotAllowed if it is
    a pack's endpoint.
    """
    before = await _own(tx, access, endpoint_id, Expected())
    if before.state is EndpointState.RETIRED:
        return before
    await tx.deliveries.hurry(before.id, tx.now())
    tx.after_commit(tx.resources.wake)
    return await _save(tx, before, before.but(state=EndpointState.RETIRED, disabled_reason=None))


async def show(tx: GatewayTransaction, access: Access, endpoint_id: UUID, *, lock: bool = False) -> Endpoint:
    found = await tx.endpoints.find(endpoint_id, lock=lock)
    if found is None or not access.covers(found.regency):
        raise NotFound(kind="endpoints", id=str(endpoint_id))
    return found


async def _own(tx: GatewayTransaction, access: Access, endpoint_id: UUID, expected: Expected) -> Endpoint:
    found = await show(tx, access, endpoint_id, lock=True)
    if found.source is not Source.GATEWAY:
        raise NotAllowed("endpoint-of-a-pack", state=found.state)
    expected.check(found.version)
    return found


def _defined(tx: GatewayTransaction, endpoint: Endpoint, wanted: Define) -> Made:
    _check(tx, wanted)
    after = endpoint.but(
        channel=wanted.channel,
        url=wanted.url,
        secret_ref=wanted.secret_ref,
        options=wanted.options,
        position=wanted.position,
    )
    if wanted.secret_ref is not None or not tx.resources.channels[wanted.channel].signs:
        return Made(after.but(secret=None), None)
    if after.secret is not None:
        return Made(after, None)
    secret = new_secret(tx.resources.random)
    return Made(after.but(secret=tx.resources.secrets.seal(secret, after.id)), secret)


def _check(tx: GatewayTransaction, wanted: Define) -> None:
    """Checks a wanted definition. Raises Invalid with all faults, each with its place."""
    channel = tx.resources.channels.get(wanted.channel)
    if channel is None:
        installed = {"expected": sorted(tx.resources.channels)}
        raise Invalid(errors=[Fault(("body", "channel"), "channel_unknown", installed)])
    complaints = channel.complaints(wanted.url, wanted.options)
    found = [Fault(("body", one.part), one.kind, {}) for one in complaints]
    found += [Fault(("body", part), kind, {}) for part, kind in _exposed(wanted)]
    if wanted.secret_ref is not None and (kind := _unusable(tx, wanted.secret_ref, wanted.regency)):
        found.append(Fault(("body", "secret_ref"), kind, _names(wanted.regency)))
    if found:
        raise Invalid(errors=found)


def _exposed(wanted: Define) -> Iterator[tuple[str, str]]:
    """Faults for secrets in the URL or the options, which many people can read."""
    if wanted.url is not None and is_url(wanted.url) and secret_in_url(wanted.url):
        yield "url", "secret_in_url"
    if any(secret_places(wanted.options)):
        yield "options", "secret_in_options"


def _names(regency: str) -> dict[str, str]:
    """The prefixes of the names that a regency's secrets may have."""
    return {"variable": f"SIGAP_SECRET_{regency.replace('.', '_')}_", "file": f"file:{regency}-", "regency": regency}


def _unusable(tx: GatewayTransaction, secret_ref: str, regency: str) -> str | None:
    if not is_reference(secret_ref):
        return "secret_ref_malformed"
    if not tx.resources.secrets.may_use(regency, secret_ref):
        return "secret_ref_not_of_regency"
    try:
        tx.resources.secrets.referred(secret_ref, regency)
    except SecretMissing:
        return "secret_missing"
    return None


def _stays(before: Endpoint, wanted: Define) -> list[Fault]:
    """Faults for a changed agency or name: deliveries and alarms refer to the endpoint by them."""
    fixed = {"agency": before.agency, "name": before.name}
    return [
        Fault(("body", part), "endpoint_stays", {"value": value})
        for part, value in fixed.items()
        if getattr(wanted, part) != value
    ]
