"""Hours, overtime, nights and fair shares: what is counted, and the files of it."""

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

from services.roster.tests.roster_histories import BEFORE, JAKARTA, around, on, person, who
from services.roster.tests.test_program import a_roster, of_the_centre, rule

from sigap_common.core.table_files import Table
from sigap_common.regency import Employment, Pack, Season
from sigap_roster.domain import Sex, Taken, span_of
from sigap_roster.domain.hours import HoursOf, Worked, hours, spread
from sigap_roster.domain.rules.work import facts_of
from sigap_roster.files.hours import COLUMNS
from sigap_testing.kit import Kit

from .conftest import Desk, Draft, Enter
from .test_api import refused

WEEKLY = rule("weekly-hours", hours=40)


def duty(name: str, day: date, shift: str = "pagi") -> Taken:
    known = next(one for one in around().pattern.shifts if one.code == shift)
    return Taken(who(name), day, shift, span_of(known, day, JAKARTA))


def counted(
    *taken: Taken, first: date = date(2027, 3, 1), last: date = date(2027, 3, 31), **told: object
) -> list[HoursOf]:
    people = told.pop("people", (person("budi"), person("siti")))
    assert isinstance(people, tuple)
    return hours(first, last, Worked(taken), around(*people, **told), BEFORE)


def march(day: int) -> date:
    return date(2027, 3, day)


def test_a_night_over_midnight_is_one_night_of_the_day_it_begins() -> None:
    budi, siti = counted(duty("budi", march(31), "malam"), duty("budi", date(2027, 4, 1)))
    assert (budi.period.duties, budi.period.hours.count, budi.period.nights.count) == (1, 10, 1)
    assert (budi.period.nights.share, siti.period.nights.share) == (0.5, 0.5)
    assert siti.period.hours.count == 0


def test_overtime_is_counted_in_whole_weeks_by_their_monday() -> None:
    week = [duty("budi", march(29) + timedelta(days=number), "malam") for number in range(5)]
    (budi, siti) = counted(*week, policies=(WEEKLY,))
    assert (budi.period.hours.count, budi.overtime) == (30, 10), "three of its nights are in March, its Monday is"
    assert siti.overtime == 0
    (budi, _) = counted(*week, policies=(WEEKLY,), first=date(2027, 4, 1), last=date(2027, 4, 30))
    assert (budi.period.hours.count, budi.overtime) == (20, 0)
    assert counted(*week)[0].overtime is None, "no rule says how many hours are usual"


def test_overtime_of_a_day_counts_if_a_rule_limits_overtime_and_no_hour_counts_twice() -> None:
    limit, six_days = rule("overtime-limit", hours_a_day=4, hours_a_week=18), rule("weekly-rest-days", days=1)
    nights = [duty("budi", march(1) + timedelta(days=number), "malam") for number in range(3)]
    assert counted(*nights, policies=(WEEKLY, six_days))[0].overtime == 0
    assert counted(*nights, policies=(WEEKLY, six_days, limit))[0].overtime == 9, "three hours above seven, each night"
    week = [duty("budi", march(1) + timedelta(days=number), "malam") for number in range(6)]
    assert counted(*week, policies=(WEEKLY, six_days, limit))[0].overtime == 20, "18 of the days, 2 of the 42 others"


def test_a_season_that_begins_after_the_days_gives_nobody_overtime() -> None:
    """The week of 8 March is in the season, and none of its days is counted."""
    later = Season(code="ramadan", name="Ramadan", first_day=march(8), last_day=march(31))
    rules = (rule("weekly-hours", hours=32.5, season="ramadan"),)
    (budi, _) = counted(duty("budi", march(1)), last=march(7), policies=rules, seasons=(later,))
    assert budi.overtime is None
    (budi, _) = counted(duty("budi", march(1)), last=march(8), policies=rules, seasons=(later,))
    assert budi.overtime == 0


def test_a_rule_for_another_employment_gives_nobody_overtime() -> None:
    people = (person("budi", employment=Employment.POLICE),)
    week = [duty("budi", march(1) + timedelta(days=number), "malam") for number in range(7)]
    (budi,) = counted(*week, policies=(rule("weekly-hours", hours=40, employment="contract"),), people=people)
    assert budi.overtime is None


