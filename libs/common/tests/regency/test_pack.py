"""A pack is taken whole or refused with every error and its place."""

import copy
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sigap_common.core.texts import Texts
from sigap_common.regency import (
    InvalidPack,
    Pack,
    PackError,
    load_pack,
    pack_schema,
    read_document,
    roster_policies,
    standard_types,
    validate_pack,
    wordless,
)
from sigap_common.regency.by_section import pack_of
from sigap_common.regency.model import SECTIONS

ROOT = Path(__file__).parents[4]
PACKS = sorted((ROOT / "regencies").glob("*.yaml"))
SQUARE = [[110.0, -7.0], [111.0, -7.0], [111.0, -6.0], [110.0, -6.0], [110.0, -7.0]]

DIAMOND = [[110.0, -6.5], [110.5, -7.0], [111.0, -6.5], [110.5, -6.0], [110.0, -6.5]]
UNKNOWN = "This field is unknown; remove it or check its spelling."


def minimal(**more: Any) -> dict[str, Any]:
    zone = {"type": "Polygon", "coordinates": [copy.deepcopy(SQUARE)]}
    return {"code": "99.01", "name": "Kota Contoh", "time_zone": "Asia/Jakarta", "zone": zone} | more


def whole(**more: Any) -> dict[str, Any]:
    agency = {"code": "brigade", "name": "Brigade", "kind": "fire"}
    plan = {"incident_type": "fire", "agencies": ["brigade"]}
    return minimal(agencies=[agency], response_plans=[plan], **more)


def errors(document: object) -> dict[str, str]:
    with pytest.raises(InvalidPack) as refused:
        validate_pack(document)
    for error in refused.value.errors:
        says_it_in_both_languages(error)
    return {error.pointer: error.message for error in refused.value.errors}


def says_it_in_both_languages(error: PackError) -> None:
    texts, key = Texts.load("sigap_common"), f"validation.{error.fault.kind}"
    assert key in texts, error
    assert texts.get(key, "id", **error.fault.params) != texts.get(key, "en", **error.fault.params)


def hole(margin: float) -> list[list[float]]:
    """A ring within the square."""
    west, east, south, north = 110 + margin, 111 - margin, -7 + margin, -6 - margin
    return [[west, south], [west, north], [east, north], [east, south], [west, south]]


def shift(code: str, start: str, end: str) -> dict[str, str]:
    return {"code": code, "name": code, "start": start, "end": end}


def endpoint(**more: Any) -> dict[str, Any]:
    return {
        "code": "a",
        "name": "A",
        "kind": "fire",
        "endpoints": [{"channel": "webhook", "name": "x", **more}],
    }


