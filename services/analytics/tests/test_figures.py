"""Histories with every figure worked out by hand, one for each rule of the figures."""

from random import Random
from uuid import uuid4

import pytest

from .conftest import Ask, History, Row, Tell, share

NATION = {"regency": None}


def numbers(rows: list[Row], key: str = "group") -> dict[str, int]:
    return {row[key]: row["numerator"] for row in rows}


async def test_the_funnel_closes(history: History, tell: Tell, ask: Ask) -> None:
    history.call("10:00:00", answered=5, call_class="emergency")
    history.call("10:01:00", answered=5, call_class="prank")
    history.call("10:02:00", answered=5, call_class="prank")
    history.call("10:03:00", answered=5, call_class="line_test")
    history.call("10:04:00", answered=5)
    history.call("10:05:00", answered=5, ended=True)
    history.call("10:06:00", abandoned=4)
    history.call("10:07:00")
    await tell(history)
    (whole,) = await ask("calls")
    assert share(whole) == (8, 8)
    assert whole["parts"] == {
        "received": 8,
        "answered": 6,
        "abandoned": 1,
        "waiting": 1,
        "emergency": 1,
        "prank": 2,
        "line_test": 1,
        "not_classified": 2,
    }
    by_class = await ask("calls", group="class")
    assert sum(numbers(by_class).values()) == 8
    assert {row["denominator"] for row in by_class} == {8}


async def test_a_line_test_is_a_real_call(history: History, tell: Tell, ask: Ask) -> None:
    history.call("10:00:00", answered=3, call_class="line_test")
    await tell(history)
    assert numbers(await ask("calls", group="class")) == {"line_test": 1}
    assert share((await ask("answered_within_10s"))[0]) == (1, 1)


async def test_service_levels_with_and_without_the_abandoned(history: History, tell: Tell, ask: Ask) -> None:
    for n, waited in enumerate((4, 10, 10.001, 15, 20, 21)):
        history.call(f"10:0{n}:00", answered=waited)
    for n, waited in enumerate((9.999, 10, 60)):
        history.call(f"11:0{n}:00", abandoned=waited)
    history.call("12:00:00")
    await tell(history)
    found = {
        (seconds, form): share((await ask(f"answered_within_{seconds}s{form}"))[0])
        for seconds in (10, 15, 20)
        for form in ("", "_without_abandoned", "_without_short_abandoned")
    }
    assert found == {
        (10, ""): (2, 9),
        (10, "_without_abandoned"): (2, 6),
        (10, "_without_short_abandoned"): (2, 8),
        (15, ""): (4, 9),
        (15, "_without_abandoned"): (4, 6),
        (15, "_without_short_abandoned"): (4, 8),
        (20, ""): (5, 9),
        (20, "_without_abandoned"): (5, 6),
        (20, "_without_short_abandoned"): (5, 8),
    }


async def test_percentiles_are_measured_times_by_nearest_rank(history: History, tell: Tell, ask: Ask) -> None:
    for n in range(1, 21):
        history.call(f"10:{n:02}:00", answered=n, channel="app" if n > 10 else "telephone")
    history.call("11:00:00", abandoned=3)
    await tell(history)
    (row,) = await ask("answer_time")
    assert (share(row), row["n"], row["value"]) == ((20, 20), 20, 10.0)
    assert row["percentiles"] == {"p50": 10.0, "p90": 18.0, "p95": 19.0}
    by_channel = await ask("answer_time", group="channel")
    assert [(r["group"], r["n"], r["value"]) for r in by_channel] == [("app", 10, 15.0), ("telephone", 10, 5.0)]
    assert (await ask("abandonment_time"))[0]["value"] == 3.0


async def test_a_waiting_that_is_negative_or_over_a_day_is_unmeasured(history: History, tell: Tell, ask: Ask) -> None:
    history.call("10:00:00", answered=8)
    history.call("10:01:00", answered=-0.001)
    history.call("10:02:00", answered=86_400)
    history.call("10:03:00", answered=86_400.001)
    history.call("10:04:00", abandoned=-5)
    await tell(history)
    (row,) = await ask("answer_time")
    assert (share(row), row["n"], row["unmeasured"]) == ((2, 4), 2, 2)
    (level,) = await ask("answered_within_10s")
    assert (share(level), level["unmeasured"]) == ((1, 5), 2)
    assert share((await ask("answered_within_10s_without_short_abandoned"))[0]) == (1, 5)
    assert share((await ask("unmeasured_calls"))[0]) == (3, 5)