def test_the_year_is_counted_until_the_last_day_and_not_beyond() -> None:
    taken = [
        duty("budi", date(2026, 12, 31)),
        duty("budi", date(2027, 1, 1)),
        duty("budi", march(2)),
        duty("siti", march(2)),
    ]
    budi, siti = counted(*taken, duty("budi", date(2027, 4, 3)))
    assert (budi.period.duties, budi.year.duties, siti.year.duties) == (1, 2, 1)
    assert budi.year.hours.count == 14


def test_each_month_of_the_year_is_shared_among_those_who_were_there() -> None:
    budi, siti = counted(duty("budi", date(2027, 1, 1)), duty("budi", march(2)), duty("siti", march(3)))
    assert (budi.year.hours.share, siti.year.hours.share) == (14, 7), "Siti came in March and owes nothing for January"
    budi, siti = counted(duty("budi", march(2)), duty("budi", march(3)))
    assert (budi.period.hours.share, siti.period.hours.share) == (7, 7), "whom the month's plan forgot is seen"


def test_part_time_has_its_part_of_the_hours() -> None:
    people = (person("budi"), person("siti", weekly_hours=20))
    week = [duty("budi", march(day)) for day in range(1, 5)] + [duty("siti", march(day)) for day in (5, 6)]
    budi, siti = counted(*week, people=people, policies=(WEEKLY,))
    assert (budi.period.hours.share, siti.period.hours.share) == (28, 14)
    assert (budi.year.hours.share, siti.year.hours.share) == (28, 14)


def test_part_time_with_its_part_is_not_far_from_a_full_week() -> None:
    people = (person("budi"), person("siti", weekly_hours=20))
    planned = [on("budi", day, "pagi") for day in range(1, 5)] + [on("siti", day, "pagi") for day in (5, 6)]
    around_all = of_the_centre(WEEKLY, people=people)
    assert spread(facts_of(a_roster(*planned), around_all, BEFORE))["hours"] == 0
    assert spread(facts_of(a_roster(*planned[:-1]), around_all, BEFORE))["hours"] > 13, "one of two duties is missing"


def test_who_cannot_take_nights_has_no_share_of_them() -> None:
    city = rule("women-by-day-men-by-night", day_shifts=["pagi", "siang"], night_shifts=["malam"])
    people = (person("budi", sex=Sex.MALE), person("joko", sex=Sex.MALE), person("siti", sex=Sex.FEMALE))
    budi, joko, siti = counted(duty("budi", march(1), "malam"), people=people, policies=(city,))
    assert (budi.period.nights.share, joko.period.nights.share, siti.period.nights.share) == (0.5, 0.5, None)
    assert siti.period.weekends.share == 0


def test_women_by_day_and_men_by_night_share_among_themselves() -> None:
    """Siti and Rina have eight mornings, four of them at weekends; Budi and Joko have two nights, one at a weekend."""
    city = rule("women-by-day-men-by-night", day_shifts=["pagi", "siang"], night_shifts=["malam"])
    women = [person(name, sex=Sex.FEMALE) for name in ("siti", "rina")]
    people = (*women, *(person(name, sex=Sex.MALE) for name in ("budi", "joko")))
    taken = [duty("siti", march(day)) for day in (1, 2, 6, 7)] + [duty("rina", march(day)) for day in (3, 4, 13, 14)]
    taken += [duty("budi", march(5), "malam"), duty("joko", march(6), "malam")]
    taken = [replace(one, shift="") for one in taken]  # as they are read: by their times
    told = {one.person.name.clear: one.period for one in counted(*taken, people=people, policies=(city,))}
    assert [(told[name].hours.share, told[name].weekends.share) for name in ("Siti", "Rina")] == [(28, 2)] * 2
    assert [(told[name].hours.share, told[name].weekends.share) for name in ("Budi", "Joko")] == [(10, 0.5)] * 2
    planned = [on(name, day) for name, days in (("siti", (1, 2, 6)), ("rina", (3, 4, 7))) for day in days]
    planned += [on("budi", 5, "malam"), on("joko", 8, "malam")]
    apart = spread(facts_of(a_roster(*planned), around(*people, policies=(city,)), BEFORE))
    assert apart == {"nights": 0, "weekends": 0, "holidays": 0, "hours": 0}


