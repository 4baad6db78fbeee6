"""What dispatch says in these tests, what a forwarding comes to by it, and how tests speak to the gateway."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

import httpx

from sigap_agency_gateway.courier import Courier
from sigap_agency_gateway.domain import forwarding as domain
from sigap_agency_gateway.domain.answers import decide
from sigap_agency_gateway.domain.forwarding import Forwarding
from sigap_common.contracts.base import Event
from sigap_common.contracts.duplicates import IncidentMerged
from sigap_common.contracts.incidents import (
    ForwardingContent,
    ForwardingRevised,
    ForwardingWithdrawn,
    IncidentAcknowledged,
    IncidentClosed,
    IncidentDeclined,
    IncidentForwarded,
    IncidentStatusChanged,
    Progress,
)
from sigap_common.contracts.notes import IncidentNote
from sigap_common.contracts.places import Place
from sigap_common.contracts.reopening import IncidentReopened
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.personal_data import Sealed
from sigap_common.regency import Pack
from sigap_testing.histories import Histories
from sigap_testing.kit import Kit

REGENCY = "99.01"
DAMKAR, POLRES = f"{REGENCY}/damkar", f"{REGENCY}/polres"
SECRET, VARIABLE = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "SIGAP_SECRET_99_01_DAMKAR"
TEN = datetime(2024, 2, 19, 3, 0, tzinfo=UTC)
INCIDENT = UUID("018dc000-0000-7000-8000-00000000000a")
FIRST, SECOND = UUID(int=INCIDENT.int + 1), UUID(int=INCIDENT.int + 2)
CANARY = "+628129999000"

Json = dict[str, object]
"""A JSON object that a test sends."""
Shown = dict[str, Any]
"""An object of an answer's JSON."""
Carry = Callable[[], Awaitable[int]]
"""As `carry_by`, with the courier of the fixtures."""


