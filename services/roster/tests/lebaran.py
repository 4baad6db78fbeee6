"""Lebaran 2027 in a centre of twelve people, by the pack of its city: from spreadsheets to the published plan. What
comes of it is counted by `independent`, from the published duties and from what the spreadsheets say.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

import yaml
from services.roster.tests import independent

from sigap_common.personal_data import Sealed
from sigap_common.regency import Employment, Pack, validate_pack
from sigap_roster.domain import Circumstances, Planned, Sex, StaffMember
from sigap_roster.solver.queue import solve_next
from sigap_testing.kit import Kit

PACKS = sorted((Path(__file__).parents[3] / "regencies").glob("*.yaml"))
_ROOT = UUID("018dc000-0000-7000-8000-000000000111")
_WORDS = {"kontrak": Employment.CONTRACT, "PNS": Employment.CIVIL_SERVANT, "kepolisian": Employment.POLICE}
_ALL_OF_MARCH = (date(2027, 3, 1), date(2027, 3, 31))


@dataclass(frozen=True)
class Person:
    """A row of the list of staff. `agrees`: to overtime, since January."""

    number: str
    name: str
    employment: str
    sex: str
    agrees: bool = False


PEOPLE = (
    Person("OP-01", "Siti Aminah", "kontrak", "P", agrees=True),
    Person("OP-02", "Rina Wati", "PNS", "P"),
    Person("OP-03", "Dewi Lestari", "kontrak", "P", agrees=True),
    Person("OP-04", "Nurhayati", "kontrak", "P"),
    Person("OP-05", "Fitri Handayani", "kepolisian", "P"),
    Person("OP-06", "Yuliana Sari", "kontrak", "P", agrees=True),
    Person("OP-07", "Budi Santoso", "kontrak", "L", agrees=True),
    Person("OP-08", "Joko Susilo", "kontrak", "L", agrees=True),
    Person("OP-09", "Agus Salim", "PNS", "L"),
    Person("OP-10", "Rahmat Hidayat", "kepolisian", "L"),
    Person("OP-11", "Eko Prasetyo", "kontrak", "L", agrees=True),
    Person("OP-12", "Dedi Kurnia", "PNS", "L"),
)
"""OP-04 agreed to no overtime, which no plan may pass over."""
LEAVE = {"OP-01": (date(2027, 3, 8), date(2027, 3, 12)), "OP-08": (date(2027, 3, 10), date(2027, 3, 14))}
WISHES = {"OP-03": (date(2027, 3, 10), date(2027, 3, 11)), "OP-09": (date(2027, 3, 10), date(2027, 3, 10))}
"""First and last day, by staff number."""


def pack_of(path: Path) -> Pack:
    return validate_pack(yaml.safe_load(path.read_text("utf-8")))


def staff_file(pack: Pack) -> str:
    rows = (
        f"{one.number};{one.name};{agency};{one.employment};{one.sex};{'2027-01-04' if one.agrees else ''}\n"
        for one, agency in zip(PEOPLE, _agencies(pack), strict=True)
    )
    head = "Nomor Petugas;Nama;Instansi;Status Kepegawaian;Jenis Kelamin;Setuju Lembur Sejak\n"
    return head + "".join(rows)


def absence_file() -> str:
    rows = (
        f"{number};{kind};{first};{last}\n"
        for kind, told in (("cuti", LEAVE), ("keinginan", WISHES))
        for number, (first, last) in told.items()
    )
    return "Nomor Petugas;Jenis;Dari;Sampai\n" + "".join(rows)


def _agencies(pack: Pack) -> list[str]:
    """By turns, those that the pack wants together on a shift; or none."""
    together = next((one for one in pack.policies if one.code == "agencies-together"), None)
    agencies = together.listed("agencies") if together else [""]
    return [agencies[at % len(agencies)] for at in range(len(PEOPLE))]


@dataclass(frozen=True)
class Published:
    """A published plan as anybody reads it. `found`: what the search told at its end."""

    pack: Pack
    first: date
    last: date
    duties: Sequence[Mapping[str, Any]]
    found: Mapping[str, Any]
    page: str

    @property
    def open_seats(self) -> int:
        """Counted from the duties; -1000 for each shift that has more people than seats."""
        filled = Counter((one["day"], one["shift"]) for one in self.duties)
        free = [
            shift.seats - filled[f"{self.first + timedelta(days=n)}", shift.code]
            for n in range((self.last - self.first).days + 1)
            for shift in self.pack.shifts.shifts
        ]
        return sum(seats if seats >= 0 else -1000 for seats in free)

    @property
    def broken(self) -> set[str]:
        """The hard rules that it breaks."""
        return independent.broken(self._planned(), known(self.pack), self.first, self.last)

    @property
    def broken_softly(self) -> set[str]:
        return independent.broken_softly(self._planned(), known(self.pack), self.first, self.last)

    @property
    def wishes_not_met(self) -> int:
        return sum(WISHES[one.number][0] <= day <= WISHES[one.number][1] for one, day in self._days(WISHES))

    def hours(self) -> dict[str, float]:
        """Working hours of each person, by name."""
        lengths = {shift.code: _hours(shift.start, shift.end) - shift.break_minutes / 60 for shift in self._shifts()}
        found = dict.fromkeys((one.name for one in PEOPLE), 0.0)
        for one in self.duties:
            found[one["name"]] += lengths[one["shift"]]
        return found

    def nights(self) -> dict[str, int]:
        return Counter(one["name"] for one in self.duties if one["shift"] == self._shifts()[-1].code)

    def _shifts(self) -> Sequence[Any]:
        return self.pack.shifts.shifts

    def _planned(self) -> list[Planned]:
        ids = {one.name: _id(one) for one in PEOPLE}
        return [
            Planned(staff_id=ids[one["name"]], day=date.fromisoformat(one["day"]), shift=one["shift"])
            for one in self.duties
        ]

    def _days(self, of: Mapping[str, object]) -> list[tuple[Person, date]]:
        by_name = {one.name: one for one in PEOPLE if one.number in of}
        told = [(by_name.get(one["name"]), date.fromisoformat(one["day"])) for one in self.duties]
        return [(person, day) for person, day in told if person]


def known(pack: Pack) -> Circumstances:
    """What the spreadsheets and the pack say, for the count."""
    people = [
        StaffMember(
            id=_id(one),
            regency=pack.code,
            version=1,
            name=Sealed(one.name),
            subject=None,
            agency=f"{pack.code}/{agency}" if agency else None,
            employment=_WORDS[one.employment],
            sex=Sex.FEMALE if one.sex == "P" else Sex.MALE,
            overtime_agreed_on=date(2027, 1, 4) if one.agrees else None,
        )
        for one, agency in zip(PEOPLE, _agencies(pack), strict=True)
    ]
    return Circumstances(
        pack.shifts,
        ZoneInfo(pack.time_zone),
        {one.id: one for one in people},
        policies=pack.policies,
        holidays={one.date: one.name for one in pack.holidays},
        seasons=pack.seasons,
        leave={_id(one): _between(*LEAVE[one.number]) for one in PEOPLE if one.number in LEAVE},
    )


def _id(one: Person) -> UUID:
    return uuid5(_ROOT, one.number)


def _between(first: date, last: date) -> frozenset[date]:
    return frozenset(first + timedelta(days=n) for n in range((last - first).days + 1))


def _hours(start: str, end: str) -> float:
    begins, ends = (int(clock[:2]) + int(clock[3:]) / 60 for clock in (start, end))
    return (ends - begins) % 24 or 24


async def published(kit: Kit, pack: Pack, seconds: int, days: tuple[date, date] = _ALL_OF_MARCH) -> Published:
    """Enters the spreadsheets, searches, takes what was found, and publishes it without a reason for any breach."""
    await kit.configure(pack)
    bearer, (first, last) = kit.bearer("planner", regencies=(pack.code,)), days

    async def ask(method: str, path: str, body: Any = None) -> Any:
        headers = {**bearer, "If-Match": "*", "Idempotency-Key": uuid4().hex}
        sent: dict[str, Any] = {"json": body, "headers": headers}
        if isinstance(body, str):
            sent = {"content": body, "headers": {**headers, "Content-Type": "text/csv"}}
        answer = await kit.client.request(method, path, **sent)
        assert answer.is_success, answer.text
        return answer.json() if "json" in answer.headers["content-type"] else answer.text

    await ask("POST", f"/v1/staff/import?regency={pack.code}", staff_file(pack))
    await ask("POST", f"/v1/absences/import?regency={pack.code}", absence_file())
    drafted = await ask("POST", "/v1/rosters", {"regency": pack.code, "first_day": f"{first}", "last_day": f"{last}"})
    roster = f"/v1/rosters/{drafted['id']}"
    search = await ask("POST", f"{roster}/solves", {"existing": "replace", "seconds": seconds})
    assert await solve_next(kit.runtime)
    found = await ask("GET", f"{roster}/solves/{search['id']}")
    await ask("POST", f"{roster}/solves/{search['id']}/take")
    await ask("POST", f"{roster}/publish")
    duties = await ask("GET", f"/v1/duties?regency={pack.code}&from={first}&to={last}&limit=200")
    assert duties["next"] is None, "a month of six seats a day has 186 duties at most"
    return Published(pack, first, last, duties["items"], found["found"], await ask("GET", f"{roster}/page"))