def test_who_has_not_agreed_to_overtime_has_no_share_of_shifts_that_are_overtime() -> None:
    limit = rule("overtime-limit", hours_a_day=4, hours_a_week=18, employment="contract")
    people = (
        person("budi", employment="contract", overtime_agreed_on=march(1)),
        person("joko", employment="contract"),
        person("siti", employment="civil_servant"),
    )
    budi, joko, siti = counted(
        duty("budi", march(1), "malam"), duty("siti", march(2), "malam"), people=people, policies=(limit,)
    )
    assert [one.period.nights.share for one in (budi, joko, siti)] == [1, None, 1]


def test_a_shift_that_is_gone_from_the_pack_was_for_everybody() -> None:
    taken = [duty("budi", march(6)), duty("siti", march(7), "siang"), duty("siti", march(13), "siang")]
    pattern = around().pattern.model_copy(update={"shifts": around().pattern.shifts[:1]})
    budi, siti = counted(*taken, pattern=pattern)
    assert (budi.period.weekends.share, siti.period.weekends.share) == (1.5, 1.5)


def test_weekends_and_holidays_are_those_of_the_day_on_which_the_shift_starts() -> None:
    taken = [duty("budi", march(6)), duty("budi", march(7), "malam"), duty("budi", march(8))]
    budi, _ = counted(*taken, holidays={march(8): "Nyepi"})
    assert (budi.period.weekends.count, budi.period.holidays.count) == (2, 1)


def test_who_is_gone_is_counted_while_there_are_duties() -> None:
    people = (person("budi", active=False), person("siti"))
    assert [one.person.name.clear for one in counted(people=people)] == ["Siti"]
    assert [one.person.name.clear for one in counted(duty("budi", march(1)), people=people)] == ["Budi", "Siti"]


# --- over HTTP

FEBRUARY = "regency=99.01&from=2024-02-01&to=2024-02-29"


async def test_hours_of_published_duties_are_counted_with_attendance(
    kit: Kit, desk: Desk, enter: Enter, publish: Draft, draft: Draft, pack: Callable[..., Pack]
) -> None:
    holidays = [{"date": "2024-02-20", "name": "Libur"}]
    await kit.configure(pack("99.01", holidays=holidays), version=2)
    budi, siti = await enter("Budi", agency="99.01/damkar"), await enter("Siti")
    await publish((budi, 19, "pagi"), (budi, 20, "malam"), (siti, 24, "siang"))
    await draft((siti, 25, "pagi"))
    (first, *_) = (await desk("GET", "/v1/duties?regency=99.01")).json()["items"]
    await desk("POST", f"/v1/duties/{first['id']}/start", {"at": "2024-02-19T07:12:30+07:00"}, "supervisor")
    await desk("POST", f"/v1/duties/{first['id']}/end", {"at": "2024-02-19T09:42:30+07:00"}, "supervisor")
    answer = await desk("GET", f"/v1/hours?{FEBRUARY}", None, "supervisor")
    told = {one["name"]: one for one in answer.json()["items"]}
    assert (
        told["Budi"]["period"]
        == told["Budi"]["year"]
        == {
            "duties": 2,
            "hours": {"count": 17.0, "share": 12.0},
            "nights": {"count": 1, "share": 0.5},
            "weekends": {"count": 0, "share": 0.5},
            "holidays": {"count": 1, "share": 0.5},
        }
    )
    assert (told["Budi"]["attended_hours"], told["Budi"]["late_minutes"]) == (2.5, 12)
    assert (told["Siti"]["period"]["duties"], told["Siti"]["period"]["weekends"]["count"]) == (1, 1), "no drafts"
    assert told["Siti"]["overtime_hours"] is None