async def test_late_entries_count_in_kinds_and_days_and_in_no_time(history: History, tell: Tell, ask: Ask) -> None:
    history.call("10:00:00", answered=6, call_class="emergency")
    history.call("2024-02-18 22:00:00", backfilled=True, call_class="emergency")
    late = history.incident(
        "2024-02-25 09:00:00",
        answered="2024-02-18 22:00:10",
        day="2024-02-18",
        backfilled=True,
    )
    forwarding = history.forward(late, "2024-02-25 09:00:01", backfilled=True)
    history.deliver(late, forwarding, "2024-02-25 09:00:02")
    history.acknowledge(late, forwarding, "2024-02-25 09:00:03")
    await tell(history)
    both = {"from": "2024-02-18", "to": "2024-02-25"}
    assert numbers(await ask("calls", grain="hour", **both), "period") == {"2024-02-18T22": 1, "2024-02-19T10": 1}
    assert numbers(await ask("incidents", grain="hour", **both), "period") == {"2024-02-18T22": 1}
    assert share((await ask("answered_within_10s", **both))[0]) == (1, 1)
    assert share((await ask("unmeasured_calls", **both))[0]) == (0, 1)
    assert share((await ask("promise_30s", **both))[0]) == (0, 0)
    assert share((await ask("forwarded_to_acknowledged", **both))[0]) == (0, 0)
    assert (await ask("forwardings", **both))[0]["parts"] == {"acknowledged": 1}


async def test_drills_count_in_drill_figures_alone(history: History, tell: Tell, ask: Ask) -> None:
    history.call("10:00:00", answered=2, call_class="emergency", drill=True)
    history.call("10:01:00", answered=9, call_class="information")
    drill = history.incident("10:00:05", answered="10:00:02", drill=True)
    forwarding = history.forward(drill, "10:00:06")
    history.deliver(drill, forwarding, "10:00:07")
    history.acknowledge(drill, forwarding, "10:00:08")
    await tell(history)
    codes = ("calls", "incidents", "promise_30s", "forwardings", "forwarded_to_acknowledged")
    assert [share((await ask(code))[0]) for code in codes] == [(1, 1), (0, 0), (0, 0), (0, 0), (0, 0)]
    assert [share((await ask(code, drill=True))[0]) for code in codes] == [(1, 1)] * 5
    assert numbers(await ask("calls", drill=True, group="class")) == {"emergency": 1}


async def test_a_reclassified_call_moves_wholly_in_its_own_period(history: History, tell: Tell, ask: Ask) -> None:
    call = history.call("23:59:00", answered=5, call_class="prank")
    history.reclassify(call, "2024-02-21 08:00:00", "prank", "emergency")
    await tell(history)
    span = {"to": "2024-02-21"}
    moved = await ask("calls", group="class", grain="day", **span)
    assert [(r["period"], r["group"], r["numerator"]) for r in moved] == [("2024-02-19", "emergency", 1)]


async def test_a_corrected_kind_moves_the_incident_in_its_own_period(history: History, tell: Tell, ask: Ask) -> None:
    incident = history.incident("10:00:00", kind="fire", answered="09:59:50")
    history.correct(incident, "2024-02-20 10:00:00", incident_type="flood")
    history.incident("11:00:00", kind=None)
    await tell(history)
    assert numbers(await ask("incidents", group="kind", to="2024-02-20")) == {"flood": 1, "unknown": 1}
    assert numbers(await ask("incidents", grain="day", to="2024-02-20"), "period") == {"2024-02-19": 2}


async def test_protected_incidents_are_one_row_below_the_total(history: History, tell: Tell, ask: Ask) -> None:
    history.incident("10:00:00", kind="fire")
    child = history.incident("10:01:00", kind="child_abuse", protected=True, answered="10:00:50")
    other = history.incident("10:02:00", kind="assault", answered="10:01:50")
    history.forward(child, "10:01:02", "bppkb")
    history.forward(other, "10:02:02", "polresta")
    history.protect(other, "10:05:00")
    history.correct(other, "10:06:00", incident_type="fire")
    await tell(history)
    assert share((await ask("incidents"))[0]) == (3, 3)
    assert numbers(await ask("incidents", group="kind")) == {"fire": 1, "protected": 2}
    assert [(r["group"], share(r)) for r in await ask("promise_30s", group="kind")] == [("protected", (0, 2))]
    assert numbers(await ask("forwardings", group="agency")) == {"protected": 2}
    assert share((await ask("forwardings"))[0]) == (2, 2)


