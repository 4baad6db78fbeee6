"""What the histories of dispatch are told with: an incident of its own, or dispatch on a database, spoken to by bus and
over HTTP.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Self, TypeVar
from urllib.parse import urlencode
from uuid import UUID, uuid5

import httpx

from sigap_common.bus.envelope import Message
from sigap_common.contracts.agencies import AgencyResponded, NotificationDelivered, Response
from sigap_common.contracts.base import Event
from sigap_common.contracts.calls import (
    CallClass,
    CallClassified,
    CallerDescribed,
    CallerDetails,
    CallLocated,
    CallNoted,
    CallReclassified,
    CallSnapshot,
    Channel,
    Note,
)
from sigap_common.contracts.incidents import (
    IncidentAcknowledged,
    IncidentDeclined,
    IncidentForwarded,
    IncidentStatusChanged,
    Source,
)
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone
from sigap_common.core.aggregate import Aggregate
from sigap_common.personal_data import Sealed
from sigap_common.regency import Pack
from sigap_dispatch.domain import Forwarding, Incident, Moment, decide, evolve
from sigap_dispatch.domain.commands import AddReport, Command, Numbered, OpenDirectly, OpenFromCall, Respond
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_testing.histories import Histories
from sigap_testing.kit import Kit

E = TypeVar("E", bound=Event)
Shown = dict[str, Any]
"""An object of an answer's JSON."""

NOON = datetime(2024, 2, 19, 5, 0, tzinfo=UTC)
REGENCY = "99.01"
INCIDENT_ID = UUID("018dc000-0000-7000-8000-00000000000a")
MARKET = Place.of(-3.79, 102.26, 20.0, "Pasar Lama")
HARBOUR = Place.of(-3.90, 102.30, 50.0, "Pelabuhan")

PACK: dict[str, Any] = {
    "code": REGENCY,
    "name": "Kota Contoh",
    "prefix": "CTH",
    "time_zone": "Asia/Jakarta",
    "agencies": [
        {"code": code, "name": code.title(), "kind": code} for code in ("fire", "ambulance", "police", "transport")
    ],
    "incident_types": [
        {"code": "fire_small", "parent": "fire", "label": {"id": "Kecil", "en": "Small"}, "priority": 4}
    ],
    "response_plans": [
        {"incident_type": "fire", "agencies": ["fire", "police"], "acknowledge_within_s": 60},
        {"incident_type": "fire", "agencies": ["transport"], "alarm_level": 2},
        {"incident_type": "fire", "agencies": ["ambulance"], "min_priority": 1},
        {"incident_type": "traffic_accident", "agencies": ["police", "transport"], "acknowledge_within_s": 90},
        {"incident_type": "medical", "agencies": ["ambulance"], "automatic": False},
        {"incident_type": "domestic_violence", "agencies": ["police"]},
    ],
    "dispositions": [{"code": "doused", "label": {"id": "Padam", "en": "Doused"}}],
}


def a_pack(**told: Any) -> Pack:
    return Pack.model_validate({**PACK, **told})


def call_id(n: int) -> UUID:
    return uuid5(INCIDENT_ID, f"call {n}")


def away(n: int) -> Place:
    """A place so far from the market that no incident there is taken for one at the market."""
    return Place.of(-3.79 + 0.05 * n, 102.26, 20.0, f"Desa {n}")


def a_note(text: str, seconds: float = 0) -> Note:
    return Note(at=NOON + timedelta(seconds=seconds), by="ani", text=Sealed(text))


def a_call(**told: Any) -> CallSnapshot:
    """Received 20 s before noon, answered 10 s before, at the market."""
    given: dict[str, Any] = {
        "channel": Channel.TELEPHONE,
        "number": Sealed("+628111222333"),
        "caller_name": Sealed("Budi"),
        "caller_hash": "h1",
        "place": MARKET,
        "zone": Zone(owner=REGENCY),
        "received_at": NOON - timedelta(seconds=20),
        "answered_at": NOON - timedelta(seconds=10),
        "notes": (a_note("api besar"),),
    }
    return CallSnapshot(**given | told)


