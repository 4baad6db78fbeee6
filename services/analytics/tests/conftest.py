"""Histories as the other services would tell them, brought to analytics by the bus's way."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any, Protocol
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from sigap_analytics.main import service
from sigap_common.bus import Delivered
from sigap_common.bus.envelope import Message
from sigap_common.contracts.agencies import AgencyResponded, NotificationDelivered, Response
from sigap_common.contracts.base import Event
from sigap_common.contracts.calls import (
    CallAbandoned,
    CallAnswered,
    CallClass,
    CallClassified,
    CallEnded,
    CallReceived,
    CallReclassified,
    CallScreened,
    CallSnapshot,
    Channel,
)
from sigap_common.contracts.duplicates import (
    Absorbed,
    IncidentAbsorbed,
    IncidentMerged,
    IncidentReleased,
    IncidentUnmerged,
)
from sigap_common.contracts.incidents import (
    Change,
    ForwardingContent,
    ForwardingWithdrawn,
    IncidentAcknowledged,
    IncidentClosed,
    IncidentCreated,
    IncidentDeclined,
    IncidentForwarded,
    IncidentState,
    IncidentStatusChanged,
    IncidentUpdated,
    Progress,
    Source,
)
from sigap_common.contracts.places import Place
from sigap_common.contracts.protection import ProtectionLifted
from sigap_common.contracts.rosters import Assignment, DutyStarted, RosterPublished
from sigap_common.contracts.units import UnitLeaving, UnitReleased, UnitTakenOver
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.personal_data import KeyRing, Sealed
from sigap_common.regency import Pack
from sigap_testing.kit import Kit, started
from sigap_testing.messages import an_envelope, message_of

WEST, EAST = "99.01", "99.02"
ZONES = {WEST: "Asia/Jakarta", EAST: "Asia/Jayapura"}
NUMBER, NAME = "+6281299998888", "Canary Burung"


def a_pack(code: str, zone: str) -> Pack:
    return Pack.model_validate({"code": code, "name": code, "time_zone": zone})


class History:
    """What happened, said in order. Moments are local: `10:00:07`, or `2024-02-20 00:10:00`."""

    def __init__(self, regency: str = WEST) -> None:
        self.regency = regency
        self.heard: list[ReceivedEvent] = []
        self._last: Counter[str] = Counter()
        self._drills: set[str] = set()
        self._agencies: dict[UUID, str] = {}

    def moment(self, text: str) -> datetime:
        day, _, clock = text.rpartition(" ")
        return datetime.fromisoformat(f"{day or '2024-02-19'}T{clock}").replace(tzinfo=ZoneInfo(ZONES[self.regency]))

    def say(self, event: Event, subject: object) -> None:
        self._last[str(subject)] += 1
        envelope = an_envelope(
            event,
            str(subject),
            regency=self.regency,
            sequence=self._last[str(subject)],
            drill=str(subject) in self._drills,
        )
        self.heard.append(ReceivedEvent(event, envelope))

    def call(
        self,
        at: str,
        *,
        answered: float | None = None,
        abandoned: float | None = None,
        call_class: str | None = None,
        channel: str = "telephone",
        drill: bool = False,
        backfilled: bool = False,
        ended: bool = False,
        **received: Any,
    ) -> UUID:
        """`answered`, `abandoned`: seconds of waiting by our clock; `received`: more of CallReceived."""
        call, received_at = uuid4(), self.moment(at)
        if drill:
            self._drills.add(str(call))
        named = {"number": Sealed(NUMBER), "caller_hash": "canaryhash", "caller_name": Sealed(NAME)}
        mark = {"channel": Channel(channel), "backfilled": backfilled}
        self.say(CallReceived(at=received_at, recorded_at=received_at, **mark, **named, **received), call)
        if answered is not None or backfilled:
            self.answer(call, received_at, answered, backfilled=backfilled)
        if abandoned is not None:
            later = _when(received_at + timedelta(seconds=abandoned))
            self.say(CallAbandoned(**later, received_at=received_at, waited_ms=round(abandoned * 1000)), call)
        if call_class:
            self.classify(call, received_at, call_class, **mark)
        if ended:
            self.say(CallEnded(**_when(received_at), ended_by="caller", cut_off=False), call)
        return call

    def screen(self, call: UUID, received_at: str, seconds: float) -> None:
        received = self.moment(received_at)
        later = _when(received + timedelta(seconds=seconds))
        self.say(CallScreened(**later, received_at=received, ended_by="caller"), call)

    def answer(self, call: UUID, received_at: datetime, seconds: float | None, *, backfilled: bool = False) -> None:
        later = _when(received_at + timedelta(seconds=seconds or 0))
        waited = None if backfilled or seconds is None else round(seconds * 1000)
        self.say(CallAnswered(**later, received_at=received_at, waited_ms=waited, by="operator-canary"), call)

    def classify(self, call: UUID, received_at: datetime, call_class: str, **mark: Any) -> None:
        snapshot = CallSnapshot(received_at=received_at, number=Sealed(NUMBER), **mark)
        self.say(CallClassified(**_when(received_at), call_class=CallClass(call_class), call=snapshot), call)

    def reclassify(self, call: UUID, at: str, before: str, call_class: str) -> None:
        snapshot = CallSnapshot(received_at=self.moment(at), channel=Channel.TELEPHONE)
        classes = {"before": CallClass(before), "call_class": CallClass(call_class)}
        self.say(CallReclassified(**_when(self.moment(at)), **classes, call=snapshot), call)

    def incident(
        self,
        at: str,
        *,
        kind: str | None = "fire",
        answered: str | None = None,
        day: str = "2024-02-19",
        drill: bool = False,
        **beside: Any,
    ) -> UUID:
        """`answered`: when its call was answered; none: it came without a call."""
        incident = uuid4()
        if drill:
            self._drills.add(str(incident))
        answered_at = self.moment(answered) if answered else None
        facts: dict[str, Any] = {
            "number": "T-1",
            "day": day,
            "incident_type": kind,
            "priority": 2,
            "place": Place(coordinates=Sealed("-3.800000,102.260000"), cell="8765b56b1ffffff"),
            "source": Source.CALL if answered else Source.OBSERVER,
            "call_id": uuid4() if answered else None,
            "started_at": answered_at or self.moment(at),
            "answered_at": answered_at,
        }
        self.say(IncidentCreated(**_when(self.moment(at)), **(facts | beside)), incident)
        return incident

    def merge(self, incident: UUID, into: UUID, at: str, answered: str) -> None:
        """`answered`: the first answer of the earliest of both."""
        event = IncidentMerged(**_when(self.moment(at)), into=into, into_number="T-1", first_report=2)
        self.say(event, incident)
        self._tell(IncidentAbsorbed, into, incident, at, answered)

    def unmerge(self, incident: UUID, out_of: UUID, at: str, answered: str) -> None:
        """`answered`: the first answer of what the other one is now."""
        began = self.moment(answered)
        known: dict[str, Any] = {"number": "T-1", "incident_type": "fire", "priority": 2, "place": None}
        known |= {"protected": False, "started_at": began, "call_id": None, "caller_hash": None}
        self.say(IncidentUnmerged(**_when(self.moment(at)), other=out_of, other_number="T-1", **known), incident)
        self._tell(IncidentReleased, out_of, incident, at, answered, unread=0)

    def _tell(self, kind: type[Absorbed], subject: UUID, other: UUID, at: str, answered: str, **more: Any) -> None:
        began = self.moment(answered)
        told = {"other": other, "other_number": "T-2", "reports": 1, "began_at": began, "answered_at": began}
        self.say(kind(**_when(self.moment(at)), **told, **more), subject)

    def correct(self, incident: UUID, at: str, **changed: Any) -> None:
        self.say(IncidentUpdated(**_when(self.moment(at)), **changed), incident)

    def protect(self, incident: UUID, at: str) -> None:
        self.correct(incident, at, changes=(Change(field="protected", before="false", after="true"),))

    def lift_protection(self, incident: UUID, at: str) -> None:
        self.say(ProtectionLifted(**_when(self.moment(at)), reason=Sealed("keliru")), incident)

    def forward(
        self, incident: UUID, at: str, agency: str = "damkar", *, level: int = 1, backfilled: bool = False
    ) -> UUID:
        forwarding = uuid4()
        self._agencies[forwarding] = f"{self.regency}/{agency}"
        self._drills |= {str(forwarding)} if str(incident) in self._drills else set()
        content = ForwardingContent(
            incident_number="T-1",
            incident_type="fire",
            type_label="Kebakaran",
            priority=2,
            caller_number=Sealed(NUMBER),
            backfilled=backfilled,
            started_at=self.moment(at),
        )
        event = IncidentForwarded(
            **_when(self.moment(at)),
            forwarding_id=forwarding,
            agency=self._agencies[forwarding],
            acknowledge_by=None,
            alarm_level=level,
            automatic=True,
            content=content,
        )
        self.say(event, incident)
        return forwarding

    def deliver(self, incident: UUID, forwarding: UUID, at: str, channel: str = "desk") -> None:
        event = NotificationDelivered(
            **_when(self.moment(at)),
            incident_id=incident,
            agency=self._agencies[forwarding],
            revision=1,
            endpoint=channel,
            channel=channel,
            attempts=1,
        )
        self.say(event, forwarding)

    def acknowledge(
        self, incident: UUID, forwarding: UUID, at: str, *, channel: str = "desk", on_behalf: bool = False
    ) -> None:
        self.respond(incident, forwarding, at, Response.ACKNOWLEDGED, channel, on_behalf=on_behalf)

    def decline(
        self, incident: UUID, forwarding: UUID, at: str, *, channel: str = "desk", on_behalf: bool = False
    ) -> None:
        self.respond(incident, forwarding, at, Response.DECLINED, channel, on_behalf=on_behalf)

    def respond(
        self, incident: UUID, forwarding: UUID, at: str, response: Response, channel: str, *, on_behalf: bool
    ) -> None:
        """What the agency said itself the gateway says first, then dispatch."""
        said = {**_when(self.moment(at)), "agency": self._agencies[forwarding], "revision": 1, "channel": channel}
        if not on_behalf:
            self.say(AgencyResponded(**said, incident_id=incident, response=response), forwarding)
        said |= {"forwarding_id": forwarding, "on_behalf": on_behalf, "spoke_to": Sealed(NAME) if on_behalf else None}
        if response is Response.ACKNOWLEDGED:
            self.say(IncidentAcknowledged(**said), incident)
        else:
            self.say(IncidentDeclined(**said, reason="no_unit"), incident)

    def step(
        self,
        incident: UUID,
        forwarding: UUID,
        at: str,
        progress: Progress,
        *units: str,
        of_units: tuple[str, ...] = (),
        **told: Any,
    ) -> None:
        """Progress. `units`: those that it names; `of_units`: all whose step it is. It is recorded when it happens,
        unless `recorded_at` is given.
        """
        event = IncidentStatusChanged(
            **_when(self.moment(at)) | told,
            forwarding_id=forwarding,
            agency=self._agencies[forwarding],
            progress=progress,
            state=IncidentState(progress.value),
            units=units,
            of_units=of_units or units,
        )
        self.say(event, incident)

    def release(self, incident: UUID, forwarding: UUID, at: str, callsign: str, how: UnitLeaving = "moved") -> None:
        about = {"forwarding_id": forwarding, "agency": self._agencies[forwarding], "callsign": callsign}
        self.say(UnitReleased(**_when(self.moment(at)), **about, how=how), incident)

    def take_over(
        self, incident: UUID, forwarding: UUID, at: str, callsign: str, other: UUID, **steps: datetime
    ) -> None:
        about = {"forwarding_id": forwarding, "agency": self._agencies[forwarding], "callsign": callsign}
        known = {"other": other, "other_number": "E9901-20260309-0001", "assigned_at": self.moment(at), **steps}
        self.say(UnitTakenOver(**_when(self.moment(at)), **about, **known), incident)

    def withdraw(self, incident: UUID, forwarding: UUID, at: str) -> None:
        event = ForwardingWithdrawn(
            **_when(self.moment(at)),
            forwarding_id=forwarding,
            agency=self._agencies[forwarding],
            revision=2,
            reason="mistake",
            stand_down=False,
        )
        self.say(event, incident)

    def close(self, incident: UUID, at: str) -> None:
        self.say(IncidentClosed(**_when(self.moment(at)), disposition="handled", note=Sealed(NAME)), incident)

    def publish(self, roster: UUID, *duties: tuple[UUID, str]) -> None:
        """Duties of seven hours by their start."""
        starts = [(duty, self.moment(at)) for duty, at in duties]
        assignments = tuple(
            Assignment(
                duty_id=duty,
                staff_id=uuid4(),
                subject="operator-canary",
                shift="pagi",
                day=at.date(),
                starts_at=at,
                ends_at=at + timedelta(hours=7),
            )
            for duty, at in starts
        )
        days = {"first_day": starts[0][1].date(), "last_day": starts[-1][1].date()}
        event = RosterPublished(**_when(starts[0][1]), version=1, assignments=assignments, **days)
        self.say(event, roster)

    def start_duty(self, duty: UUID, at: str, *, planned: str) -> None:
        event = DutyStarted(**_when(self.moment(at)), staff_id=uuid4(), planned_at=self.moment(planned))
        self.say(event, duty)

    def messages(self, ring: KeyRing) -> list[Message]:
        return [message_of(heard.event, heard.envelope, ring) for heard in self.heard]


def _when(moment: datetime) -> dict[str, datetime]:
    return {"at": moment, "recorded_at": moment}


async def bring(kit: Kit, *histories: History, shuffled: Random | None = None) -> None:
    """In order, or shuffled with every third message twice; in batches, as the bus would."""
    messages = [message for history in histories for message in history.messages(kit.runtime.ring)]
    if shuffled:
        messages += shuffled.sample(messages, len(messages) // 3)
        shuffled.shuffle(messages)
    records = [Delivered(message, message.topic, 0, n) for n, message in enumerate(messages, 1)]
    for _, run in groupby(records, key=lambda record: record.topic):
        batch = list(run)
        for at in range(0, len(batch), 7 if shuffled else 500):
            await kit.runtime.consumer.hear(batch[at : at + (7 if shuffled else 500)])


Row = dict[str, Any]
Ask = Callable[..., Awaitable[list[Row]]]
"""The rows of a figure; see `ask`."""


class Tell(Protocol):
    """Brings histories to the service; see `bring`."""

    async def __call__(self, *histories: History, shuffled: Random | None = None) -> None: ...


def share(row: Row) -> tuple[int, int]:
    """Numerator and denominator."""
    return row["numerator"], row["denominator"]


@pytest.fixture
async def kit(database_url: str, tmp_path: Path) -> AsyncIterator[Kit]:
    async with started(service, database_url, tmp_path) as kit:
        kit.clock.advance(30 * 86_400)
        await kit.configure(*(a_pack(code, zone) for code, zone in ZONES.items()))
        yield kit


@pytest.fixture
def tell(kit: Kit) -> Tell:
    async def told(*histories: History, shuffled: Random | None = None) -> None:
        await bring(kit, *histories, shuffled=shuffled)

    return told


@pytest.fixture
def history() -> History:
    return History()


@pytest.fixture
def eastern() -> History:
    """In a regency two hours ahead."""
    return History(EAST)


@pytest.fixture
def ask(kit: Kit) -> Ask:
    """The rows of a figure on 19 February 2024 in the western regency, unless asked otherwise."""

    async def rows(code: str, **asked: Any) -> list[Row]:
        query = {"regency": WEST, "from": "2024-02-19", "to": "2024-02-19"} | asked
        wanted = {name: value for name, value in query.items() if value is not None}
        headers = kit.bearer("analyst")
        answer = await kit.client.get(f"/v1/kpis/{code}", params=wanted, headers=headers)
        assert answer.status_code == 200, answer.text
        found: list[Row] = answer.json()["rows"]
        return found

    return rows