async def test_an_incident_whose_protection_is_lifted_is_of_its_kind_again(
    history: History, tell: Tell, ask: Ask
) -> None:
    incident = history.incident("10:00:00", kind="fire")
    history.forward(incident, "10:00:02", "damkar")
    history.protect(incident, "10:05:00")
    history.lift_protection(incident, "10:06:00")
    await tell(history)
    assert numbers(await ask("incidents", group="kind")) == {"fire": 1}
    assert numbers(await ask("forwardings", group="agency")) == {"99.01/damkar": 1}


async def test_the_promise_counts_every_incident_from_an_answered_call(history: History, tell: Tell, ask: Ask) -> None:
    kept = history.incident("10:00:20", answered="10:00:00")
    history.deliver(kept, history.forward(kept, "10:00:21", "rsud"), "10:00:31")
    history.deliver(kept, history.forward(kept, "10:00:22"), "10:00:30")
    late = history.incident("11:00:20", answered="11:00:00", kind="flood")
    history.deliver(late, history.forward(late, "11:01:01"), "11:01:02")
    undelivered = history.incident("12:00:20", answered="12:00:00")
    history.forward(undelivered, "12:01:00")
    history.incident("13:00:20", answered="13:00:00")
    seen_by_camera = history.incident("14:00:00")
    history.deliver(seen_by_camera, history.forward(seen_by_camera, "14:00:01"), "14:00:02")
    await tell(history)
    (row,) = await ask("promise_30s")
    assert (share(row), row["n"], row["percentiles"]) == ((1, 4), 2, {"p50": 30.0, "p90": 62.0, "p95": 62.0})
    assert row["parts"] == {"kept": 1, "too_late_or_unmeasured": 1, "never_delivered": 1, "never_forwarded": 1}
    by_kind = await ask("promise_30s", group="kind")
    assert [(r["group"], share(r)) for r in by_kind] == [("fire", (1, 3)), ("flood", (0, 1))]
    (processing,) = await ask("answer_to_forwarded")
    assert (share(processing), processing["n"]) == ((2, 4), 3)
    assert processing["percentiles"] == {"p50": 60.0, "p90": 61.0, "p95": 61.0}
    assert processing["parts"] == {"never_forwarded": 1}


async def test_merged_incidents_are_one_from_the_earliest_call_and_unmerged_ones_are_two(
    history: History, tell: Tell, ask: Ask
) -> None:
    first = history.incident("10:00:10", answered="10:00:00")
    second = history.incident("10:01:10", answered="10:01:00", kind="flood")
    history.deliver(second, history.forward(second, "10:01:15"), "10:01:20")
    history.merge(first, second, "10:05:00", answered="10:00:00")
    await tell(history)
    assert numbers(await ask("incidents", group="kind")) == {"flood": 1}
    (row,) = await ask("promise_30s")
    assert (share(row), row["percentiles"]["p50"]) == ((0, 1), 80.0)
    history.unmerge(first, second, "10:10:00", answered="10:01:00")
    await tell(history)
    assert numbers(await ask("incidents", group="kind")) == {"fire": 1, "flood": 1}
    (row,) = await ask("promise_30s")
    assert (share(row), row["percentiles"]["p50"]) == ((1, 2), 20.0)


async def test_what_a_merged_incidents_agency_got_counts_for_the_whole(history: History, tell: Tell, ask: Ask) -> None:
    first = history.incident("10:00:10", answered="10:00:00")
    history.deliver(first, history.forward(first, "10:00:11"), "10:00:12")
    second = history.incident("10:01:10", answered="10:01:00")
    history.merge(first, second, "10:05:00", answered="10:00:00")
    await tell(history)
    (row,) = await ask("promise_30s")
    assert (share(row), row["percentiles"]["p50"]) == ((1, 1), 12.0)