def places(value: object, *before: str | int) -> Iterator[tuple[str | int, ...]]:
    """The path of everything inside a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, held in inner:
        yield (*before, step)
        yield from places(held, *before, step)


def test_a_minimal_pack_has_sensible_defaults() -> None:
    pack = validate_pack(minimal())
    assert pack.prefix == "9901"
    assert pack.agencies == ()
    assert pack.incident_types == standard_types()
    assert pack.blocking is None
    assert (pack.service_levels.answer_within_s, pack.service_levels.promise_s) == (15, 30)


def test_a_pack_survives_the_journey_through_an_event() -> None:
    pack = validate_pack(whole(population={"2025": 1000}))
    assert Pack.model_validate_json(pack.model_dump_json()) == pack
    assert validate_pack(pack.model_dump(mode="json")) == pack


def test_an_event_of_a_newer_publisher_is_read_though_a_file_with_that_key_is_refused() -> None:
    document = minimal(agencies=[{"code": "a", "name": "A", "kind": "fire", "colour": "red"}], weather="dry")
    assert Pack.model_validate(document).agencies[0].code == "a"
    assert errors(document) == {
        "/agencies/0/colour": UNKNOWN,
        "/weather": UNKNOWN,
    }


def test_own_kinds_come_first_and_replace_standard_ones_of_the_same_code() -> None:
    label = {"id": "Api", "en": "Blaze"}
    pack = validate_pack(minimal(incident_types=[{"code": "fire", "label": label, "priority": 2}]))
    assert pack.incident_types[0].label.en == "Blaze"
    assert [kind.code for kind in pack.incident_types].count("fire") == 1
    assert len(pack.incident_types) == len(standard_types())


def test_a_pack_may_do_without_the_standard_kinds() -> None:
    assert validate_pack(minimal(standard_types=False)).incident_types == ()


def test_the_plan_of_the_wider_kind_serves_the_narrower_one() -> None:
    kinds = [
        {"code": "forest_fire", "parent": "fire", "label": {"id": "Kebakaran hutan", "en": "Forest fire"}},
    ]
    pack = validate_pack(whole(incident_types=kinds))
    assert [plan.agencies for plan in pack.plan_for("forest_fire", 3)] == [("brigade",)]
    assert pack.plan_for("flood", 1) == ()
    assert pack.plan_for(None, 1) == ()
    assert pack.plan_for("unheard_of", 1) == ()


def test_reports_go_to_an_agency_of_the_pack_or_to_the_desk() -> None:
    assert list(errors(whole() | {"complaints": {"agency": "nobody"}})) == ["/complaints/agency"]
    assert validate_pack(whole() | {"complaints": {"agency": "brigade"}}).complaints.agency == "brigade"
    assert validate_pack(whole()).complaints.agency is None


def test_plans_apply_by_urgency_and_come_lowest_alarm_level_first() -> None:
    plans = [
        {"incident_type": "fire", "agencies": ["brigade"], "alarm_level": 2},
        {"incident_type": "fire", "agencies": ["brigade"]},
        {"incident_type": "fire", "agencies": ["brigade"], "min_priority": 1, "acknowledge_within_s": 20},
    ]
    pack = validate_pack(whole() | {"response_plans": plans})
    assert [plan.alarm_level for plan in pack.plan_for("fire", 1)] == [1, 1, 2]
    assert [plan.min_priority for plan in pack.plan_for("fire", 2)] == [None, None]


def test_the_day_is_the_regencys_own() -> None:
    pack = validate_pack(minimal())
    assert pack.local_day(datetime(2026, 3, 20, 17, 0, tzinfo=UTC)) == date(2026, 3, 21)
    assert pack.local(datetime(2026, 3, 20, 17, 0, tzinfo=UTC)).hour == 0
    with pytest.raises(ValueError, match="time zone"):
        pack.local(datetime(2026, 3, 20))  # noqa: DTZ001


def test_every_error_is_found_with_its_place() -> None:
    kinds = [
        {"code": "a", "parent": "b", "label": {"id": "A", "en": "A"}},
        {"code": "b", "parent": "a", "label": {"id": "B", "en": "B"}},
        {"code": "c", "parent": "nowhere", "label": {"id": "C"}},
    ]
    found = errors(
        {
            "code": 17.71,
            "zone": minimal()["zone"],
            "time_zone": "Asia/Nowhere",
            "prefix": "small",
            "agencies": [{"code": "x", "name": "X"}, {"code": "x", "name": "X", "kind": "fire"}],
            "incident_types": kinds,
            "response_plans": [{"incident_type": "lava", "agencies": ["x", "y"]}],
            "policies": [{"code": "be-kind", "source": "us"}],
            "closing": {"when_all_ended": "automatic"},
        }
    )
    assert set(found) == {
        "/code",
        "/name",
        "/prefix",
        "/time_zone",
        "/agencies/0/kind",
        "/agencies/1/code",
        "/incident_types/0/parent",
        "/incident_types/1/parent",
        "/incident_types/2/label/en",
        "/response_plans/0/incident_type",
        "/response_plans/0/agencies/1",
        "/policies/0/code",
        "/closing/disposition",
    }
    assert "quotes" in found["/code"]
    assert "time zone" in found["/time_zone"]


def test_texts_that_no_database_takes_are_refused_wherever_they_stand() -> None:
    for odd in ("a\x00b", "a\ud800b"):
        told = minimal(name=odd, agencies=[{"code": "fire", "name": odd, "kind": "fire", odd: 1}])
        assert errors(told).keys() == {"/name", "/agencies/0/name", "/agencies/0"}
        assert errors(minimal(agencies=[endpoint(options={"a": [{"b": odd}]})])).keys() == {
            "/agencies/0/endpoints/0/options/a/0/b"
        }


def test_errors_of_shape_come_first() -> None:
    with pytest.raises(InvalidPack) as refused:
        validate_pack(minimal(response_plans=[{"incident_type": "lava", "agencies": ["x"]}], colour="red"))
    assert refused.value.errors[0].pointer == "/colour"


@pytest.mark.parametrize("document", [None, [], "pack", 7, {}])
def test_what_is_no_pack_at_all_is_refused(document: object) -> None:
    assert errors(document)


@pytest.mark.parametrize(
    ("zone", "place", "said"),
    [
        ({"type": "Feature"}, "/zone", "Polygon or MultiPolygon"),
        ({"coordinates": [SQUARE]}, "/zone", "Polygon or MultiPolygon"),
        ([SQUARE], "/zone", ""),
        ({"type": "Polygon", "coordinates": []}, "/zone/coordinates", "at least 1"),
        ({"type": "Polygon", "coordinates": [SQUARE[:4]]}, "/zone/coordinates/0", "not closed"),
        ({"type": "Polygon", "coordinates": [SQUARE[:2]]}, "/zone/coordinates/0", "at least 4"),
        ({"type": "Polygon", "coordinates": [[*SQUARE, ["a", 1]]]}, "/zone/coordinates/0/5/0", "number"),
        ({"type": "Polygon", "coordinates": [[[1, 2, 3], *SQUARE]]}, "/zone/coordinates/0/0", "2 items"),
        (
            {"type": "Polygon", "coordinates": [[[float("nan"), 2], *SQUARE]]},
            "/zone/coordinates/0/0/0",
            "finite",
        ),
        (
            {"type": "Polygon", "coordinates": [[SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]]},
            "/zone/coordinates",
            "crosses itself at 110.5, -6.5",
        ),
        (
            {"type": "Polygon", "coordinates": [SQUARE, [[x + 5, y] for x, y in SQUARE]]},
            "/zone/coordinates",
            "hole lies outside",
        ),
        (
            {"type": "Polygon", "coordinates": [SQUARE, hole(0.1), hole(0.2)]},
            "/zone/coordinates",
            "within another hole",
        ),
        (
            {
                "type": "Polygon",
                "coordinates": [SQUARE, [[110, -6.5], [110.5, -7], [111, -6.5], [110.5, -6], [110, -6.5]]],
            },
            "/zone/coordinates",
            "cut the zone apart",
        ),
        (
            {"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]},
            "/zone/coordinates",
            "overlap",
        ),
        (
            {"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE[:-1]]]},
            "/zone/coordinates/1/0",
            "not closed",
        ),
        (
            {"type": "Polygon", "coordinates": [[[lat, lon] for lon, lat in SQUARE]]},
            "/zone/coordinates/0/0",
            "swapped",
        ),
        (
            {"type": "Polygon", "coordinates": [[[x + 300, y] for x, y in SQUARE]]},
            "/zone/coordinates/0/0",
            "not on the earth",
        ),
        (
            {"type": "Polygon", "coordinates": [[[x - 130, y] for x, y in SQUARE]]},
            "/zone/coordinates",
            "far from",
        ),
    ],
)
def test_a_zone_must_be_an_area_on_the_earth(zone: object, place: str, said: str) -> None:
    found = errors(minimal(zone=zone))
    assert list(found) == [place]
    assert said in found[place]


def test_swapped_coordinates_are_noticed_even_where_both_could_be_latitudes() -> None:
    ring = [[40.0, -75.0], [40.1, -75.0], [40.1, -75.2], [40.0, -75.0]]
    found = errors(minimal(time_zone="America/New_York", zone={"type": "Polygon", "coordinates": [ring]}))
    assert "swapped" in found["/zone/coordinates"]
    right = [[lon, lat] for lat, lon in ring]
    assert validate_pack(minimal(time_zone="America/New_York", zone={"type": "Polygon", "coordinates": [right]})).zone


@pytest.mark.parametrize(
    ("shifts", "found"),
    [
        ([shift("a", "07:00", "14:00"), shift("b", "14:00", "21:00"), shift("c", "21:00", "07:00")], set()),
        ([shift("a", "07:00", "07:00")], set()),
        ([shift("a", "07:00", "19:00")], {"/shifts/shifts/0/start"}),
        ([shift("a", "07:00", "14:00"), shift("b", "15:00", "07:00")], {"/shifts/shifts/1/start"}),
        ([shift("a", "07:00", "15:00"), shift("b", "14:00", "07:00")], {"/shifts/shifts/1/start"}),
        ([shift("b", "14:00", "08:00"), shift("a", "07:00", "14:00")], {"/shifts/shifts/1/start"}),
        ([shift("a", "07:00", "07:00"), shift("b", "07:00", "07:00")], {"/shifts/shifts/0/start"}),
        ([shift("a", "07:00", "19:00"), shift("a", "19:00", "07:00")], {"/shifts/shifts/1/code"}),
        ([shift("a", "07:00", "24:30")], {"/shifts/shifts/0/end"}),
    ],
)
def test_shifts_cover_the_day_once(shifts: list[dict[str, str]], found: set[str]) -> None:
    document = minimal(shifts={"shifts": shifts})
    if not found:
        assert validate_pack(document).shifts.shifts
    else:
        assert found <= set(errors(document))


def test_a_break_is_shorter_than_its_shift() -> None:
    told: list[dict[str, Any]] = [shift("a", "07:00", "14:00"), shift("b", "14:00", "07:00")]
    for minutes, found in (
        (0, []),
        (419, []),
        (420, ["/shifts/shifts/0/break_minutes"]),
        (-1, ["/shifts/shifts/0/break_minutes"]),
    ):
        document = minimal(shifts={"shifts": [told[0] | {"break_minutes": minutes}, told[1]]})
        if found:
            assert list(errors(document)) == found
        else:
            assert validate_pack(document).shifts.shifts[0].break_minutes == minutes


def test_words_for_capabilities_are_in_both_languages_and_for_something_that_the_pack_names() -> None:
    label = {"id": "perahu karet", "en": "rubber boat"}
    unit = {"callsign": "Karet 1", "kind": "raft", "capabilities": ["sonar"]}
    agency = {"code": "sar", "name": "SAR", "kind": "search", "capabilities": ["diving"], "units": [unit]}
    plan = {"incident_type": "drowning", "agencies": ["sar"], "role": "recovery"}
    named = ("raft", "sonar", "search", "diving", "recovery")
    entries = [{"code": code, "label": label} for code in named]
    pack = validate_pack(minimal(agencies=[agency], response_plans=[plan], capabilities=entries))
    assert (wordless(pack), wordless(pack.model_copy(update={"capabilities": ()}))) == ([], sorted(named))
    wrong = [
        {"code": "rafts", "label": label},
        {"code": "raft", "label": {"id": " ", "en": "rubber boat"}},
        {"code": "raft", "label": {"id": "perahu karet"}},
        {"code": "sonar", "label": label | {"jv": "prau"}},
    ]
    assert errors(minimal(agencies=[agency], response_plans=[plan], capabilities=wrong)).keys() == {
        "/capabilities/0/code",
        "/capabilities/1/label/id",
        "/capabilities/2/code",
        "/capabilities/2/label/en",
        "/capabilities/3/label/jv",
    }


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_the_four_packs_have_words_for_all_that_they_name(path: Path) -> None:
    assert wordless(load_pack(path)) == []


def test_no_agency_takes_the_code_of_the_built_in_drill_agency() -> None:
    agency = {"code": "drill", "name": "Latihan", "kind": "fire"}
    assert errors(minimal(agencies=[agency])).keys() == {"/agencies/0/code"}


def test_mutual_aid_names_each_other_regency_once() -> None:
    assert errors(minimal(mutual_aid=["99.02", "99.01", "99.02"])).keys() == {"/mutual_aid/1", "/mutual_aid/2"}
    assert validate_pack(minimal(mutual_aid=["99.02"])).mutual_aid == ("99.02",)


def test_one_wrong_field_of_the_shifts_hides_no_other() -> None:
    """A negative number of seats, a break that is too long, a demand with more needed than wanted."""
    shifts = {
        "shifts": [
            shift("a", "07:00", "19:00") | {"seats": -2},
            shift("b", "19:00", "02:00") | {"break_minutes": 420},
            shift("b", "07:00", "19:00"),
        ],
        "demand": [
            {"name": "Festival", "dates": ["2027-03-06"], "seats": -1},
            {"name": "Sundays", "weekdays": ["sunday"], "seats": 1, "minimum": 2},
        ],
    }
    assert set(errors(minimal(shifts=shifts))) == {
        "/shifts/shifts/0/seats",
        "/shifts/shifts/1/break_minutes",
        "/shifts/shifts/2/code",
        "/shifts/demand/0/seats",
        "/shifts/demand/1/minimum",
    }


def test_shifts_may_overlap_for_the_hand_over() -> None:
    shifts = [shift("a", "07:00", "19:15"), shift("b", "19:00", "07:15")]
    assert validate_pack(minimal(shifts={"shifts": shifts, "handover_minutes": 15})).shifts.handover_minutes == 15


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"secret": "whsec_c2VjcmV0c2VjcmV0"}, "secret"),
        ({"secret_ref": "whsec_c2VjcmV0c2VjcmV0"}, "secret_ref"),
        ({"secret_ref": "HOME"}, "secret_ref"),
        ({"secret_ref": "SIGAP_SECRET_"}, "secret_ref"),
        ({"secret_ref": "file:../../etc/shadow"}, "secret_ref"),
        ({"secret_ref": "file:/etc/shadow"}, "secret_ref"),
        ({"options": {"headers": {"Authorization": "c2VjcmV0c2VjcmV0"}}}, "options/headers/Authorization"),
        ({"options": {"x": ["Bearer c2VjcmV0c2VjcmV0"]}}, "options/x/0"),
        ({"url": "https://user:c2VjcmV0c2VjcmV0@example.org/"}, "url"),
    ],
)
def test_a_secret_is_refused_and_never_repeated(given: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidPack) as refused:
        validate_pack(minimal(agencies=[endpoint(**given)]))
    assert [error.pointer for error in refused.value.errors] == [f"/agencies/0/endpoints/0/{place}"]
    assert "c2VjcmV0" not in str(refused.value)


EXPOSED = [
    *("https://e.org/?key=whsec_c2VjcmV0", "https://e.org/?KEY=c2VjcmV0", "https://e.org/?a=1&access_token=c2VjcmV0"),
    *("https://e.org/?x=whsec_c2VjcmV0", "https://e.org/whsec_c2VjcmV0/in", "https://e.org/in#token=c2VjcmV0"),
    *("https://e.org/?whsec_c2VjcmV0", "https://e.org/%77hsec_c2VjcmV0", "https://e.org/in;key=whsec_c2VjcmV0"),
    *("https://e.org/?api-key=c2VjcmV0", "https://e.org/?x=Bearer%20c2VjcmV0"),
    *(
        "https://e.org/services/T0001/B0001/c2VjcmV0c2VjcmV0c2Vjcm",
        "https://e.org/bot12345678:AAc2VjcmV0c2VjcmV0c2VjcmV0/x",
    ),
    *("https://e.org/eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2VjcmV0", "https://e.org/0123456789abcdef0123456789abcdef"),
    *("https://user@e.org/", "https://:c2VjcmV0@e.org/", "https://c2vjcmv0c2vjcmv0c2vjcm.hooks.e.org/"),
]
PLAIN = [
    *("https://e.org", "https://e.org/112?code=17.71&v=2", "http://10.0.0.7:8232/112"),
    *("https://e.org/emergency-incident-receiver-of-the-fire-brigade-2026", "https://e.org/?page=keyboard"),
    *("https://e.org/hooks/0192f0c1-7b7a-7c3e-9d7e-1f2a3b4c5d6e", "https://kotabengkuluutarasekali.example.go.id/"),
    *("https://e.org/?key=", "https://e.org/secret/token/password", "https://e.org/internationalorganisations"),
]


@pytest.mark.parametrize("url", EXPOSED)
def test_a_secret_in_a_url_is_refused_wherever_it_stands(url: str) -> None:
    with pytest.raises(InvalidPack) as refused:
        validate_pack(minimal(agencies=[endpoint(url=url)]))
    assert [error.pointer for error in refused.value.errors] == ["/agencies/0/endpoints/0/url"]
    assert "c2VjcmV0" not in str(refused.value)


@pytest.mark.parametrize("url", PLAIN)
def test_a_url_without_a_secret_is_taken(url: str) -> None:
    assert validate_pack(minimal(agencies=[endpoint(url=url)]))


def test_a_reference_to_a_secret_is_taken() -> None:
    for reference in ("SIGAP_SECRET_BRIGADE", "file:brigade-2026.key"):
        agency = endpoint(secret_ref=reference, url="https://example.org/hook", options={"token_ref": "x"})
        assert validate_pack(minimal(agencies=[agency])).agencies[0].endpoints[0].secret_ref == reference


@pytest.mark.parametrize("url", ["", "nowhere", "https://", "https://a b/", "http://[::1", "http://x:99999/"])
def test_an_endpoint_has_a_usable_address(url: str) -> None:
    assert errors(minimal(agencies=[endpoint(url=url)])) == {
        "/agencies/0/endpoints/0/url": "Must be a complete URL, such as https://example.org/webhook."
    }


def test_policies_have_the_values_they_know_and_name_what_exists() -> None:
    params = {"day_shifts": ["morning"], "night_shifts": "night", "colour": 1}
    policy = {"code": "women-by-day-men-by-night", "source": "local", "params": params}
    shifts = {"shifts": [shift("day", "07:00", "19:00"), shift("night", "19:00", "07:00")]}
    assert set(errors(minimal(policies=[policy], shifts=shifts))) == {
        "/policies/0/params/colour",
        "/policies/0/params/night_shifts",
        "/policies/0/params/day_shifts/0",
    }


@pytest.mark.parametrize("hours", [-11, -0.5, 10_001, 1e300])
def test_a_number_of_a_policy_is_one_that_a_roster_can_have(hours: float) -> None:
    policies = [{"code": "rest-between-shifts", "source": "local", "params": {"hours": hours}}]
    assert errors(minimal(policies=policies)) == {"/policies/0/params/hours": "Must be a number from 0 to 10000."}


def test_a_shift_that_cannot_be_read_hides_no_unknown_agency_of_a_policy() -> None:
    """Which shifts there are is not known then, and nothing is said of them."""
    policies = [
        {"code": "agencies-together", "source": "local", "params": {"agencies": ["nobody"], "at_least": 1}},
        {"code": "skill-on-shift", "source": "local", "params": {"skill": "leader", "at_least": 1, "shifts": ["noon"]}},
    ]
    shifts = {"shifts": [shift("day", "07:00", "19:00") | {"seats": -2}, shift("night", "19:00", "07:00")]}
    assert set(errors(minimal(policies=policies, shifts=shifts))) == {
        "/shifts/shifts/0/seats",
        "/policies/0/params/agencies/0",
    }


def test_seats_may_differ_by_weekday_date_and_holiday_and_the_last_that_holds_counts() -> None:
    shifts = {
        "shifts": [shift("day", "07:00", "19:00"), shift("night", "19:00", "07:00")],
        "demand": [
            {"name": "Weekends", "weekdays": ["saturday", "sunday"], "seats": 3},
            {"name": "Festival", "shifts": ["night"], "dates": ["2027-03-06"], "seats": 5},
            {"name": "Closed", "shifts": ["day"], "holidays": "only", "seats": 0},
        ],
    }
    eid = date(2027, 3, 10)
    document = minimal(shifts=shifts, holidays=[{"date": str(eid), "name": "Idulfitri"}])
    pattern = validate_pack(document).shifts
    saturday, monday = date(2027, 3, 6), date(2027, 3, 8)
    seats = {
        (code, day): pattern.seats(code, day, {eid}) for code in ("day", "night") for day in (saturday, monday, eid)
    }
    assert [*seats.values()] == [3, 1, 0, 5, 1, 1]
    assert pattern.seats("noon", monday, {eid}) == 0


def test_the_fewest_people_of_a_shift_are_no_more_than_are_wanted() -> None:
    shifts: dict[str, Any] = {
        "shifts": [
            shift("day", "07:00", "19:00") | {"seats": 4, "minimum": 2},
            shift("night", "19:00", "07:00") | {"seats": 2},
        ],
        "demand": [
            {"name": "Sundays", "weekdays": ["sunday"], "shifts": ["day"], "seats": 1},
            {"name": "Festival", "dates": ["2027-03-06"], "seats": 5, "minimum": 3},
            {"name": "Closed", "dates": ["2027-03-07"], "shifts": ["night"], "seats": 0},
        ],
    }
    pattern = validate_pack(minimal(shifts=shifts)).shifts
    friday, saturday, sunday = (date(2027, 3, day) for day in (5, 6, 7))
    least = {
        (code, day): pattern.minimum(code, day, ()) for code in ("day", "night") for day in (friday, saturday, sunday)
    }
    assert [*least.values()] == [2, 3, 1, 1, 3, 0]
    assert pattern.minimum("noon", friday, ()) == 0
    shifts["shifts"][0]["minimum"] = 5
    shifts["demand"][1]["minimum"] = 6
    assert set(errors(minimal(shifts=shifts))) == {"/shifts/shifts/0/minimum", "/shifts/demand/1/minimum"}


def test_demand_that_names_no_shift_or_no_day_is_refused() -> None:
    demand = [
        {"name": "a", "shifts": ["noon", "day", "day"], "seats": 1},
        {"name": "b", "dates": ["2027-03-06"], "weekdays": ["monday"], "seats": 1},
        {"name": "c", "seats": -1},
    ]
    shifts = [shift("day", "07:00", "19:00"), shift("night", "19:00", "07:00")]
    wrong = errors(minimal(shifts={"shifts": shifts, "demand": demand}))
    assert set(wrong) == {"/shifts/demand/0/shifts/2", "/shifts/demand/1", "/shifts/demand/2/seats"}
    assert set(errors(minimal(shifts={"shifts": shifts, "demand": demand[:2]}))) == {
        "/shifts/demand/0/shifts/0",
        "/shifts/demand/0/shifts/2",
        "/shifts/demand/1",
    }


def test_a_policy_may_be_named_again_for_others_but_not_for_the_same() -> None:
    def hours(most: int, **params: str) -> dict[str, Any]:
        return {"code": "weekly-hours", "source": "law", "params": {"hours": most, **params}}

    policies = [hours(40, employment="contract"), hours(37, employment="civil_servant"), hours(48)]
    assert len(validate_pack(minimal(policies=policies)).policies) == 3
    again = [*policies, hours(38, employment="contract")]
    assert set(errors(minimal(policies=again))) == {"/policies/3/code"}


def test_seasons_come_again_but_never_overlap_and_policies_name_one() -> None:
    def ramadan(first_day: str, last_day: str) -> dict[str, str]:
        return {"code": "ramadan", "name": "Ramadan", "first_day": first_day, "last_day": last_day}

    def hours(season: str) -> dict[str, Any]:
        return {"code": "weekly-hours", "source": "law", "params": {"hours": 32.5, "season": season}}

    years = [ramadan("2027-02-08", "2027-03-09"), ramadan("2028-01-28", "2028-02-25")]
    usual = {"code": "weekly-hours", "source": "law", "params": {"hours": 37.5}}
    assert len(validate_pack(minimal(seasons=years, policies=[usual, hours("ramadan")])).seasons) == 2
    wrong = [*years, ramadan("2028-02-25", "2028-02-24"), ramadan("2027-01-31", "2027-02-08")]
    assert set(errors(minimal(seasons=wrong, policies=[hours("lent")]))) == {
        "/seasons/2/last_day",
        "/seasons/2/first_day",
        "/seasons/0/first_day",
        "/policies/0/params/season",
    }
    unreadable = [{"code": "ramadan"}]
    found = errors(minimal(seasons=unreadable, policies=[hours("ramadan"), hours("lent")]))
    assert {one for one in found if one.startswith("/policies")} == {"/policies/1/params/season"}


def test_policies_about_skills_name_a_code_an_agency_and_shifts_that_exist() -> None:
    told = (
        {"code": "skill-on-shift", "params": {"skill": "Ketua Regu", "at_least": 1, "shifts": ["noon"]}},
        {"code": "agency-on-shift", "params": {"agency": "nowhere", "at_least": 1}},
        {"code": "skill-required", "params": {"skill": 7}},
        {"code": "skill-required", "params": {"employment": "police"}},
    )
    shifts = {"shifts": [shift("day", "07:00", "19:00"), shift("night", "19:00", "07:00")]}
    policies = [{**one, "source": "local"} for one in told]
    assert set(errors(minimal(policies=policies, shifts=shifts))) == {
        "/policies/0/params/skill",
        "/policies/0/params/shifts/0",
        "/policies/1/params/agency",
        "/policies/2/params/skill",
        "/policies/3/params",
    }


def test_triage_and_instructions_lead_somewhere() -> None:
    label = {"id": "Ya", "en": "Yes"}
    question = {
        "code": "q",
        "label": label,
        "answers": [{"label": label, "weights": {"lava": 3}, "next": "r"}],
    }
    document = minimal(standard_guidance=False, triage=[question])
    document |= {"instructions": [{"incident_type": "ice", "steps": [label]}]}
    assert set(errors(document)) == {
        "/triage/0/answers/0/weights/lava",
        "/triage/0/answers/0/next",
        "/instructions/0/incident_type",
    }


def test_an_assumption_points_at_what_is_there() -> None:
    notes = [{"at": "/agencies/brigade/kind", "note": "?"}, {"at": "/agencies/0", "note": "?"}]
    assert len(validate_pack(whole(assumptions=notes)).assumptions) == 2
    notes = [{"at": "/agencies/nobody", "note": "?"}, {"at": "/blocking/hours", "note": "?"}]
    assert set(errors(whole(assumptions=notes))) == {"/assumptions/0/at", "/assumptions/1/at"}


@pytest.mark.parametrize("hours", [24, 72])
def test_a_block_lasts_a_day_to_three(hours: int) -> None:
    blocking = {"pranks": 3, "within_days": 7}
    assert validate_pack(minimal(blocking=blocking | {"hours": hours})).blocking is not None
    for other in (23, 73):
        assert set(errors(minimal(blocking=blocking | {"hours": other}))) == {"/blocking/hours"}


def test_what_is_wrong_is_placed_for_an_answer_as_it_is_in_a_file() -> None:
    error = PackError("/agencies/0/options/a~1b~0c", "pack.shifts_gap", {"start": "07:00", "end": "08:00"}, line=7)
    assert str(error) == "line 7, /agencies/0/options/a~1b~0c: Nobody is on duty from 07:00 to 08:00."
    assert error.fault.place == ("body", "agencies", "0", "options", "a/b~c")


def test_every_complaint_about_a_pack_has_its_text_and_every_text_its_complaint() -> None:
    sources = (ROOT / "libs/common/src/sigap_common/regency").rglob("*.py")
    said = {kind for path in sources for kind in re.findall(r'"(pack\.[a-z_0-9]+)"', path.read_text("utf-8"))}
    keys = Texts.load("sigap_common").keys()
    assert said == {key.removeprefix("validation.") for key in keys if key.startswith("validation.pack.")}


def test_a_pack_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        setattr(validate_pack(minimal()), "name", "Other")  # noqa: B010


def test_the_schema_agrees_with_the_checks() -> None:
    schema = pack_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    judge = jsonschema.Draft202012Validator(schema)
    assert judge.is_valid(whole())
    assert not judge.is_valid(minimal(colour="red"))
    assert not judge.is_valid(minimal(agencies=[{"code": "a", "name": "A", "kind": "fire", "colour": 1}]))


def test_every_key_says_what_it_is() -> None:
    schema = pack_schema()
    for part in (schema, *schema["$defs"].values()):
        for key, about in part.get("properties", {}).items():
            assert about.get("description"), f"{part['title']}.{key}"


def test_standard_kinds_are_well_formed() -> None:
    codes = [kind.code for kind in standard_types()]
    assert len(codes) == len(set(codes))
    assert {kind.code for kind in standard_types() if kind.protected} >= {
        "domestic_violence",
        "child_protection",
    }


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "pack.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_file_says_in_which_line_it_is_wrong(tmp_path: Path) -> None:
    text = 'code: "99.01"\nname: Kota Contoh\ntime_zone: Asia/Jakarta\nagencies:\n  - code: a\n    kind: fire\n'
    text += "prefix: x\n"
    with pytest.raises(InvalidPack) as refused:
        load_pack(written(tmp_path, text))
    assert {error.pointer: error.line for error in refused.value.errors} == {
        "/prefix": 7,
        "/agencies/0/name": 5,
    }


def test_a_files_clock_times_dates_and_words_stay_text(tmp_path: Path) -> None:
    document, _ = read_document(written(tmp_path, "a: 07:00\nb: 2026-03-20\nc: no\nd: 1.5\ne: 3\nf: true\ng:\nh: .5"))
    assert document == {
        "a": "07:00",
        "b": "2026-03-20",
        "c": "no",
        "d": 1.5,
        "e": 3,
        "f": True,
        "g": None,
        "h": 0.5,
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x [1]\nb: [*x, *x]", "aliases"),
        ("a: 1\na: 2", "twice"),
        ("a: !!python/object/apply:os.getcwd []", "Tags"),
        ("a: !!python/name:os.getcwd ''", "Tags"),
        ("[" * 1000, "deep"),
        ("a: [1", "line 2"),
        (b"a: \xff", "YAML"),
        ("? [a]\n: 1", "key must be text"),
        ("a: 1\n---\nb: 2", "document"),
        ("", "mapping"),
        (b"#" * (8 * 1024 * 1024 + 1), "larger"),
    ],
)
def test_a_harmful_or_broken_file_is_refused(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(InvalidPack, match=said) as refused:
        load_pack(written(tmp_path, text))
    says_it_in_both_languages(refused.value.errors[0])


def test_json_is_read_too(tmp_path: Path) -> None:
    text = validate_pack(whole()).model_dump_json(exclude_none=True)
    assert load_pack(written(tmp_path, text)).code == "99.01"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
RICH: dict[str, Any] = whole(
    incident_types=[{"code": "blaze", "parent": "fire", "label": {"id": "Api", "en": "Blaze"}}],
    shifts={"shifts": [shift("day", "07:00", "19:00"), shift("night", "19:00", "07:00")]},
    policies=[{"code": "fair-shares", "source": "us", "params": {}}],
    holidays=[{"date": "2026-03-20", "name": "Nyepi"}],
    population={"2025": 10},
    assumptions=[{"at": "/agencies/brigade", "note": "?"}],
) | {"agencies": [endpoint(url="https://example.org/", options={"a": [1]}) | {"code": "brigade"}]}
PLACES = list(places(RICH))


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(PLACES), value=JSON, drop=st.booleans())
def test_whatever_is_written_anywhere_is_a_pack_or_refused_with_a_place(
    place: tuple[str | int, ...], value: object, drop: bool
) -> None:
    document = copy.deepcopy(RICH)
    holder: Any = document
    for step in place[:-1]:
        holder = holder[step]
    if drop:
        del holder[place[-1]]
    else:
        holder[place[-1]] = value
    for error in refusal(document):
        assert error.pointer.startswith("/")
        says_it_in_both_languages(error)


def refusal(document: object) -> tuple[PackError, ...]:
    try:
        validate_pack(document)
    except InvalidPack as refused:
        return refused.errors or (PackError("", "refused without a reason"),)
    return ()


def test_the_rich_pack_itself_is_taken() -> None:
    assert refusal(RICH) == ()


@pytest.mark.parametrize("field", ["agencies", "gazetteer", "response_plans", "zone"])
def test_a_flood_of_errors_is_cut_short(field: str) -> None:
    flood: Any = [{}] * 300_000
    document = minimal() | {field: {"type": "Polygon", "coordinates": [flood]} if field == "zone" else flood}
    assert 0 < len(refusal(document)) <= 1000


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_a_shipped_pack_is_valid_and_every_kind_reaches_an_agency(path: Path) -> None:
    pack = load_pack(path)
    assert path.name.startswith(pack.code)
    assert pack.zone is not None
    assert all(pack.plan_for(kind.code, kind.priority) for kind in pack.incident_types)
    assert not any(agency.endpoints for agency in pack.agencies)
    assert {"/zone", "/prefix", "/agencies", "/response_plans"} <= {note.at for note in pack.assumptions}


def test_the_shipped_packs_have_each_their_own_prefix() -> None:
    packs = [load_pack(path) for path in PACKS]
    assert len(packs) == 4
    assert len({pack.prefix for pack in packs}) == 4
    assert len({pack.code for pack in packs}) == 4


def documented_rows() -> list[str]:
    """The rows of the page's tables of keys, as the schema has them."""
    schema = pack_schema()
    parts = [("Pack", schema), *sorted(schema["$defs"].items())]
    return [
        f"| {name} | `{key}` | {'yes' if key in part.get('required', ()) else ''} | {about['description']} |"
        for name, part in parts
        for key, about in part.get("properties", {}).items()
    ]


