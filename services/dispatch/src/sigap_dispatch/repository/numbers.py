"""The numbers of incidents. Each regency, series and local day has a counter, which is raised in the transaction that
uses the number.
"""

import json
from collections.abc import Sequence
from datetime import date
from operator import itemgetter
from typing import Any

from sqlalchemy import case

from sigap_common.bus.envelope import Message
from sigap_common.contracts.base import type_name
from sigap_common.contracts.incidents import IncidentCreated
from sigap_common.contracts.referrals import ReferralOpened
from sigap_common.database import CompiledStatement, Connection, insert
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.domain.commands import Numbered
from sigap_dispatch.models import counters

DRILL_MARK = "LATIHAN"
"""Drills have a series of their own: `<prefix>-LATIHAN-<yyyymmdd>-<nnnn>`."""
LONGEST_COUNTER = 9

_KEYS = ("regency", "series", "day")
_NEXT = CompiledStatement(
    insert(counters)
    .on_conflict_do_update(index_elements=_KEYS, set_={"last": counters.c.last + 1})
    .returning(counters.c.last),
    [*_KEYS, "last"],
)
_given = insert(counters)
_RAISE = _given.on_conflict_do_update(
    index_elements=_KEYS,
    set_={"last": case((counters.c.last > _given.excluded.last, counters.c.last), else_=_given.excluded.last)},
)
_NUMBERED = {type_name(IncidentCreated), type_name(ReferralOpened)}


def is_drill_number(number: str) -> bool:
    """Whether the number is of the series of drills."""
    return DRILL_MARK in number.split("-")


def counter_of(number: str) -> int | None:
    """The counter at the end of an incident's number."""
    last = number.rpartition("-")[2]
    return int(last) if last.isdecimal() and len(last) <= LONGEST_COUNTER else None


class Numbers:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def next(self, regency: str, prefix: str, day: date, *, drill: bool, letter: str | None = None) -> Numbered:
        """The next number, `<prefix>-<yyyymmdd>-<nnnn>`, with four digits or more. It locks the counter until the
        transaction ends. With a `letter` it is of a series of its own, `<prefix>-<letter>-<yyyymmdd>-<nnnn>`.
        """
        series = f"{prefix}-{DRILL_MARK}" if drill else prefix
        series = f"{series}-{letter}" if letter else series
        first = {"regency": regency, "series": series, "day": day.isoformat(), "last": 1}
        ((last,),) = await _NEXT.rows(self._tx.connection, first)
        return Numbered(f"{series}-{day:%Y%m%d}-{last:04d}", day)


async def keep_numbers_given(connection: Connection, said: Sequence[Message]) -> None:
    """Raises the counters above the numbers in these events. After a restore, agencies know incidents that the database
    does not have: their numbers must not be given to others.
    """
    given = [row for one in said if one.envelope.type in _NUMBERED and (row := _counter_row(one))]
    highest = {tuple(row[key] for key in _KEYS): row for row in sorted(given, key=itemgetter("last"))}
    if highest:
        await connection.execute(_RAISE, list(highest.values()))


def _counter_row(message: Message) -> dict[str, Any] | None:
    """The row of `counters` that has given this event's number. None: the number is of another form."""
    number = str(json.loads(message.data).get("number"))
    series, _, day = number.rpartition("-")[0].rpartition("-")
    last = counter_of(number)
    if last is None or not series or not (len(day) == len("yyyymmdd") and day.isdecimal()):
        return None
    day = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    return {"regency": message.envelope.regency, "series": series, "day": day, "last": last}