async def test_unpaid_breaks_are_left_out_of_hours_and_later_changes_of_the_pack_change_no_published_duty(
    kit: Kit, desk: Desk, enter: Enter, publish: Draft, pack: Callable[..., Pack]
) -> None:
    told: list[dict[str, Any]] = [
        {"code": "pagi", "name": "Pagi", "start": "07:00", "end": "19:00", "break_minutes": 90},
        {"code": "malam", "name": "Malam", "start": "19:00", "end": "07:00"},
    ]
    await kit.configure(pack("99.01", shifts={"shifts": told}), version=2)
    (pattern,) = (await desk("GET", "/v1/shift-patterns?regency=99.01")).json()["items"]
    assert [one["break_minutes"] for one in pattern["shifts"]] == [90, 0]
    budi = await enter("Budi")
    await publish((budi, 19, "pagi"), (budi, 21, "malam"))
    (first, *_) = (await desk("GET", "/v1/duties?regency=99.01&from=2024-02-19&to=2024-02-25")).json()["items"]
    await desk("POST", f"/v1/duties/{first['id']}/start", {"at": "2024-02-19T07:00:00+07:00"}, "supervisor")
    await desk("POST", f"/v1/duties/{first['id']}/end", {"at": "2024-02-19T09:00:00+07:00"}, "supervisor")

    async def hours() -> tuple[float, float]:
        (one,) = (await desk("GET", f"/v1/hours?{FEBRUARY}")).json()["items"]
        return one["period"]["hours"]["count"], one["attended_hours"]

    assert await hours() == (22.5, 0.5)
    await kit.configure(pack("99.01", shifts={"shifts": [told[0] | {"break_minutes": 0}, told[1]]}), version=3)
    assert await hours() == (22.5, 0.5)


EVIL = ('=HYPERLINK("http://x")', "+62811", "-1+1", "@SUM(A1)", 'Budi; "Jr"')


async def test_no_cell_of_a_file_is_a_formula(desk: Desk, enter: Enter) -> None:
    for number, name in enumerate(EVIL):
        await enter(name, number=f"={number}", subject=f"s{number}")
    answer = await desk("GET", f"/v1/hours/csv?{FEBRUARY}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == list(COLUMNS)
    assert sorted(row[1] for row in rows[1:]) == sorted([*(f"'{one}" for one in EVIL[:4]), EVIL[4]])
    assert all(row[0].startswith("'=") for row in rows[1:])
    assert sorted(row.cells[1] for row in Table.of(answer.content).rows) == sorted(EVIL), "our own reader takes it off"

    answer = await desk("GET", f"/v1/hours/xlsx?{FEBRUARY}")
    assert answer.headers["content-disposition"].endswith('.xlsx"')
    with ZipFile(BytesIO(answer.content)) as book:
        sheet, texts = book.read("xl/worksheets/sheet1.xml").decode(), book.read("xl/sharedStrings.xml").decode()
        styles = book.read("xl/styles.xml").decode()
    assert "0.##" not in styles, "a spreadsheet shows 40 as 40. by this format"
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    assert '=HYPERLINK("http://x")' in texts
    assert "Jam lembur" in texts


async def test_the_shares_tell_of_a_restriction_to_planners_alone(desk: Desk, enter: Enter, publish: Draft) -> None:
    budi, _ = await enter("Budi"), await enter("Siti", no_nights_until="2024-12-31")
    await publish((budi, 21, "malam"))

    async def nights(role: str, span: str) -> dict[str, float | None]:
        found = (await desk("GET", f"/v1/hours?{FEBRUARY}", None, role)).json()["items"]
        return {one["name"]: one[span]["nights"]["share"] for one in found}

    assert await nights("planner", "period") == {"Budi": 1, "Siti": None}
    assert await nights("supervisor", "period") == {"Budi": 0.5, "Siti": 0.5}
    assert await nights("planner", "year") == {"Budi": 1, "Siti": None}
    assert await nights("supervisor", "year") == {"Budi": 1, "Siti": 0}, "Siti had no duty in the month"


async def test_hours_are_for_leaders_and_of_days_in_their_order(desk: Desk) -> None:
    for path in ("hours", "hours/csv", "hours/xlsx"):
        refused(await desk("GET", f"/v1/{path}?{FEBRUARY}", None, "staff"), 403, "role-missing")
        answer = await desk("GET", f"/v1/{path}?regency=99.01&from=2024-02-02&to=2024-02-01")
        assert [error["code"] for error in refused_errors(answer)] == ["before_from"]
        answer = await desk("GET", f"/v1/{path}?regency=99.01&from=2024-02-02&to=2025-02-02")
        assert [error["code"] for error in refused_errors(answer)] == ["hours_too_long"]


def refused_errors(answer: object) -> list[dict[str, str]]:
    refused(answer, 422, "invalid-request")  # type: ignore[arg-type]
    errors: list[dict[str, str]] = answer.json()["errors"]  # type: ignore[attr-defined]
    return errors
