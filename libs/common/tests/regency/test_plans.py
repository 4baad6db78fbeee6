"""Response plans: when they apply, and what is refused."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from libs.common.tests.regency.test_pack import errors, minimal

from sigap_common.regency import PlanConditions, Setting, validate_pack

JAKARTA = ZoneInfo("Asia/Jakarta")
HOLIDAY, WORKDAY = date(2026, 12, 25), date(2026, 12, 22)
MARKET, HARBOUR = "878c2d66effffff", "878c2d649ffffff"
AGENCIES = [
    {"code": "brigade", "name": "Brigade", "kind": "fire"},
    {"code": "clinic", "name": "Clinic", "kind": "health", "capabilities": ["ambulance"]},
]


def document(*plans: dict[str, Any], **more: Any) -> dict[str, Any]:
    told = {"agencies": AGENCIES, "holidays": [{"date": str(HOLIDAY), "name": "Natal"}]}
    return minimal(**told | {"response_plans": [{"incident_type": "fire"} | plan for plan in plans]} | more)


def applies(when: dict[str, Any], moment: datetime, cell: str | None = None) -> bool:
    pack = validate_pack(document({"agencies": ["brigade"], "when": when}))
    return bool(pack.plan_for("fire", 1, Setting(moment.replace(tzinfo=JAKARTA).astimezone(UTC), cell)))


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001


def test_a_plan_without_conditions_applies_always() -> None:
    assert applies({}, at(WORKDAY, 3))


def test_a_time_holds_from_its_start_to_just_before_its_end() -> None:
    day = {"start": "07:00", "end": "19:00"}
    assert [applies(day, at(WORKDAY, *clock)) for clock in ((6, 59), (7, 0), (18, 59), (19, 0))] == [
        False,
        True,
        True,
        False,
    ]


def test_the_night_belongs_to_the_day_on_which_it_began() -> None:
    friday_night = {"start": "22:00", "end": "05:00", "weekdays": ["friday"]}
    friday, saturday = date(2026, 12, 18), date(2026, 12, 19)
    assert applies(friday_night, at(friday, 23))
    assert applies(friday_night, at(saturday, 4, 59))
    assert not applies(friday_night, at(friday, 4))
    assert not applies(friday_night, at(saturday, 23))


def test_holidays_are_those_of_the_pack() -> None:
    assert applies({"holidays": "only"}, at(HOLIDAY, 12))
    assert not applies({"holidays": "only"}, at(WORKDAY, 12))
    assert applies({"holidays": "never"}, at(WORKDAY, 12))
    assert not applies({"holidays": "never"}, at(HOLIDAY, 12))


def test_dates_and_weekdays_must_both_hold() -> None:
    tuesday = {"dates": ["2026-12-22", "2026-12-23"], "weekdays": ["tuesday"]}
    assert applies(tuesday, at(WORKDAY, 12))
    assert not applies(tuesday, at(date(2026, 12, 23), 12))


def test_all_conditions_of_a_plan_must_hold_together() -> None:
    """Each of them alone keeps the plan from applying."""
    when = {"start": "08:00", "end": "17:00", "weekdays": ["friday"], "dates": [str(HOLIDAY)], "holidays": "only"}
    plan = {"agencies": ["brigade"], "min_priority": 2, "when": when | {"cells": [MARKET]}}
    pack = validate_pack(document(plan))
    noon = at(HOLIDAY, 12).replace(tzinfo=JAKARTA).astimezone(UTC)
    night = at(HOLIDAY, 20).replace(tzinfo=JAKARTA).astimezone(UTC)
    weekday = at(WORKDAY, 12).replace(tzinfo=JAKARTA).astimezone(UTC)
    assert pack.plan_for("fire", 2, Setting(noon, MARKET))
    for kind, priority, setting in (
        ("medical", 2, Setting(noon, MARKET)),
        ("fire", 3, Setting(noon, MARKET)),
        ("fire", 2, Setting(noon, HARBOUR)),
        ("fire", 2, Setting(night, MARKET)),
        ("fire", 2, Setting(weekday, MARKET)),
    ):
        assert not pack.plan_for(kind, priority, setting), (kind, priority, setting)


def test_a_plan_for_cells_waits_for_the_place() -> None:
    market = {"cells": [MARKET]}
    assert applies(market, at(WORKDAY, 12), MARKET)
    assert not applies(market, at(WORKDAY, 12), HARBOUR)
    assert not applies(market, at(WORKDAY, 12), None)


def test_conditions_survive_the_table_and_the_event() -> None:
    pack = validate_pack(document({"agencies": ["brigade"], "when": {"dates": ["2026-12-22"], "cells": [MARKET]}}))
    assert type(pack).model_validate_json(pack.model_dump_json(exclude_defaults=True)) == pack
    assert pack.response_plans[0].when == PlanConditions(dates=(WORKDAY,), cells=(MARKET,))


@pytest.mark.parametrize(
    ("plan", "where"),
    [
        ({}, "agencies"),
        ({"agencies": ["brigade"], "capability": "ambulance"}, "capability"),
        ({"capability": "boat"}, "capability"),
        ({"agencies": ["nobody"]}, "agencies/0"),
        ({"agencies": ["brigade", "brigade"]}, "agencies/1"),
        ({"agencies": ["brigade"], "next": "automatic"}, "next"),
        ({"agencies": ["brigade"], "at_once": 2}, "at_once"),
        ({"agencies": ["brigade"], "alarm_level": 2}, "alarm_level"),
        ({"agencies": ["brigade", "clinic", "brigade"], "at_once": 1, "next": "automatic"}, "agencies/2"),
        ({"agencies": ["brigade"], "acknowledge_within_s": -60}, "acknowledge_within_s"),
        ({"agencies": ["brigade"], "acknowledge_within_s": 0}, "acknowledge_within_s"),
        ({"informs": ["nobody"]}, "informs/0"),
        ({"agencies": ["brigade"], "informs": ["brigade"]}, "informs/0"),
        ({"informs": ["brigade"], "acknowledge_within_s": 60}, "acknowledge_within_s"),
        ({"informs": ["brigade"], "next": "automatic"}, "next"),
        ({"agencies": ["brigade"], "when": {"start": "22:00"}}, "when"),
        ({"agencies": ["brigade"], "when": {"start": "22:00", "end": "22:00"}}, "when/end"),
        ({"agencies": ["brigade"], "when": {"dates": ["2026-12-22"], "weekdays": ["monday"]}}, "when"),
        ({"agencies": ["brigade"], "when": {"dates": ["2026-12-22"], "holidays": "only"}}, "when"),
        ({"agencies": ["brigade"], "when": {"weekdays": ["monday"], "holidays": "only"}}, "when"),
        ({"agencies": ["brigade"], "when": {"weekdays": ["monday", "monday"]}}, "when/weekdays/1"),
        ({"agencies": ["brigade"], "when": {"cells": ["8a8c2d66e007fff"]}}, "when/cells/0"),
        ({"agencies": ["brigade"], "when": {"cells": ["market"]}}, "when/cells/0"),
    ],
)
def test_a_plan_without_sense_is_refused_with_its_place(plan: dict[str, Any], where: str) -> None:
    assert set(errors(document(plan))) == {f"/response_plans/0/{where}"}


def test_all_faults_of_plans_are_named_at_once() -> None:
    found = errors(
        document(
            {"agencies": ["nobody"]},
            {"agencies": ["brigade"], "alarm_level": 3},
            {"incident_type": "medical", "capability": "boat", "when": {"start": "09:00"}},
        )
    )
    assert set(found) == {
        "/response_plans/0/agencies/0",
        "/response_plans/1/alarm_level",
        "/response_plans/2/capability",
        "/response_plans/2/when",
    }
    assert "level 2" in found["/response_plans/1/alarm_level"]


def test_each_type_has_levels_of_its_own() -> None:
    plans = ({"agencies": ["brigade"]}, {"incident_type": "medical", "capability": "ambulance", "alarm_level": 2})
    assert set(errors(document(*plans))) == {"/response_plans/1/alarm_level"}


def test_parents_that_lead_back_through_a_standard_type_are_refused() -> None:
    kind = {"code": "medical", "parent": "mental_crisis", "label": {"id": "Medis", "en": "Medical"}}
    assert set(errors(document(incident_types=[kind]))) == {"/incident_types/0/parent"}