async def test_what_an_agency_got_counts_for_the_whole_through_two_mergers(
    history: History, tell: Tell, ask: Ask
) -> None:
    first, second, third = (history.incident(at, answered=at) for at in ("10:00:00", "10:01:00", "10:02:00"))
    history.deliver(first, history.forward(first, "10:00:11"), "10:00:12")
    history.merge(first, second, "10:05:00", answered="10:00:00")
    history.merge(second, third, "10:06:00", answered="10:00:00")
    await tell(history)
    (row,) = await ask("promise_30s")
    assert (share(row), row["percentiles"]["p50"]) == ((1, 1), 12.0)


async def test_who_answered_one_of_us_on_the_telephone_has_been_told(history: History, tell: Tell, ask: Ask) -> None:
    coming = history.incident("10:00:05", answered="10:00:00")
    forwarding = history.forward(coming, "10:00:06")
    history.acknowledge(coming, forwarding, "10:00:25", channel="telephone", on_behalf=True)
    full = history.incident("11:00:05", answered="11:00:00")
    forwarding = history.forward(full, "11:00:06")
    history.decline(full, forwarding, "11:00:20", channel="telephone", on_behalf=True)
    by_radio = history.incident("12:00:05", answered="12:00:00")
    history.acknowledge(by_radio, history.forward(by_radio, "12:00:06"), "12:00:20", channel="radio", on_behalf=True)
    await tell(history)
    (row,) = await ask("promise_30s")
    assert (share(row), row["parts"]) == ((2, 3), {"kept": 2, "never_delivered": 1})
    assert row["percentiles"]["p50"] == 20.0
    assert share((await ask("forwarded_to_acknowledged"))[0]) == (2, 3)


@pytest.mark.parametrize("seed", [1, 2])
async def test_what_an_agency_answers_while_its_endpoint_is_away_it_has(
    history: History, tell: Tell, ask: Ask, seed: int
) -> None:
    """The earliest of its deliveries and its answers counts, by when they were, in every figure that rests on it."""
    corrected_at = history.moment("10:00:04")
    answered = history.incident("10:00:05", answered="10:00:00", corrected_at=corrected_at)
    forwarding = history.forward(answered, "10:00:06")
    history.acknowledge(answered, forwarding, "10:00:20", channel="api")
    history.deliver(answered, forwarding, "10:09:00", "webhook")
    declined = history.incident("11:00:05", answered="11:00:00")
    history.decline(declined, history.forward(declined, "11:00:06"), "11:00:25", channel="api")
    delivered = history.incident("12:00:05", answered="12:00:00")
    forwarding = history.forward(delivered, "12:00:06")
    history.deliver(delivered, forwarding, "12:00:10", "webhook")
    history.acknowledge(delivered, forwarding, "12:00:50", channel="api")
    too_late = history.incident("13:00:05", answered="13:00:00")
    history.acknowledge(too_late, history.forward(too_late, "13:00:06"), "13:00:40", channel="api")
    await tell(history, shuffled=Random(seed))
    (promise,) = await ask("promise_30s")
    assert (share(promise), promise["parts"]) == ((3, 4), {"kept": 3, "too_late_or_unmeasured": 1})
    assert promise["percentiles"] == {"p50": 20.0, "p90": 40.0, "p95": 40.0}
    (last,) = await ask("answer_to_last_agency")
    assert (share(last), last["percentiles"]) == ((4, 4), promise["percentiles"])
    assert (await ask("correction_to_delivered"))[0]["value"] == 16.0


async def test_the_last_agency_of_alarm_level_1_is_waited_for(history: History, tell: Tell, ask: Ask) -> None:
    whole = history.incident("10:00:10", answered="10:00:00")
    for agency, at in (("damkar", "10:00:15"), ("psc", "10:00:40")):
        history.deliver(whole, history.forward(whole, "10:00:11", agency), at)
    history.deliver(whole, history.forward(whole, "10:00:11", "pmi", level=2), "10:30:00")
    mistaken = history.forward(whole, "10:00:11", "rsud")
    history.withdraw(whole, mistaken, "10:00:30")
    partly = history.incident("11:00:10", answered="11:00:00")
    history.deliver(partly, history.forward(partly, "11:00:11", "damkar"), "11:00:12")
    history.forward(partly, "11:00:11", "psc")
    await tell(history)
    (row,) = await ask("answer_to_last_agency")
    assert (share(row), row["n"], row["value"]) == ((1, 2), 1, 40.0)


