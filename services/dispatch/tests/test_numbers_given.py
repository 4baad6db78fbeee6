"""After a restore: numbers that the log tells of and the database does not know are not given to other incidents."""

from typing import Any

from services.dispatch.tests.dispatch_histories import NOON, REGENCY, Desk
from sqlalchemy import select

from sigap_common.bus.envelope import Envelope, Message
from sigap_common.core.ids import uuid7
from sigap_dispatch.models import counters
from sigap_dispatch.repository.numbers import keep_numbers_given

CREATED, OPENED = "sigap.IncidentCreated.v1", "sigap.ReferralOpened.v1"


def said(kind: str, number: str) -> Message:
    subject = str(uuid7())
    envelope = Envelope(uuid7(), "dispatch", kind, subject, NOON, REGENCY, 1, uuid7(), partitionkey=subject)
    return Message.of("sigap.incidents", subject, envelope, f'{{"number": "{number}"}}'.encode())


async def rows(desk: Desk) -> dict[tuple[str, str], int]:
    async with desk.kit.runtime.database.read() as connection:
        found: Any = await connection.execute(select(counters))
        return {(row.series, row.day): row.last for row in found}


async def test_counters_are_raised_above_numbers_given_and_never_lowered(desk: Desk) -> None:
    messages = [
        said(CREATED, "CTH-20240219-0009"),
        said(CREATED, "CTH-20240219-0007"),
        said(CREATED, "CTH-LATIHAN-20240219-0002"),
        said(OPENED, "CTH-R-20240218-0012"),
        said(CREATED, "of another form"),
        said("sigap.IncidentClosed.v1", "CTH-20240219-0400"),
    ]
    wanted = {("CTH", "2024-02-19"): 9, ("CTH-LATIHAN", "2024-02-19"): 2, ("CTH-R", "2024-02-18"): 12}
    for given in (messages, [said(CREATED, "CTH-20240219-0003")]):
        async with desk.kit.runtime.database.write() as connection:
            await keep_numbers_given(connection, given)
        assert await rows(desk) == wanted