def test_the_page_on_packs_tells_of_every_key_kind_and_policy() -> None:
    page = (ROOT / "docs" / "packs.md").read_text("utf-8")
    missing = [row for row in documented_rows() if row not in page.splitlines()]
    assert not missing, "docs/packs.md lacks or differs:\n" + "\n".join(missing)
    assert all(f"`{kind.code}`" in page for kind in standard_types())
    assert all(f"`{code}`" in page for code in roster_policies())
    words = yaml.safe_load(files("sigap_common.regency").joinpath("capabilities.yaml").read_text("utf-8"))
    rows = [f"| `{one['code']}` | {one['label']['id']} | {one['label']['en']} |" for one in words]
    assert [row for row in rows if row not in page.splitlines()] == []


def test_the_pages_example_is_a_valid_pack(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "packs.md").read_text("utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]
    assert load_pack(written(tmp_path, example)).agencies


@pytest.mark.parametrize("short", [True, False])
def test_a_pack_written_to_a_table_is_read_back_whole(short: bool) -> None:
    pack = Pack.model_validate({"code": "99.01", "name": "X", "time_zone": "Asia/Jakarta", "zone": SQUARE_ZONE})
    assert Pack.model_validate_json(pack.model_dump_json(exclude_defaults=short)) == pack


SQUARE_ZONE = {"type": "Polygon", "coordinates": [[[102, -4], [103, -4], [103, -3], [102, -4]]]}


def test_a_key_of_a_section_that_a_service_does_not_keep_names_the_section() -> None:
    """Else whoever reads a new key looks for a slip in its name."""
    identity = SECTIONS["identity"](code="99.01", name="X", time_zone="Asia/Jakarta")
    kept = pack_of([identity, SECTIONS["agencies"]()])
    assert kept.agencies == ()
    with pytest.raises(AttributeError, match=r"'gazetteer'.*manifest"):
        kept.gazetteer  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'gazeteer'"):
        kept.gazeteer  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize("key", ["agencies", "incident_types", "capabilities", "triage", "cctv_points"])
def test_each_list_of_entries_with_a_code_is_looked_through_for_doubles(key: str) -> None:
    document = {"code": "99.01", "name": "X", "time_zone": "Asia/Jakarta", key: [{"code": "a"}, {"code": "a"}]}
    with pytest.raises(InvalidPack) as refused:
        validate_pack(document)
    assert (f"/{key}/1/code", "pack.used_before") in {(one.pointer, one.kind) for one in refused.value.errors}
