"""How soon a month's roster is found, by staff and by the share of their contract hours that the seats need.

The centre has three shifts round the clock (07-14-21-07), each with a leader and somebody of each agency, under the
rules that most packs name. 6 % of the days are leave. The people, their leave and the search follow from a seed. The
solver runs in a process of its own, of the lowest priority, as in the service. How evenly nights, weekends and hours
are shared is told of the first plan without open seats, and of the last one within the stated time.
"""

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from tests.load.report import Figure, show
from tests.load.usage import resident_mb

from sigap_common.core.aggregate import Aggregate
from sigap_common.personal_data import Sealed
from sigap_common.regency import RosterPolicy, Shift, ShiftPattern
from sigap_roster.domain import Circumstances, Planned, Roster, Skill, StaffMember, check, draft, plan
from sigap_roster.domain.program import Existing, Written, written
from sigap_roster.domain.rules.work import facts_of
from sigap_roster.solver.wire import Effort, lines_of

REGENCY, SEED = "99.95", 2027
SIZES: tuple[tuple[int, int, float], ...] = ((12, 2, 5), (40, 3, 30), (90, 4, 120))
"""People, agencies, and the seconds within which all seats are to be filled."""
USED = (0.70, 0.86)
FIRST, LAST = date(2027, 3, 1), date(2027, 3, 31)
BEFORE = datetime(2027, 2, 15, tzinfo=UTC)
HOURS_A_WEEK, LEAVE_SHARE = 40, 0.06
LEADERS = 2
"""One of so many people of each agency can lead a shift."""
_ROOT = UUID("018dc000-0000-7000-8000-000000000099")
SHIFTS = (("pagi", "07:00", "14:00"), ("siang", "14:00", "21:00"), ("malam", "21:00", "07:00"))


def policies(agencies: Sequence[str]) -> tuple[RosterPolicy, ...]:
    """The rules of a centre of these agencies."""
    told: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
        ("rest-between-shifts", "hard", {"hours": 11}),
        ("weekly-hours", "hard", {"hours": HOURS_A_WEEK}),
        ("weekly-rest-days", "hard", {"days": 1}),
        ("max-nights-in-a-row", "hard", {"nights": 3, "rest_days_after": 1}),
        ("agencies-together", "hard", {"agencies": [*agencies], "at_least": len(agencies)}),
        ("skill-on-shift", "hard", {"skill": "leader", "at_least": 1}),
        ("forward-rotation", "soft", {}),
        ("weekends-off", "soft", {"a_month": 1}),
        ("fair-shares", "soft", {}),
    )
    return tuple(
        RosterPolicy.model_validate({"code": code, "strength": strength, "source": "measurement", "params": params})
        for code, strength, params in told
    )


def made(people: int, agencies: int, used: float) -> tuple[Roster, Circumstances]:
    """A month without assignments, and all that is known about it."""
    dice = random.Random(SEED)  # the same people on each run
    staff = {
        (who := uuid5(_ROOT, str(n))): StaffMember(
            id=who,
            regency=REGENCY,
            version=1,
            name=Sealed(f"Petugas {n}"),
            subject=None,
            employment="contract",
            agency=f"{REGENCY}/agency-{n % agencies}",
            skills=(Skill(code="leader"),) if n // agencies % LEADERS == 0 else (),
        )
        for n in range(people)
    }
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    wanted = seats(people, used)
    pattern = ShiftPattern(
        shifts=tuple(
            Shift(code=code, name=code, start=start, end=end, seats=n)
            for (code, start, end), n in zip(SHIFTS, wanted, strict=True)
        )
    )
    around = Circumstances(
        people=staff,
        pattern=pattern,
        zone=ZoneInfo("Asia/Jakarta"),
        policies=policies([f"agency-{n}" for n in range(agencies)]),
        leave={who: frozenset(day for day in days if dice.random() < LEAVE_SHARE) for who in staff},
    )
    return draft(Aggregate(id=_ROOT, regency=REGENCY), FIRST, LAST), around


def seats(people: int, used: float) -> tuple[int, int, int]:
    """Seats of the three shifts, which need this share of all hours. The night is never the largest shift."""
    hours = used * people * HOURS_A_WEEK / 7
    night = max(2, int(hours / 24))
    day = max(2, round((hours - 10 * night) / 14))
    return day, day, night


