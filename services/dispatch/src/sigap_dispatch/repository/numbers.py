"""Human numbers: a counter a regency, series and local day, taken in the transaction that uses it."""

from datetime import date

from sqlalchemy import bindparam, text

from sigap_common.transaction import Transaction
from sigap_dispatch.domain.commands import Numbered

DRILL_MARK = "LATIHAN"
"""Drills have a series of their own: `<prefix>-LATIHAN-<yyyymmdd>-<nnnn>`."""

_NEXT = text(
    "INSERT INTO counters (regency, series, day, last) VALUES (:regency, :series, :day, 1) "
    "ON CONFLICT (regency, series, day) DO UPDATE SET last = counters.last + 1 RETURNING last"
).bindparams(bindparam("regency"), bindparam("series"), bindparam("day"))


class Numbers:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def next(self, regency: str, prefix: str, day: date, *, drill: bool) -> Numbered:
        """`<prefix>-<yyyymmdd>-<nnnn>`, of four digits or more. Holds the counter until the transaction ends."""
        series = f"{prefix}-{DRILL_MARK}" if drill else prefix
        values = {"regency": regency, "series": series, "day": day.isoformat()}
        last = (await self._tx.connection.execute(_NEXT, values)).scalar_one()
        return Numbered(f"{series}-{day:%Y%m%d}-{last:04d}", day)