class History:
    """One incident from its beginning: what follows from a command is given to the next. Seconds count from noon."""

    def __init__(self, pack: Pack, *, drill: bool = False, subject: UUID = INCIDENT_ID) -> None:
        self.pack, self.now = pack, NOON
        self._bare = Aggregate(id=subject, regency=pack.code, drill=drill)
        self._after: Aggregate = self._bare
        self._by: str | None = None
        self._ids: Iterator[int] = count(1)
        self._incidents = Histories(self._decide, evolve, NOON)
        self.events: list[Event] = []

    def _decide(self, incident: Aggregate, command: Command, now: datetime) -> IncidentDecision:
        return decide(incident, command, Moment(now, self.pack, self._new_id, self._by, agency_names=self._name_of))

    def _name_of(self, agency: str) -> str | None:
        regency, _, code = agency.partition("/")
        known = self.pack.agency(code) if regency == self.pack.code else None
        return known.name if known else None

    def _new_id(self) -> UUID:
        return uuid5(self._bare.id, str(next(self._ids)))

    @property
    def incident(self) -> Incident:
        assert isinstance(self._after, Incident)
        return self._after

    def replayed(self) -> Incident:
        """What the events alone come to."""
        return self._incidents.begun(self._bare, self.events)

    def at(self, seconds: float) -> Self:
        self.now = self._incidents.at(seconds)
        return self

    def when(self, *commands: Command, by: str | None = None) -> list[Event]:
        """What follows from the commands, each decided after the one before."""
        told: list[Event] = []
        self._by = by
        for command in commands:
            decision = self._decide(self._after, command, self.now)
            self._after = decision.after
            told += decision.events
        self.events += told
        return told

    def opens(self, kind: str | None = "fire", priority: int | None = 2, **told: Any) -> list[Event]:
        """From call 1."""
        mine = {name: told.pop(name) for name in ("corrected_at", "linked_to") if name in told}
        numbered = Numbered("CTH-20240219-0001", NOON.date())
        return self.when(OpenFromCall(numbered, call_id(1), a_call(**told), kind, priority, self.now, **mine))

    def opens_directly(self, kind: str | None = "fire", **told: Any) -> list[Event]:
        numbered = Numbered("CTH-20240219-0001", NOON.date())
        return self.when(OpenDirectly(numbered, told.pop("source", Source.OBSERVER), kind, None, **told), by="dodi")

    def reported_by(self, n: int, kind: str | None = "fire", **told: Any) -> list[Event]:
        """Call n says that it is about the same."""
        return self.when(AddReport(call_id(n), a_call(**told), kind, None, self.now))

    def forwarding(self, code: str) -> Forwarding:
        """The latest to that agency."""
        return [f for f in self.incident.forwardings if f.agency == f"{REGENCY}/{code}"][-1]

    def responds(self, code: str, *responses: Response, revision: int = 1, **told: Any) -> list[Event]:
        """The agency answers by its desk."""
        forwarding = self.forwarding(code).id
        return self.when(*(Respond(forwarding, revision, one, "desk", self.now, **told) for one in responses))


def only(kind: type[E], events: Sequence[Event]) -> list[E]:
    """Those of the kind, in their order."""
    return [event for event in events if isinstance(event, kind)]


def answers(events: Sequence[Event]) -> list[IncidentAcknowledged | IncidentDeclined | IncidentStatusChanged]:
    """What agencies answered."""
    kinds = IncidentAcknowledged | IncidentDeclined | IncidentStatusChanged
    return [event for event in events if isinstance(event, kinds)]


def forwarded_to(events: Sequence[Event]) -> list[str]:
    """The codes of the agencies to which the events forward."""
    return [event.agency.partition("/")[2] for event in only(IncidentForwarded, events)]


