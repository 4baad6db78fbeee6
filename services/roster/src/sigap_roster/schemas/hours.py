"""The HTTP schemas of hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.http.schemas import like
from sigap_common.regency import Employment
from sigap_roster import examples
from sigap_roster.domain.hours import HoursOf, Share, Sums


class ShareOut(BaseModel):
    count: int
    share: float | None = Field(
        description="What the person would have if those who can take the same shifts had equally many; null: the "
        "person can take none, and has none. Only planners' shares heed restrictions such as `no_nights_until`; for "
        "others, each such person has a share. Required skills, `sex` and agreements to overtime count for all readers"
    )

    @classmethod
    def of(cls, one: Share) -> Self:
        return cls(count=int(one.count), share=_rounded(one.share))


class HoursShareOut(BaseModel):
    count: float
    share: float | None

    @classmethod
    def of(cls, one: Share) -> Self:
        return cls(count=round(one.count, 2), share=_rounded(one.share))


class SumsOut(BaseModel):
    """What a person has in some days, by the published plans."""

    duties: int
    hours: HoursShareOut
    nights: ShareOut
    weekends: ShareOut = Field(description="Saturdays and Sundays")
    holidays: ShareOut = Field(description="Days that the pack names as holidays")

    @classmethod
    def of(cls, sums: Sums) -> Self:
        told = {name: ShareOut.of(getattr(sums, name)) for name in ("nights", "weekends", "holidays")}
        return cls(duties=sums.duties, hours=HoursShareOut.of(sums.hours), **told)


class HoursOut(BaseModel):
    staff_id: UUID
    name: str
    number: str | None
    agency: str | None
    employment: Employment | None
    period: SumsOut
    year: SumsOut = Field(description="From 1 January of the last day's year until the last day")
    overtime_hours: float | None = Field(
        description="In the weeks whose Monday is in the period: above the usual hours of a day, if `overtime-limit` "
        "is for the person, and of the other hours those above the contract or the rule `weekly-hours`; null: no such "
        "rule is for the person"
    )
    attended_hours: float = Field(
        description="From the recorded start to the recorded end of duties, without their unpaid breaks"
    )
    late_minutes: int = Field(description="By which duties started after their planned start, all together")

    @classmethod
    def of(cls, one: HoursOf) -> Self:
        person = one.person
        return cls(
            staff_id=person.id,
            name=person.name.clear,
            number=person.number.clear if person.number else None,
            agency=person.agency,
            employment=person.employment,
            period=SumsOut.of(one.period),
            year=SumsOut.of(one.year),
            overtime_hours=_rounded(one.overtime),
            attended_hours=round(one.attended, 2),
            late_minutes=one.late,
        )


class HoursList(BaseModel):
    """Everybody who is active or has a duty in the days, by name."""

    model_config = like(examples.HOURS)

    regency: str
    first_day: date
    last_day: date
    items: list[HoursOut]


@dataclass(frozen=True, slots=True)
class Period:
    """The days of a list of hours."""

    regency: str
    first_day: date
    last_day: date

    def listed(self, found: Sequence[HoursOf]) -> HoursList:
        items = [HoursOut.of(one) for one in found]
        return HoursList(regency=self.regency, first_day=self.first_day, last_day=self.last_day, items=items)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
