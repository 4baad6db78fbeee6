"""The month plan as a page for printing."""

import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256

import pytest
from services.roster.tests.roster_histories import BEFORE, a_draft, around, on, person

from sigap_common.personal_data import Sealed
from sigap_common.regency import Pack
from sigap_roster.domain.month_plan import month_plans
from sigap_roster.files.plan_page import marks_of
from sigap_testing.kit import Kit

from .conftest import Desk, Draft, Enter
from .test_api import refused


def test_a_plan_of_two_months_has_two_and_counts_each_by_itself() -> None:
    roster = a_draft(on("budi", 6), on("budi", 31, "malam"))
    longer = roster.model_copy(update={"last_day": roster.last_day.replace(month=4, day=2)})
    march, april = month_plans(longer, around(), BEFORE)
    assert (len(march.days), len(april.days)) == (31, 2)
    budi, siti = march.lines
    assert (budi.hours, budi.shares["nights"].count, budi.shares["weekends"].count) == (17, 1, 1)
    assert (siti.hours, siti.shares["nights"].share) == (0, 0.5)
    assert april.lines[0].hours == 0
    assert march.seats[on("budi", 6).day, "pagi"].open == 0
    assert len(list(march.gaps())) == 31 * 3 - 2


def test_the_page_does_not_tell_who_has_a_restriction() -> None:
    people = (person("budi"), person("joko"), person("siti", no_nights_until=Sealed("2027-12-31")))
    (march,) = month_plans(a_draft(on("budi", 6, "malam")), around(*people), BEFORE)
    assert {one.shares["nights"].share for one in march.lines} == {1 / 3}


def test_who_is_gone_is_on_the_page_if_planned() -> None:
    people = (person("budi", active=False), person("joko", active=False), person("siti"))
    (march,) = month_plans(a_draft(on("budi", 6)), around(*people), BEFORE)
    assert [one.person.name.clear for one in march.lines] == ["Budi", "Siti"]


@pytest.mark.parametrize(
    ("codes", "marks"),
    [
        (("pagi", "siang", "malam"), ("P", "S", "M")),
        (("pagi", "petang"), ("PA", "PE")),
        (("a", "ab"), ("A", "AB")),
        ((), ()),
    ],
)
def test_a_mark_is_as_short_as_tells_the_shifts_apart(codes: tuple[str, ...], marks: tuple[str, ...]) -> None:
    assert tuple(marks_of(codes).values()) == marks


async def test_the_page_shows_names_marks_gaps_and_holidays_and_runs_nothing(
    kit: Kit, desk: Desk, enter: Enter, publish: Draft, pack: Callable[..., Pack]
) -> None:
    await kit.configure(pack("99.01", holidays=[{"date": "2024-02-21", "name": "Libur <b>"}]), version=2)
    evil = '<script>alert("x")</script>'
    budi, siti = await enter("Budi"), await enter(evil, number="OP-9", subject="evil")
    roster = await publish((budi, 19, "pagi"), (siti, 20, "malam"))
    answer = await desk("GET", f"/v1/rosters/{roster['id']}/page")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    page = answer.text
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "Libur &lt;b&gt;" in page
    assert "Februari 2024" in page
    assert "OP-Budi" in page
    assert "tanggal 19 Pagi (1)" in page
    assert ">M</td>" in page
    (style,) = re.findall("<style>(.*)</style>", page, re.DOTALL)
    assert b64encode(sha256(style.encode()).digest()).decode() in answer.headers["content-security-policy"]


async def test_staff_see_the_published_plan_without_numbers_and_no_draft(
    desk: Desk, enter: Enter, publish: Draft, draft: Draft
) -> None:
    budi = await enter("Budi")
    roster = await publish((budi, 19, "pagi"))
    path = f"/v1/rosters/{roster['id']}"
    await desk("PUT", f"{path}/assignments", [], version=roster["version"])
    seen = await desk("GET", f"{path}/page", None, "staff", subject="budi")
    assert "Terbitan ke-1" in seen.text
    assert ">P</td>" in seen.text
    assert "OP-Budi" not in seen.text
    drafted = await desk("GET", f"{path}/page")
    assert "RANCANGAN" in drafted.text
    assert ">P</td>" not in drafted.text
    unseen = await draft((budi, 20, "pagi"))
    refused(await desk("GET", f"/v1/rosters/{unseen['id']}/page", None, "staff"), 404, "not-found")