def found(program: Written, seconds: float, seed: int = SEED) -> Iterator[tuple[float, Mapping[str, Any], int]]:
    """What the solving process tells: after how many seconds, what, and the number of the process."""
    began = time.monotonic()
    command = [sys.executable, "-m", "sigap_roster.solver"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(lines_of(program.program, Effort(steps=seconds, seconds=seconds, seed=seed)))
        process.stdin.flush()
        for line in process.stdout:
            yield time.monotonic() - began, json.loads(line), process.pid
    finally:
        process.kill()
        process.wait(10)


def open_seats(roster: Roster, around: Circumstances, planned: tuple[Planned, ...]) -> tuple[int, int]:
    """Open seats and hard breaches, as the rules count them."""
    breaches = check(plan(roster, planned), around, BEFORE)
    seats = sum(one.params["open"] for one in breaches if one.rule == "seats-filled")
    return seats, sum(one.strength == "hard" for one in breaches)


def _spread(roster: Roster, around: Circumstances, planned: tuple[Planned, ...]) -> tuple[float, float, float]:
    """How far the person who is furthest from the share is: in nights, in weekend days, and in hours. All may take all
    shifts; hours are shared by the days on which a person is not on leave.
    """
    of_person = facts_of(plan(roster, planned), around, BEFORE).of_person
    works = [of_person.get(who, ()) for who in around.people]
    nights = [sum(work.night for work in own) for own in works]
    weekends = [sum(work.day.weekday() >= 5 for work in own) for own in works]
    hours = [sum(work.hours for work in own) for own in works]
    there = [len([*roster.days()]) - len(around.leave[who]) for who in around.people]
    shares = [sum(hours) * days / sum(there) for days in there]
    of_hours = max(abs(one - share) for one, share in zip(hours, shares, strict=True))
    return _furthest(nights), _furthest(weekends), of_hours


def _furthest(counts: Sequence[int]) -> float:
    return max(abs(one - sum(counts) / len(counts)) for one in counts)


def _shared(name: str, spread: tuple[float, float, float]) -> Figure:
    nights, weekends, hours = spread
    told = f"{nights:.1f} nights, {weekends:.1f} weekend days, {hours:.1f} h"
    return Figure(name, told, "within 1, 1 and 8", nights <= 1 and weekends <= 1 and hours <= 8)


def _measured(people: int, agencies: int, used: float, seconds: float) -> list[Figure]:
    roster, around = made(people, agencies, used)
    began = time.monotonic()
    program = written(roster, around, BEFORE, Existing.REPLACE)
    writing = time.monotonic() - began
    wanted = sum(shift.seats for shift in around.pattern.shifts) * ((LAST - FIRST).days + 1)
    figures = [
        Figure(
            "seats; variables; limits; written in",
            f"{wanted}; {len(program.choices)}; {len(program.program.limits)}; {writing:.1f} s",
        )
    ]
    filled_after, peak, first = None, 0.0, True
    for after, told, process in found(program, seconds):
        peak = max(peak, resident_mb(process))
        if "chosen" not in told:
            continue
        chosen = program.plan(told["chosen"])
        missing, hard = open_seats(roster, around, chosen)
        if missing == 0 and filled_after is None:
            filled_after = after
            figures.append(_shared("furthest from the share when no seat is open", _spread(roster, around, chosen)))
        if first:
            figures.append(Figure("first plan: after, open seats, hard breaches", f"{after:.1f} s, {missing}, {hard}"))
            first = False
    last = f"{after:.1f} s, {missing}, {hard}, costs {told['costs']}, proven {told['proven']}"
    figures.append(Figure("last plan: after, open seats, hard breaches, costs", last))
    figures.append(_shared("furthest from the share in the last plan", _spread(roster, around, chosen)))
    figures.append(Figure("memory of the process", f"{peak:.0f} MB", "at most 1,500 MB", peak <= 1500))
    met = filled_after is not None and filled_after <= seconds
    told_after = f"{filled_after:.1f} s" if filled_after is not None else "never"
    figures.append(Figure("no open seat after", told_after, f"at most {seconds:.0f} s", met))
    return figures


def measure() -> None:
    for people, agencies, seconds in SIZES:
        for used in USED:
            title = f"a month of {people} people of {agencies} agencies, {used:.0%} of their hours"
            show(title, _measured(people, agencies, used, seconds))
