"""The list of dropped calls with 100,000 behind it: OPEN callbacks are still to be called, all others are over."""

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select
from tests.faults.regency import place
from tests.load.board import AT_ONCE, CODE, OPEN, Listed
from tests.load.board import measure as measure_lists

from sigap_common.contracts.callbacks import Drop, DroppedCall
from sigap_common.contracts.calls import Channel
from sigap_common.contracts.places import Place
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.ids import uuid7
from sigap_common.personal_data import Sealed
from sigap_common.regency import CallbackPolicy
from sigap_intake.domain.callback_decisions import DropCall, open_callback
from sigap_intake.domain.callback_rank import Signs
from sigap_intake.main import service as intake
from sigap_intake.models.callbacks import callbacks
from sigap_testing.kit import Kit

BEHIND = 100_000
P99_MS = 20.0


async def _callbacks(kit: Kit) -> None:
    for first in range(0, OPEN, AT_ONCE):
        kit.clock.advance(60)
        async with kit.runtime.transaction() as tx:
            for number in range(first, first + AT_ONCE):
                begun = Aggregate(id=tx.new_id(), regency=CODE)
                tx.callbacks.record(open_callback(begun, _drop(kit, number), tx.now()))
    await _add_those_that_are_over(kit)


def _drop(kit: Kit, number: int) -> DropCall:
    lat, lon = place(CODE)
    now = kit.clock()
    call = DroppedCall(
        call_id=uuid7(),
        drop=Drop.ABANDONED,
        channel=Channel.TELEPHONE,
        received_at=now - timedelta(seconds=9),
        ended_at=now,
    )
    return DropCall(
        call=call,
        policy=CallbackPolicy(),
        signs=Signs(others=number % 4, night=number % 3 == 0, incident_near=number % 10 == 0),
        number=Sealed(f"+62811{number:07}"),
        caller_hash=f"caller {number}",
        place=Place.of(lat, lon, 20.0, f"Jalan Uji {number}, dekat pasar"),
    )


async def _add_those_that_are_over(kit: Kit) -> None:
    """As copies of one row: the list reads none of them."""
    async with kit.runtime.database.write() as connection:
        row = (await connection.execute(select(callbacks).limit(1))).one()
        over: dict[str, Any] = {**row._mapping, "state": "expired", "position": None, "due_at": None}
        for first in range(OPEN, BEHIND, 1000):
            keys = [{"id": uuid7(), "first_call": uuid7()} for _ in range(first, first + 1000)]
            await connection.execute(insert(callbacks), [over | key for key in keys])


CALLBACKS = Listed(
    "the dropped calls, 100,000 behind them", intake, "/v1/callbacks", b'"joined_by"', _callbacks, p99_ms=P99_MS
)


def measure() -> None:
    measure_lists((CALLBACKS,))