async def test_a_corrected_prank_is_timed_from_the_answer_and_from_the_correction(
    history: History, tell: Tell, ask: Ask
) -> None:
    corrected_at = history.moment("10:10:00")
    incident = history.incident("10:10:00", answered="10:00:00", corrected_at=corrected_at)
    history.deliver(incident, history.forward(incident, "10:10:01"), "10:10:04")
    await tell(history)
    (promise,) = await ask("promise_30s")
    assert (share(promise), promise["percentiles"]["p50"]) == ((0, 1), 604.0)
    (correction,) = await ask("correction_to_delivered")
    assert (share(correction), correction["value"]) == ((1, 1), 4.0)


async def test_an_incident_told_before_its_answer_is_unmeasured_and_missed(
    history: History, tell: Tell, ask: Ask
) -> None:
    wrong_clock = history.incident("10:00:10", answered="10:00:00")
    history.deliver(wrong_clock, history.forward(wrong_clock, "09:59:58"), "09:59:59")
    too_long = history.incident("10:00:10", answered="10:00:00")
    history.deliver(too_long, history.forward(too_long, "10:00:12"), "2024-02-20 10:00:01")
    await tell(history)
    (row,) = await ask("promise_30s")
    assert (share(row), row["n"], row["unmeasured"], row["percentiles"]) == ((0, 2), 0, 2, None)
    assert share((await ask("unmeasured_incidents"))[0]) == (2, 2)


async def test_acknowledgements_by_agency(history: History, tell: Tell, ask: Ask) -> None:
    incident = history.incident("10:00:00", answered="09:59:50")
    for agency, at in (("damkar", "10:00:10"), ("psc", "10:00:40")):
        forwarding = history.forward(incident, "10:00:00", agency)
        history.acknowledge(incident, forwarding, at)
        history.acknowledge(incident, forwarding, "10:09:00")
    history.forward(incident, "10:00:00", "psc")
    history.withdraw(incident, history.forward(incident, "10:00:00", "psc"), "10:01:00")
    await tell(history)
    (row,) = await ask("forwarded_to_acknowledged")
    assert (share(row), row["n"], row["percentiles"]) == ((2, 4), 2, {"p50": 10.0, "p90": 40.0, "p95": 40.0})
    assert row["parts"] == {"acknowledged": 2, "open": 1, "withdrawn": 1}
    by_agency = await ask("forwarded_to_acknowledged", group="agency")
    assert [(r["group"], share(r), r["value"]) for r in by_agency] == [
        ("99.01/damkar", (1, 1), 1.0),
        ("99.01/psc", (1, 3), 1 / 3),
    ]


@pytest.mark.parametrize("seed", [1, 2])
async def test_answers_that_we_took_down_are_told_from_the_agencys_own(
    history: History, tell: Tell, ask: Ask, seed: int
) -> None:
    """What counts is who gave the first acknowledgement, or the first decline of an agency that never acknowledged."""
    incident = history.incident("10:00:00", answered="09:59:50")
    history.acknowledge(incident, history.forward(incident, "10:00:00", "damkar"), "10:00:10", channel="api")
    by_telephone = history.forward(incident, "10:00:00", "psc")
    history.acknowledge(incident, by_telephone, "10:00:20", channel="telephone", on_behalf=True)
    history.acknowledge(incident, by_telephone, "10:00:40", channel="api")
    by_radio = history.forward(incident, "10:00:00", "pmi")
    history.decline(incident, by_radio, "10:00:15", channel="api")
    history.acknowledge(incident, by_radio, "10:00:30", channel="radio", on_behalf=True)
    history.decline(incident, history.forward(incident, "10:00:00", "rsud"), "10:01:00", channel="api")
    declined = history.forward(incident, "10:00:00", "bpbd")
    history.decline(incident, declined, "10:01:00", channel="telephone", on_behalf=True)
    history.withdraw(incident, declined, "10:02:00")
    own = history.forward(incident, "10:00:00", "polresta")
    history.acknowledge(incident, own, "10:00:50", channel="api")
    history.acknowledge(incident, own, "10:09:00", channel="telephone", on_behalf=True)
    await tell(history, shuffled=Random(seed))
    parts = {"acknowledged": 4, "acknowledged_on_behalf": 2, "declined": 2, "declined_on_behalf": 1}
    for code in ("forwardings", "forwarded_to_acknowledged"):
        (row,) = await ask(code)
        assert row["parts"] == parts
    by_agency = {row["group"]: row["parts"] for row in await ask("forwarded_to_acknowledged", group="agency")}
    assert by_agency["99.01/psc"] == {"acknowledged": 1, "acknowledged_on_behalf": 1}
    assert by_agency["99.01/polresta"] == {"acknowledged": 1}


