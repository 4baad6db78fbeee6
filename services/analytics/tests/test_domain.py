"""Facts and figures without a database."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from random import Random
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_analytics.domain.catalogue import FIGURES
from sigap_analytics.domain.columns import columns, outcome
from sigap_analytics.domain.counted_facts import Call, CountedFact
from sigap_analytics.domain.fact_updates import HEARD, fact_updates
from sigap_analytics.domain.facts import FIRST, Fact, FactUpdate, Kind, begin, merge
from sigap_analytics.domain.figures import percentiles, rows
from sigap_analytics.domain.periods import Grain, Period
from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.agencies import AgencyResponded, NotificationDelivered, Response
from sigap_common.contracts.base import Event
from sigap_common.contracts.calls import (
    CallAbandoned,
    CallAnswered,
    CallClass,
    CallClassified,
    CallCorrected,
    CallEnded,
    CallReceived,
    CallReclassified,
    CallSnapshot,
    Channel,
)
from sigap_common.contracts.incidents import (
    Change,
    ForwardingContent,
    ForwardingRevised,
    ForwardingWithdrawn,
    IncidentAcknowledged,
    IncidentCreated,
    IncidentForwarded,
    IncidentUpdated,
    Source,
)
from sigap_common.contracts.reopening import IncidentReopened
from sigap_common.core.errors import Invalid
from sigap_testing.messages import an_envelope
from sigap_testing.refusals import faults_of

START = datetime(2024, 2, 19, 3, 0, tzinfo=UTC)
IDS = UUID(int=7)
CALL, INCIDENT, FORWARDING = (uuid5(IDS, name) for name in ("call", "incident", "forwarding"))
ZONE = "Asia/Jakarta"

moments = st.integers(0, 100_000).map(lambda seconds: START + timedelta(seconds=seconds))
waits = st.none() | st.integers(-1000, 100_000_000)
classes = st.sampled_from(CallClass)
snapshots = st.builds(
    CallSnapshot, channel=st.just(Channel.TELEPHONE), received_at=st.just(START), backfilled=st.just(False)
)
contents = st.builds(
    ForwardingContent,
    incident_number=st.just("T-1"),
    incident_type=st.none(),
    type_label=st.just("-"),
    priority=st.just(1),
    started_at=st.just(START),
    protected=st.booleans(),
)
_when = {"at": moments, "recorded_at": st.just(START)}
_forwarding = {"forwarding_id": st.just(FORWARDING), "agency": st.just("99.01/damkar"), "revision": st.just(1)}

call_events = st.one_of(
    st.builds(CallReceived, **_when, channel=st.sampled_from(Channel), backfilled=st.booleans()),
    st.builds(CallAnswered, **_when, received_at=st.just(START), waited_ms=waits),
    st.builds(CallAbandoned, **_when, received_at=st.just(START), waited_ms=waits),
    st.builds(CallClassified, **_when, call_class=classes, call=snapshots),
    st.builds(CallReclassified, **_when, before=classes, call_class=classes, call=snapshots),
    st.builds(CallEnded, **_when, ended_by=st.just("caller"), cut_off=st.booleans()),
    st.builds(CallCorrected, **_when, received_at=moments, answered_at=st.none() | moments, waited_ms=waits),
)
changes = st.sampled_from(((), (Change(field="protected", before="false", after="true"),)))
kinds = st.sampled_from((None, "fire", "flood"))
incident_events = st.one_of(
    st.builds(
        IncidentCreated,
        **_when,
        number=st.just("T-1"),
        day=st.just(date(2024, 2, 19)),
        incident_type=kinds,
        priority=st.integers(1, 5),
        place=st.none(),
        source=st.just(Source.CALL),
        call_id=st.just(CALL),
        started_at=st.just(START),
        answered_at=st.just(START),
        protected=st.booleans(),
    ),
    st.builds(IncidentUpdated, **_when, incident_type=kinds, priority=st.none() | st.integers(1, 5), changes=changes),
    st.builds(
        IncidentForwarded, **_when, **_forwarding, acknowledge_by=st.none(), automatic=st.booleans(), content=contents
    ),
    st.builds(
        IncidentAcknowledged,
        **_when,
        **_forwarding,
        channel=st.sampled_from(("desk", "telephone")),
        on_behalf=st.booleans(),
    ),
    st.builds(ForwardingWithdrawn, **_when, **_forwarding, reason=st.just("-"), stand_down=st.booleans()),
)
_delivery = {
    "incident_id": st.just(INCIDENT),
    "agency": st.just("99.01/damkar"),
    "revision": st.just(1),
    "channel": st.just("desk"),
}
gateway_events = st.one_of(
    st.builds(NotificationDelivered, **_when, **_delivery, endpoint=st.just("desk"), attempts=st.just(1)),
    st.builds(AgencyResponded, **_when, **_delivery, response=st.sampled_from(Response)),
)


def numbered(subject: UUID, events: list[Event]) -> Iterator[tuple[Event, Envelope]]:
    for sequence, event in enumerate(events, 1):
        event_id = uuid5(subject, str(sequence))
        yield event, an_envelope(event, str(subject), regency="99.01", sequence=sequence, event_id=event_id)


def facts_of(heard: list[tuple[Event, Envelope]]) -> dict[tuple[Kind, UUID], Fact]:
    found: dict[tuple[Kind, UUID], Fact] = {}
    for event, envelope in heard:
        for saying in fact_updates(event, envelope):
            key = saying.kind, saying.id
            found[key] = merge(found.get(key) or begin(saying, ZONE), saying)
    return found


histories = st.builds(
    lambda call, incident, gateway: [
        *numbered(CALL, call),
        *numbered(INCIDENT, incident),
        *numbered(FORWARDING, gateway),
    ],
    st.lists(call_events, max_size=8),
    st.lists(incident_events, max_size=8),
    st.lists(gateway_events, max_size=3),
)


@given(histories, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_give_the_same_facts(heard: list[tuple[Event, Envelope]], random: Random) -> None:
    again = heard + [random.choice(heard) for _ in heard]
    random.shuffle(again)
    expected = facts_of(heard)
    assert facts_of(again) == expected
    for (kind, _), fact in expected.items():
        columns(kind, fact)


values = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(("a", "b"))
said = st.dictionaries(st.sampled_from((*sorted(FIRST), "kind", "call_class")), values, max_size=4)
any_saying = st.builds(
    FactUpdate, st.just(Kind.CALL), st.just(CALL), st.just("99.01"), st.just(False), st.integers(1, 3), said
)


@given(st.lists(any_saying, min_size=1), st.randoms(use_true_random=False))
def test_even_events_that_contradict_each_other_merge_in_any_order(told: list[FactUpdate], random: Random) -> None:
    def merged(sayings_: list[FactUpdate]) -> Fact:
        return reduce(merge, sayings_, begin(sayings_[0], ZONE))

    again = told + told
    random.shuffle(again)
    assert merged(again) == merged(told)


def test_a_call_of_which_only_the_class_was_heard_is_a_partial_fact() -> None:
    snapshot = CallSnapshot(channel=Channel.APP, received_at=START)
    event = CallClassified(at=START, recorded_at=START, call_class=CallClass.PRANK, call=snapshot)
    ((_, fact),) = facts_of(list(numbered(CALL, [event]))).items()
    found = columns(Kind.CALL, fact)
    assert (found["outcome"], found["channel"], found["day"], found["waited_ms"]) == (
        "prank",
        "app",
        date(2024, 2, 19),
        None,
    )


def test_a_call_that_was_ended_after_the_answer_is_answered_whatever_came_first() -> None:
    ended = CallEnded(at=START, recorded_at=START, ended_by="operator", cut_off=True)
    ((_, fact),) = facts_of(list(numbered(CALL, [ended]))).items()
    assert outcome(fact) == "not_classified"
    assert columns(Kind.CALL, fact)["day"] is None


def test_what_is_heard_names_no_person() -> None:
    personal = {"number", "caller_name", "caller_hash", "by", "text", "note", "notes", "spoke_to", "staff_id"}
    told = {name for event in HEARD for name in event.model_fields} & personal
    assert told, "the contracts have personal fields, or this test is blind"
    snapshot = CallSnapshot(channel=Channel.APP, received_at=START, caller_hash="hash")
    event = CallClassified(at=START, recorded_at=START, by="ani", call_class=CallClass.SILENT, call=snapshot)
    (fact,) = facts_of(list(numbered(CALL, [event]))).values()
    assert not personal & fact.told.keys()
    assert "ani" not in repr(fact)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ({}, {}),
        ({7000: 1}, {"p50": 7.0, "p90": 7.0, "p95": 7.0}),
        ({1000: 1, 2000: 1}, {"p50": 1.0, "p90": 2.0, "p95": 2.0}),
        ({1000: 90, 2000: 5, 3000: 5}, {"p50": 1.0, "p90": 1.0, "p95": 2.0}),
    ],
)
def test_percentiles_by_nearest_rank(times: dict[int, int], expected: dict[str, float]) -> None:
    assert percentiles(Counter(times)) == expected


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=60))
def test_percentiles_agree_with_counting_one_by_one(times: list[int]) -> None:
    ordered = sorted(times)
    slow = {f"p{p}": ordered[-(-len(ordered) * p // 100) - 1] / 1000 for p in (50, 90, 95)}
    assert percentiles(Counter(times)) == slow


def test_equal_facts_weigh_as_many_as_they_are() -> None:
    level = FIGURES["answered_within_10s"]
    seen = [
        CountedFact(Call("prank", 9000), 3),
        CountedFact(Call("abandoned", 50_000), 2),
        CountedFact(Call("waiting"), 9),
    ]
    (row,) = rows(seen, level.measure, level.value)
    assert (row.numerator, row.denominator, row.value) == (3, 5, 0.6)


def test_an_acknowledgement_goes_before_what_else_a_forwarding_came_to() -> None:
    at = START.isoformat()

    def came_to(*said: str) -> object:
        saying = FactUpdate(Kind.FORWARDING, FORWARDING, "99.01", False, 1, {f"{name}_at": at for name in said})
        return columns(Kind.FORWARDING, merge(begin(saying, ZONE), saying))["outcome"]

    assert came_to("withdrawn", "declined", "acknowledged") == "acknowledged"
    assert came_to("withdrawn", "declined") == "declined"
    assert came_to("forwarded", "withdrawn") == "withdrawn"
    assert came_to("forwarded") == "open"


@pytest.mark.parametrize(
    ("first", "last", "grain", "kind"),
    [
        ("2024-02-19", "2024-02-18", Grain.TOTAL, "period_reversed"),
        ("2019-01-01", "2024-01-02", Grain.TOTAL, "period_too_long"),
        ("2023-01-01", "2024-12-31", Grain.HOUR, "grain_too_fine"),
    ],
)
def test_a_period_that_cannot_be_is_refused(first: str, last: str, grain: Grain, kind: str) -> None:
    with pytest.raises(Invalid) as refused:
        Period(date.fromisoformat(first), date.fromisoformat(last)).check(grain)
    assert [fault.kind for fault in faults_of(refused)] == [kind]


def test_five_years_and_ten_thousand_hours_are_allowed() -> None:
    Period(date(2020, 1, 1), date(2024, 12, 31)).check(Grain.DAY)
    Period(date(2023, 1, 1), date(2024, 2, 19)).check(Grain.HOUR)


def test_a_reopened_incident_is_open_again_and_an_agency_that_got_its_part_back_too() -> None:
    at = START.isoformat()
    closed = FactUpdate(Kind.INCIDENT, FORWARDING, "99.01", False, 4, {"closed_at": at, "disposition": "resolved"})
    withdrawn = FactUpdate(Kind.FORWARDING, FORWARDING, "99.01", False, 3, {"withdrawn_at": at})
    stamp = {"at": START, "recorded_at": START}
    reopened = IncidentReopened(
        **stamp,
        in_time=True,
        closed_at=START,
        disposition="resolved",
        number="CTH-1",
        incident_type="fire",
        priority=1,
        started_at=START,
    )
    revised = ForwardingRevised(
        **stamp,
        forwarding_id=FORWARDING,
        agency="99.01/damkar",
        revision=3,
        acknowledge_by=START,
        needs_acknowledgement=True,
        reason="reopened",
        content=ForwardingContent(
            incident_number="CTH-1", incident_type="fire", type_label="Kebakaran", priority=1, started_at=START
        ),
    )
    told: list[tuple[Event, FactUpdate]] = [(reopened, closed), (revised, withdrawn)]
    for sequence, (event, before) in enumerate(told, start=5):
        about = an_envelope(event, str(FORWARDING), sequence=sequence, regency="99.01")
        [update] = fact_updates(event, about)
        either = [reduce(merge, order, begin(before, ZONE)) for order in ((before, update), (update, before))]
        assert either[0] == either[1]
        assert not any(either[0].value(name) for name in before.fields)
        assert columns(before.kind, either[0]).get("outcome") in (None, "open")
