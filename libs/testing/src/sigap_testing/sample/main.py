"""The sample service. One POST opens a door, another knocks on it. Its subscription to calls notes each call on the
door that the call names.
"""

from functools import cached_property
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import Column, Integer, MetaData, String, Table, Text, Uuid

from sigap_common.app.manifest import Service
from sigap_common.app.resources import Resources
from sigap_common.app.tables import mechanism_tables
from sigap_common.auth import Access, Role
from sigap_common.bus.envelope import Envelope
from sigap_common.contracts import topics
from sigap_common.contracts.base import Event
from sigap_common.contracts.calls import CallEnded, CallNoted, Note
from sigap_common.contracts.decision import Decision
from sigap_common.contracts.incidents import IncidentUpdated
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Conflict
from sigap_common.core.settings import ServiceSettings
from sigap_common.http.guards import allowed
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute, transaction
from sigap_common.http.stream_routes import add_stream
from sigap_common.http.types import ShortText
from sigap_common.messaging.aggregates import Aggregates, AggregateTable
from sigap_common.messaging.subscriptions import NotYet, on
from sigap_common.messaging.transaction import Transaction
from sigap_common.messaging.visibility import Policy
from sigap_common.personal_data import Sealed

metadata = MetaData()
tables = mechanism_tables(metadata)
doors = Table(
    "doors",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("knocks", Integer, nullable=False),
)


class Door(Aggregate):
    knocks: int = 0
    last: Sealed | None = None


class SampleTransaction(Transaction[Resources]):
    @cached_property
    def doors(self) -> Aggregates[Door]:
        return Aggregates(self, DOORS)

    def open_door(self, door_id: UUID, regency: str) -> Door:
        return self.doors.record(Decision(Aggregate(id=door_id, regency=regency), _evolve, [self._update()]))

    def knock(self, door: Door, words: str, times: int = 1) -> Door:
        return self.doors.record(Decision(door, _evolve, [self._update(words)] * times))

    def _update(self, words: str | None = None) -> IncidentUpdated:
        now = self.now()
        note = Note(at=now, by=None, text=Sealed(words)) if words else None
        return IncidentUpdated(at=now, recorded_at=now, note=note)


def _evolve(door: Aggregate, event: Event) -> Door:
    assert isinstance(event, IncidentUpdated)
    if not isinstance(door, Door):
        return Door(id=door.id, regency=door.regency)
    assert event.note
    return door.model_copy(update={"knocks": door.knocks + 1, "last": event.note.text})


DOORS = AggregateTable(doors, tables.timeline, Door, lambda door: {"knocks": door.knocks})


class OpenDoor(BaseModel):
    regency: str


class Knock(BaseModel):
    words: ShortText


class DoorOut(BaseModel):
    id: UUID
    knocks: int
    last: str | None = None


router = APIRouter(route_class=UseCaseRoute, tags=["doors"])
Tx = Annotated[SampleTransaction, transaction]
Operator = Annotated[Access, Depends(allowed(Role.operator))]


def _out(door: Door) -> DoorOut:
    return DoorOut(id=door.id, knocks=door.knocks, last=door.last.clear if door.last else None)


@router.post("/v1/doors", status_code=201, responses=problems())
async def open_door(body: OpenDoor, tx: Tx, access: Operator) -> DoorOut:
    access.require(body.regency)
    return _out(tx.open_door(tx.new_id(), body.regency))


@router.post("/v1/doors/{door_id}/knock", responses=problems(404, 409))
async def knock(door_id: UUID, body: Knock, tx: Tx, _: Operator) -> DoorOut:
    door = await tx.doors.get(door_id)
    if body.words == "again" and door.knocks:
        raise Conflict()
    return _out(tx.knock(door, body.words))


POLICY = Policy(opened_to=(Role.operator,))
add_stream(router, "/v1/doors", POLICY, Role.operator, Role.admin)


async def note_on_door(tx: SampleTransaction, event: CallNoted, envelope: Envelope) -> None:
    """The words `broken` fail; a door that is not there yet is waited for."""
    if event.text.clear == "broken":
        raise RuntimeError("this one cannot be handled")
    door = await tx.doors.find(UUID(envelope.subject))
    if door is None:
        raise NotYet("no such door")
    tx.knock(door, event.text.clear)


async def knock_at_the_end(tx: SampleTransaction, _: CallEnded, envelope: Envelope) -> None:
    door = await tx.doors.find(UUID(envelope.subject))
    if door is None:
        raise NotYet("no such door")
    tx.knock(door, "ended")


service = Service(
    name="sample",
    topic=topics.INCIDENTS,
    settings=ServiceSettings,
    transaction=SampleTransaction,
    resources=Resources,
    routers=(router,),
    metadata=metadata,
    tables=tables,
    migrations="sigap_testing.sample.migrations",
    subscriptions=(on(CallNoted, note_on_door), on(CallEnded, knock_at_the_end, blocking=False)),
)