async def test_a_fact_lies_in_its_regencys_local_day_and_hour(
    history: History, eastern: History, tell: Tell, ask: Ask
) -> None:
    history.call("00:30:00", answered=1)
    history.call("2024-02-18 23:59:59", answered=1)
    eastern.call("00:30:00", answered=1)
    await tell(history, eastern)
    assert numbers(await ask("calls", grain="hour"), "period") == {"2024-02-19T00": 1}
    assert numbers(await ask("calls", grain="hour", regency="99.02"), "period") == {"2024-02-19T00": 1}


async def test_a_national_day_is_the_sum_of_local_days(
    history: History, eastern: History, tell: Tell, ask: Ask
) -> None:
    for story in (history, eastern):
        story.call("2024-02-18 23:00:00", answered=1)
        story.call("00:00:00", answered=1)
        story.call("23:59:59", answered=1)
        story.call("2024-02-20 00:00:00", answered=1)
    await tell(history, eastern)
    span = {"from": "2024-01-01", "to": "2024-12-31"}
    days = {"2024-02-18": 2, "2024-02-19": 4, "2024-02-20": 2}
    assert numbers(await ask("calls", grain="day", **span, **NATION), "period") == days
    assert numbers(await ask("calls", grain="month", **span, **NATION), "period") == {"2024-02": 8}
    assert numbers(await ask("calls", grain="day"), "period") == {"2024-02-19": 2}


async def test_duties_as_the_roster_was_last_published(history: History, tell: Tell, ask: Ask) -> None:
    roster, on_time, late, dropped, future = (uuid4() for _ in range(5))
    history.publish(roster, (on_time, "07:00:00"), (late, "07:00:00"), (dropped, "14:00:00"))
    history.publish(roster, (on_time, "07:00:00"), (late, "07:00:00"), (future, "2099-01-01 07:00:00"))
    history.start_duty(on_time, "06:50:00", planned="07:00:00")
    history.start_duty(late, "07:12:00", planned="07:00:00")
    await tell(history)
    (row,) = await ask("duties_started")
    assert (share(row), row["n"], row["percentiles"]) == ((2, 2), 2, {"p50": 0.0, "p90": 720.0, "p95": 720.0})
    assert share((await ask("duties_started", **{"from": "2099-01-01", "to": "2099-01-01"}))[0]) == (0, 0)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_order_gives_the_same_figures(
    history: History, eastern: History, tell: Tell, ask: Ask, seed: int
) -> None:
    for n, story in enumerate((history, eastern)):
        call = story.call("10:00:00", answered=12 + n, call_class="prank")
        story.reclassify(call, "10:20:00", "prank", "emergency")
        story.call("10:03:00", abandoned=12)
        incident = story.incident("10:20:00", answered="10:00:12")
        forwarding = story.forward(incident, "10:20:01")
        story.deliver(incident, forwarding, "10:20:03")
        story.deliver(incident, forwarding, "10:20:09", "webhook")
        story.acknowledge(incident, forwarding, "10:20:21")
        story.correct(incident, "10:30:00", incident_type="flood")
        story.correct(incident, "10:40:00", incident_type="fire")
        story.correct(incident, "10:50:00", priority=1)
        story.close(incident, "11:00:00")
    await tell(history, eastern, shuffled=Random(seed))
    assert numbers(await ask("calls", group="class", **NATION)) == {"emergency": 2, "abandoned": 2}
    assert share((await ask("answered_within_15s", **NATION))[0]) == (2, 4)
    assert (await ask("answer_time", **NATION))[0]["percentiles"] == {"p50": 12.0, "p90": 13.0, "p95": 13.0}
    assert numbers(await ask("incidents", group="kind", **NATION)) == {"fire": 2}
    assert (await ask("promise_30s"))[0]["percentiles"]["p50"] == 1191.0
    assert (await ask("forwarded_to_acknowledged", **NATION))[0]["percentiles"]["p95"] == 20.0
