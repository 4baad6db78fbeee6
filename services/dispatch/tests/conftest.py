"""What the histories of this service are told with."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid5

import httpx
import pytest

from sigap_common.contracts.agencies import AgencyResponded, Response
from sigap_common.contracts.base import Event
from sigap_common.contracts.calls import (
    CallClass,
    CallClassified,
    CallLocated,
    CallNoted,
    CallReclassified,
    CallSnapshot,
    Channel,
    Note,
)
from sigap_common.contracts.incidents import Source
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone
from sigap_common.core.aggregate import Aggregate
from sigap_common.personal_data import Sealed
from sigap_common.regency import Pack
from sigap_dispatch.domain import Forwarding, Incident, Moment, decide
from sigap_dispatch.domain.commands import AddReport, Command, Numbered, OpenDirectly, OpenFromCall
from sigap_dispatch.main import service
from sigap_testing.kit import Kit, started

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
    """One incident from its beginning; seconds are counted from noon."""

    def __init__(self, pack: Pack, *, drill: bool = False) -> None:
        self.pack, self.now = pack, NOON
        self._after: Aggregate = Aggregate(id=INCIDENT_ID, regency=pack.code, drill=drill)
        self._ids: Iterator[int] = count(1)
        self.events: list[Event] = []

    @property
    def incident(self) -> Incident:
        assert isinstance(self._after, Incident)
        return self._after

    def at(self, seconds: float) -> "History":
        self.now = NOON + timedelta(seconds=seconds)
        return self

    def when(self, *commands: Command, by: str | None = None) -> list[Event]:
        """What follows from the commands, each decided after the one before."""
        told: list[Event] = []
        for command in commands:
            moment = Moment(self.now, self.pack, lambda: uuid5(INCIDENT_ID, str(next(self._ids))), by)
            decision = decide(self._after, command, moment)
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


def names(events: Sequence[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def only(kind: type[Event], events: Sequence[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


class Telling:
    """The words that histories are told with, for tests: a test module cannot import its neighbour."""

    noon, regency, market, harbour = NOON, REGENCY, MARKET, HARBOUR
    pack, call, call_id, note = staticmethod(a_pack), staticmethod(a_call), staticmethod(call_id), staticmethod(a_note)
    names, only = staticmethod(names), staticmethod(only)
    history = History


@pytest.fixture(scope="session")
def tell() -> type[Telling]:
    return Telling


@pytest.fixture
def history() -> History:
    return History(a_pack())


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
        """Call n was classified; its id."""
        stamp = {"at": self.now, "recorded_at": self.now}
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

    async def located(self, n: int, place: Place) -> None:
        zone = Zone(owner=REGENCY)
        await self.hear(n, CallLocated(at=self.now, recorded_at=self.now, by="ani", place=place, zone=zone))

    async def hear(self, n: int, event: Event, *, drill: bool = False, event_id: UUID | None = None) -> None:
        subject = str(call_id(n))
        await self.kit.hear(event, subject=subject, regency=REGENCY, drill=drill, event_id=event_id)

    async def responded(self, forwarding: dict[str, Any], incident: dict[str, Any], response: Response) -> None:
        event = AgencyResponded(
            at=self.now,
            recorded_at=self.now,
            incident_id=UUID(incident["id"]),
            agency=forwarding["agency"],
            revision=forwarding["revision"],
            response=response,
            channel="desk",
        )
        await self.kit.hear(event, subject=forwarding["id"], regency=REGENCY)

    async def ask(self, method: str, path: str, body: Any = None, *roles: str, **headers: str) -> httpx.Response:
        """As somebody of the regency, a dispatcher if nothing else is said."""
        bearer = self.kit.bearer(*(roles or ("dispatcher",)), regencies=[REGENCY])
        return await self.kit.client.request(method, path, json=body, headers=bearer | headers)

    async def incidents(self, **query: Any) -> list[dict[str, Any]]:
        answer = await self.ask("GET", "/v1/incidents?" + urlencode(query))
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def incident(self) -> dict[str, Any]:
        """The only one."""
        [found] = await self.incidents()
        return found

    async def timeline(self, incident: dict[str, Any]) -> list[str]:
        answer = await self.ask("GET", f"/v1/incidents/{incident['id']}/timeline")
        return [entry["type"].split(".")[1] for entry in answer.json()["items"]]

    def _call(self, told: dict[str, Any]) -> CallSnapshot:
        since = {"received_at": self.now - timedelta(seconds=20), "answered_at": self.now - timedelta(seconds=10)}
        return a_call(**since | told)


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with started(service, database_url, tmp_path) as kit:
        await kit.configure(a_pack())
        yield Desk(kit)
