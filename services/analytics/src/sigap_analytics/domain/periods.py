"""Periods: whole local days, the first and the last of them included."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sigap_common.core.errors import Fault, Invalid

LONGEST_DAYS = 1827
"""Five years, with up to two leap days."""
MOST_PARTS = 10_000
"""An answer has no more parts of a period than this."""
_PARTS_A_DAY = {"hour": 24, "day": 1}


class Grain(StrEnum):
    """The length of the parts that a period is cut into."""

    TOTAL = "total"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """A period of local days, for each regency by its own clock."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def check(self, grain: Grain = Grain.TOTAL) -> None:
        """Checks the period. Raises Invalid if it is reversed, longer than five years, or cut into too many parts."""
        if self.last < self.first:
            raise _invalid("to", "period_reversed", first=self.first.isoformat())
        if self.days > LONGEST_DAYS:
            raise _invalid("to", "period_too_long", years=5)
        if (parts := self.days * _PARTS_A_DAY.get(grain, 0)) > MOST_PARTS:
            raise _invalid("grain", "grain_too_fine", parts=parts, most=MOST_PARTS)


def _invalid(parameter: str, kind: str, **params: object) -> Invalid:
    return Invalid(errors=[Fault(("query", parameter), kind, params)])
