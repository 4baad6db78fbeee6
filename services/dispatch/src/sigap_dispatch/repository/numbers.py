"""The numbers of incidents. Each regency, series and local day has a counter, which is raised in the transaction that
uses the number.
"""

from datetime import date
from typing import Any

from sigap_common.database import CompiledStatement, insert
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.domain.commands import Numbered
from sigap_dispatch.models import counters

DRILL_MARK = "LATIHAN"
"""Drills have a series of their own: `<prefix>-LATIHAN-<yyyymmdd>-<nnnn>`."""
LONGEST_COUNTER = 9

_NEXT = CompiledStatement(
    insert(counters)
    .on_conflict_do_update(index_elements=["regency", "series", "day"], set_={"last": counters.c.last + 1})
    .returning(counters.c.last),
    ["regency", "series", "day", "last"],
)


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