class Ask(Protocol):
    """Asks as the fire brigade of the regency; with other roles, as one of us; with `agency`, as that agency."""

    async def __call__(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *roles: str,
        regencies: Sequence[str] = (REGENCY,),
        agency: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response: ...


def heard(event: Event, forwarding: Forwarding) -> Forwarding:
    """The copy after what dispatch says of it: a revision, an end, or an answer that it recorded."""
    if isinstance(event, IncidentForwarded | ForwardingRevised):
        return domain.apply_revision(forwarding, event, INCIDENT, REGENCY, False) or forwarding
    return domain.hear(event, forwarding)


forwardings = Histories(decide, domain.evolve, TEN, heard)
at = forwardings.at


def a_pack(url: str, *more: dict[str, Any], **beside: Any) -> Pack:
    """Damkar has a webhook at `url` (and `more` endpoints), the police nothing."""
    hook = {"channel": "webhook", "name": "utama", "url": url, "secret_ref": VARIABLE}
    agencies = [
        {"code": "damkar", "name": "Damkar", "kind": "fire", "endpoints": [hook, *more]},
        {"code": "polres", "name": "Polres", "kind": "police"},
    ]
    document = {"code": REGENCY, "name": "Uji", "time_zone": "Asia/Jakarta", "agencies": agencies}
    return Pack.model_validate(document | beside)


def content(**changes: Any) -> ForwardingContent:
    told: dict[str, Any] = {
        "incident_number": "9901-20240219-0001",
        "incident_type": "fire",
        "type_label": "Kebakaran",
        "priority": 1,
        "place": Place.of(-3.79, 102.26, 20, "Jl. Suprapto"),
        "caller_number": Sealed(CANARY),
        "caller_name": Sealed("Ani"),
        "notes": (IncidentNote(at=TEN, by="op", text=Sealed("api dari dapur")),),
        "started_at": TEN,
    }
    return ForwardingContent(**told | changes)


def forwarded(
    forwarding_id: UUID = FIRST, agency: str = DAMKAR, within: float | None = 60, **changes: Any
) -> IncidentForwarded:
    return IncidentForwarded(
        at=TEN,
        recorded_at=TEN,
        forwarding_id=forwarding_id,
        agency=agency,
        acknowledge_by=at(within) if within is not None else None,
        automatic=True,
        content=content(**changes),
    )


def a_forwarding(begins: IncidentForwarded | ForwardingRevised | None = None) -> Forwarding:
    """The copy that begins with this revision, if none is named with the first."""
    begun = domain.apply_revision(None, begins or forwarded(), INCIDENT, REGENCY, False)
    assert begun is not None
    return begun


def revised(revision: int = 2, *, needs: bool = True, forwarding_id: UUID = FIRST, **changes: Any) -> ForwardingRevised:
    return ForwardingRevised(
        at=at(5),
        recorded_at=at(5),
        forwarding_id=forwarding_id,
        agency=DAMKAR,
        revision=revision,
        acknowledge_by=at(90),
        needs_acknowledgement=needs,
        reason="located" if needs else "noted",
        content=content(**changes),
    )


def withdrawn(
    revision: int = 2, *, stand_down: bool = False, reason: str = "false_alarm", text: str | None = None
) -> ForwardingWithdrawn:
    return ForwardingWithdrawn(
        at=at(20),
        recorded_at=at(20),
        forwarding_id=FIRST,
        agency=DAMKAR,
        revision=revision,
        reason=reason,
        text=Sealed(text) if text else None,
        stand_down=stand_down,
    )


def acknowledged_elsewhere(**changes: Any) -> IncidentAcknowledged:
    told: dict[str, Any] = {"forwarding_id": FIRST, "agency": DAMKAR, "revision": 1, "channel": "telephone"}
    told |= {"on_behalf": True, "by": "dispatcher", "spoke_to": Sealed("Budi")}
    return IncidentAcknowledged(at=at(15), recorded_at=at(16), **told | changes)


def declined_elsewhere(**changes: Any) -> IncidentDeclined:
    told: dict[str, Any] = {"forwarding_id": FIRST, "agency": DAMKAR, "revision": 1, "channel": "telephone"}
    told |= {"on_behalf": True, "by": "dispatcher", "reason": "no_unit", "at": at(15), "recorded_at": at(16)}
    return IncidentDeclined(**told | changes)


def progress_elsewhere(progress: str, **changes: Any) -> IncidentStatusChanged:
    told: dict[str, Any] = {"forwarding_id": FIRST, "state": progress, "progress": Progress(progress)}
    told |= {"on_behalf": True, "channel": "radio", "at": at(30), "recorded_at": at(30)}
    return IncidentStatusChanged(**told | changes)


def closed() -> IncidentClosed:
    return IncidentClosed(at=at(600), recorded_at=at(600), disposition="handled")


def merged() -> IncidentMerged:
    """Its incident was merged into another."""
    return IncidentMerged(at=at(600), recorded_at=at(600), into=FIRST, into_number="BKL-20240219-0041", first_report=2)


def reopened() -> IncidentReopened:
    stamp = {"at": at(610), "recorded_at": at(610)}
    what = {"number": "CTH-1", "incident_type": "fire", "priority": 1, "started_at": at(0)}
    return IncidentReopened(**stamp, **what, in_time=True, closed_at=at(600), disposition="handled")


def trace_id(told: ReceivedEvent) -> str:
    """The id of the trace that an event belongs to; it must have one."""
    assert told.envelope.traceparent is not None
    return told.envelope.traceparent.split("-")[1]


async def carry_by(courier: Courier) -> int:
    """Delivers once what is due; the number of attempts."""
    started = await courier.round()
    await courier.landed()
    return started


async def hear(kit: Kit, *events: Event, drill: bool = False, sequence: int = 1, at_once: bool = False) -> None:
    about: dict[str, Any] = {"subject": str(INCIDENT), "regency": REGENCY, "drill": drill, "sequence": sequence}
    await kit.hear(*events, **about, source="dispatch", at_once=at_once)