class Desk:
    """Dispatch on a real database, with one regency configured, spoken to by bus and over HTTP."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    @property
    def now(self) -> datetime:
        return self.kit.clock()

    async def classified(
        self,
        n: int = 1,
        call_class: CallClass = CallClass.EMERGENCY,
        kind: str | None = "fire",
        *,
        drill: bool = False,
        same: UUID | None = None,
        event_id: UUID | None = None,
        **told: Any,
    ) -> UUID:
        """Call n was classified; its id. Each call is from a place of its own, kilometres apart, unless it is told."""
        stamp = {"at": self.now, "recorded_at": self.now}
        told = {"place": MARKET if n == 1 or same else away(n)} | told
        event = CallClassified(
            **stamp, call_class=call_class, incident_type=kind, same_incident=same, call=self._call(told)
        )
        await self.hear(n, event, drill=drill, event_id=event_id)
        return call_id(n)

    async def corrected(
        self,
        n: int = 1,
        call_class: CallClass = CallClass.EMERGENCY,
        kind: str | None = "fire",
        before: CallClass = CallClass.EMERGENCY,
        same: UUID | None = None,
        **told: Any,
    ) -> None:
        stamp = {"at": self.now, "recorded_at": self.now, "before": before}
        event = CallReclassified(
            **stamp, call_class=call_class, incident_type=kind, same_incident=same, call=self._call(told)
        )
        await self.hear(n, event)

    async def noted(self, n: int, text: str) -> None:
        await self.hear(n, CallNoted(at=self.now, recorded_at=self.now, by="ani", text=Sealed(text)))

    async def described(self, n: int, name: str) -> None:
        after = CallerDetails(caller_name=Sealed(name), callback_number=Sealed("+628123"))
        event = CallerDescribed(at=self.now, recorded_at=self.now, by="ani", before=CallerDetails(), after=after)
        await self.hear(n, event)

    async def located(self, n: int, place: Place) -> None:
        zone = Zone(owner=REGENCY)
        await self.hear(n, CallLocated(at=self.now, recorded_at=self.now, by="ani", place=place, zone=zone))

    async def hear(self, n: int, event: Event, *, drill: bool = False, event_id: UUID | None = None) -> None:
        subject = str(call_id(n))
        await self.kit.hear(event, subject=subject, regency=REGENCY, drill=drill, event_id=event_id)

    async def part(self, code: str = "fire", incident: Shown | None = None) -> "Part":
        """An agency's part in the incident; none: in the only one."""
        of = incident or await self.incident()
        [shown] = [one for one in of["forwardings"] if one["agency"] == f"{REGENCY}/{code}"]
        return Part(self, UUID(of["id"]), UUID(shown["id"]), shown["agency"])

    async def ask(
        self, method: str, path: str, body: Mapping[str, object] | None = None, *roles: str, **headers: str
    ) -> httpx.Response:
        """As somebody of the regency, a dispatcher if nothing else is said."""
        bearer = self.kit.bearer(*(roles or ("dispatcher",)), regencies=[REGENCY])
        return await self.kit.client.request(method, path, json=body, headers=bearer | headers)

    async def incidents(self, **query: Any) -> list[Shown]:
        answer = await self.ask("GET", "/v1/incidents?" + urlencode(query))
        assert answer.status_code == 200, answer.text
        items: list[Shown] = answer.json()["items"]
        return items

    async def incident(self) -> Shown:
        """The only one."""
        [found] = await self.incidents()
        return found

    async def timeline(self, incident: Shown) -> list[str]:
        answer = await self.ask("GET", f"/v1/incidents/{incident['id']}/timeline")
        return [entry["type"].split(".")[1] for entry in answer.json()["items"]]

    def _call(self, told: dict[str, Any]) -> CallSnapshot:
        since = {"received_at": self.now - timedelta(seconds=20), "answered_at": self.now - timedelta(seconds=10)}
        return a_call(**since | told)


class Part:
    """An agency's part in an incident, and what the gateway says of it."""

    def __init__(self, desk: Desk, incident_id: UUID, id_: UUID, agency: str) -> None:
        self.desk, self.incident_id, self.id, self.agency = desk, incident_id, id_, agency

    def event(self, kind: type[E], seconds: float = 0, /, **told: Any) -> E:
        """So many seconds from now; of the first revision, if no other is named."""
        at = self.desk.now + timedelta(seconds=seconds)
        about = {"at": at, "recorded_at": at, "incident_id": self.incident_id, "agency": self.agency, "revision": 1}
        return kind(**about | told)

    def delivered(self, seconds: float = 0, channel: str = "webhook", revision: int = 1) -> NotificationDelivered:
        way = {"endpoint": channel, "channel": channel, "attempts": 1}
        return self.event(NotificationDelivered, seconds, revision=revision, **way)

    def responded(
        self, response: Response, seconds: float = 0, revision: int = 1, channel: str = "api"
    ) -> AgencyResponded:
        return self.event(AgencyResponded, seconds, response=response, revision=revision, channel=channel)

    def message(self, event: Event) -> Message:
        return self.desk.kit.message(event, str(self.id), regency=REGENCY)

    async def hear(self, *events: Event, at_once: bool = False) -> None:
        """Dispatch hears the events from the gateway."""
        await self.desk.kit.hear(*events, subject=str(self.id), regency=REGENCY, at_once=at_once)

    async def shown(self) -> Shown:
        """As the board shows it."""
        parts: list[Shown] = [one for incident in await self.desk.incidents() for one in incident["forwardings"]]
        [found] = [one for one in parts if one["id"] == str(self.id)]
        return found
