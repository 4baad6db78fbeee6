"""What is asked over HTTP, and what is refused."""

from collections.abc import Sequence

import httpx

from sigap_analytics import examples
from sigap_analytics.domain.catalogue import FIGURES
from sigap_analytics.schemas import AnswerOut, FigureList, ReportOut
from sigap_common.core.texts import Texts
from sigap_common.http.guards import guarded_routes
from sigap_testing.kit import Kit

from .conftest import History, Tell

DAY = {"regency": "99.01", "from": "2024-02-19", "to": "2024-02-19"}


async def get(
    kit: Kit, path: str, role: str = "analyst", regencies: Sequence[str] = ("*",), **asked: str
) -> httpx.Response:
    headers = kit.bearer(role, regencies=regencies) | {"Accept-Language": "en"}
    return await kit.client.get(path, params=asked, headers=headers)


def wrong(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.status_code == 422, answer.text
    return [(error.get("parameter", ""), error["code"]) for error in answer.json()["errors"]]


async def test_the_catalogue_says_what_each_figure_means(kit: Kit) -> None:
    answer = await get(kit, "/v1/kpis")
    found = {figure["code"]: figure for figure in answer.json()["items"]}
    assert found.keys() == FIGURES.keys()
    level = found["answered_within_15s_without_short_abandoned"]
    assert level["name"]["en"] == "Answered within 15 s, without those abandoned under 10 s"
    assert "15 detik" in level["definition"]["id"]
    assert (level["unit"], level["value"], level["additive"]) == ("call", "share", False)
    assert level["source"] == "NENA-STA-020"
    assert all(f["definition"]["id"] and f["formula"] and f["source"] and f["since"] for f in found.values())
    assert found["calls"]["additive"]


def test_the_texts_of_both_languages_say_the_same() -> None:
    assert Texts.load("sigap_analytics").differences() == []


async def test_a_figure_comes_with_what_was_asked(kit: Kit, history: History, tell: Tell) -> None:
    history.call("10:00:00", answered=7, call_class="prank")
    await tell(history)
    answer = (await get(kit, "/v1/kpis/answer_time", **DAY, grain="hour", group="class")).json()
    rows = answer.pop("rows")
    assert answer.pop("as_of") == kit.clock().isoformat().replace("+00:00", "Z")
    assert answer == DAY | {"figure": "answer_time", "grain": "hour", "group": "class", "drill": False}
    assert rows == [
        {
            "period": "2024-02-19T10",
            "group": "prank",
            "numerator": 1,
            "denominator": 1,
            "value": 7.0,
            "n": 1,
            "percentiles": {"p50": 7.0, "p90": 7.0, "p95": 7.0},
            "unmeasured": 0,
            "parts": {},
        }
    ]


async def test_nothing_happened_is_an_answer(kit: Kit) -> None:
    (row,) = (await get(kit, "/v1/kpis/answered_within_15s", **DAY)).json()["rows"]
    assert (row["numerator"], row["denominator"], row["value"]) == (0, 0, None)
    assert (await get(kit, "/v1/kpis/calls", **DAY, grain="day")).json()["rows"] == []


async def test_the_summary_has_every_figure_and_agrees_with_each(kit: Kit, history: History, tell: Tell) -> None:
    history.call("10:00:00", answered=7, call_class="emergency")
    history.call("10:05:00", abandoned=70)
    incident = history.incident("10:00:20", answered="10:00:07")
    forwarding = history.forward(incident, "10:00:21")
    history.deliver(incident, forwarding, "10:00:22")
    history.acknowledge(incident, forwarding, "10:00:41")
    await tell(history)
    summary = (await get(kit, "/v1/reports/summary", **DAY)).json()
    assert summary["figures"].keys() == FIGURES.keys()
    for code, figure in FIGURES.items():
        alone = (await get(kit, f"/v1/kpis/{code}", **DAY)).json()["rows"]
        assert [summary["figures"][code]["total"]] == alone, code
        for group in figure.groups:
            grouped = (await get(kit, f"/v1/kpis/{code}", **DAY, group=group.value)).json()["rows"]
            assert summary["figures"][code]["groups"][group] == grouped, code
    promise = summary["figures"]["promise_30s"]["total"]
    assert (promise["numerator"], promise["denominator"], promise["percentiles"]["p50"]) == (1, 1, 15.0)


WRONG: list[tuple[dict[str, str], tuple[str, str]]] = [
    ({"to": "2024-02-18"}, ("to", "period_reversed")),
    ({"from": "2010-01-01"}, ("to", "period_too_long")),
    ({"from": "2022-02-19", "grain": "hour"}, ("grain", "grain_too_fine")),
    ({"from": "19-02-2024"}, ("from", "date_parsing")),
    ({"from": "0"}, ("from", "date_parsing")),
    ({"from": "2024-02-30"}, ("from", "date_from_datetime_parsing")),
    ({"group": "kind"}, ("group", "group_unknown")),
    ({"group": "colour"}, ("group", "enum")),
    ({"grain": "week"}, ("grain", "enum")),
    ({"regency": "1771"}, ("regency", "string_pattern_mismatch")),
    ({"zone": "Asia/Jakarta"}, ("zone", "parameter_unknown")),
    ({"drill": "perhaps"}, ("drill", "bool_parsing")),
]


async def test_a_wrong_question_is_told_what_is_wrong(kit: Kit) -> None:
    for asked, error in WRONG:
        assert wrong(await get(kit, "/v1/kpis/calls", **DAY | asked)) == [error]


async def test_a_period_must_be_named(kit: Kit) -> None:
    found = wrong(await get(kit, "/v1/reports/summary", regency="99.01"))
    assert found == [("from", "missing"), ("to", "missing")]


async def test_the_ends_of_the_calendar_are_no_error(kit: Kit) -> None:
    for first in ("0001-01-01", "9999-12-31"):
        asked = {"regency": "99.01", "from": first, "to": first}
        for grain in ("total", "hour", "day", "month"):
            assert (await get(kit, "/v1/kpis/calls", **asked, grain=grain)).status_code == 200


async def test_unknown_figures_and_regencies_are_not_found(kit: Kit) -> None:
    assert (await get(kit, "/v1/kpis/happiness", **DAY)).status_code == 404
    assert (await get(kit, "/v1/kpis/calls", **DAY | {"regency": "98.76"})).status_code == 404


async def test_a_token_is_bound_to_its_regencies(kit: Kit, history: History, eastern: History, tell: Tell) -> None:
    history.call("10:00:00")
    eastern.call("10:00:00")
    await tell(history, eastern)
    period = {"from": "2024-02-19", "to": "2024-02-19"}

    async def received(regencies: tuple[str, ...], **asked: str) -> int:
        answer = await get(kit, "/v1/kpis/calls", regencies=regencies, **period, **asked)
        return int(answer.json()["rows"][0]["numerator"])

    foreign = await get(kit, "/v1/kpis/calls", regencies=("99.02",), **DAY)
    assert (foreign.status_code, foreign.json()["type"]) == (403, "/problems/regency-forbidden")
    assert await received(("99.02",)) == 1
    assert await received(("99.01", "99.02")) == 2
    assert await received(("*",)) == 2
    assert await received(("*",), regency="99.01") == 1


PATHS: dict[str, dict[str, str]] = {"/v1/kpis": {}, "/v1/kpis/calls": DAY, "/v1/reports/summary": DAY}


async def test_only_who_may_read_figures_reads_them(kit: Kit) -> None:
    for path, asked in PATHS.items():
        assert (await kit.client.get(path, params=asked)).status_code == 401
        for role in ("operator", "agency", "planner", "staff", "cti"):
            agency = "99.01/damkar" if role == "agency" else None
            headers = kit.bearer(role, agency=agency)
            assert (await kit.client.get(path, params=asked, headers=headers)).status_code == 403
        for role in ("analyst", "supervisor", "dispatcher", "admin"):
            assert (await get(kit, path, role, **asked)).status_code == 200


def test_the_examples_are_answers() -> None:
    assert FigureList.model_validate(examples.FIGURES).model_dump(mode="json") == examples.FIGURES
    AnswerOut.model_validate(examples.ANSWER)
    ReportOut.model_validate(examples.REPORT)


async def test_every_route_declares_its_guard(kit: Kit) -> None:
    assert [path for path, _, guards in guarded_routes(kit.app) if not guards] == []
