"""The life of a roster and of its duties, as histories: given these, when that, then those."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as every
from hypothesis import strategies as st
from services.roster.tests.roster_histories import (
    FIRST,
    JAKARTA,
    PATTERN,
    ROSTER_ID,
    a_draft,
    around,
    on,
    person,
    planning,
    publish,
    published,
    who,
)

from sigap_common.contracts.rosters import DutyEnded, DutyStarted, RosterPublished
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Invalid, NotAllowed
from sigap_common.regency import Shift, ShiftPattern
from sigap_roster.domain import (
    Duty,
    DutyState,
    End,
    Planned,
    Roster,
    RosterState,
    Start,
    Taken,
    draft,
    followed,
    plan,
    span_of,
)
from sigap_roster.domain import duty as duties
from sigap_roster.domain.roster import evolve
from sigap_testing.histories import Histories, then
from sigap_testing.refusals import faults_of


def duties_of(roster: Roster, event: RosterPublished, *known: Duty) -> dict[UUID, Duty]:
    """The duties after the publication."""
    before = {duty.id: duty for duty in known}
    return before | {duty.id: duty for duty in followed(planning.after(roster, [event]), before)}


def faults(refused: pytest.ExceptionInfo[Invalid]) -> list[tuple[str | int, ...]]:
    """Where in the roster each fault is, and its kind."""
    return [(*fault.place[1:], fault.kind) for fault in faults_of(refused)]


# --- when a shift is


@pytest.mark.parametrize(
    ("zone", "day", "hours", "starts"),
    [
        ("Asia/Jakarta", date(2027, 3, 1), 10, "2027-03-01T14:00Z"),
        ("Asia/Makassar", date(2027, 3, 1), 10, "2027-03-01T13:00Z"),
        ("Asia/Jayapura", date(2027, 3, 1), 10, "2027-03-01T12:00Z"),
        ("America/New_York", date(2027, 3, 13), 9, "2027-03-14T02:00Z"),
        ("America/New_York", date(2027, 11, 6), 11, "2027-11-07T01:00Z"),
    ],
)
def test_a_night_shift_belongs_to_the_day_it_starts_by_the_local_clock(
    zone: str, day: date, hours: int, starts: str
) -> None:
    night = span_of(PATTERN.shifts[2], day, ZoneInfo(zone))
    assert night.starts_at == datetime.fromisoformat(starts)
    assert night.ends_at - night.starts_at == timedelta(hours=hours)


def test_a_shift_of_24_hours_ends_where_it_began_on_the_next_day() -> None:
    whole = span_of(Shift(code="x", name="X", start="07:00", end="07:00"), FIRST, JAKARTA)
    assert whole.ends_at - whole.starts_at == timedelta(hours=24)


@every(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.sampled_from(["Asia/Jakarta", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"]),
)
def test_the_shifts_of_a_day_follow_one_another_wherever_clocks_are_moved(day: date, zone: str) -> None:
    spans = [span_of(shift, day, ZoneInfo(zone)) for shift in PATTERN.shifts]
    following = span_of(PATTERN.shifts[0], day + timedelta(days=1), ZoneInfo(zone))
    ends, starts = [one.ends_at for one in spans], [one.starts_at for one in (*spans[1:], following)]
    assert ends == starts


def test_a_shift_in_an_hour_that_the_clock_leaves_out_has_no_negative_length() -> None:
    missing = span_of(Shift(code="x", name="X", start="02:30", end="03:00"), date(2027, 3, 14), ZoneInfo("US/Eastern"))
    assert missing.ends_at >= missing.starts_at


# --- drafting


def test_a_draft_is_for_some_days_and_told_to_nobody() -> None:
    roster = a_draft(on("budi", 1))
    assert (roster.state, roster.changed, roster.published) == (RosterState.DRAFT, True, ())


@pytest.mark.parametrize(
    ("last", "kind"), [(date(2027, 2, 28), "before_first_day"), (date(2028, 3, 1), "plan_too_long")]
)
def test_a_draft_for_impossible_days_is_refused(last: date, kind: str) -> None:
    with pytest.raises(Invalid) as refused:
        draft(Aggregate(id=ROSTER_ID, regency="17.71"), FIRST, last)
    assert faults(refused) == [("last_day", kind)]


def test_a_draft_may_be_wrong_until_it_is_published() -> None:
    assert a_draft(on("nobody", 1, "never")).planned


# --- publishing


def test_publishing_tells_who_is_on_which_shift_when() -> None:
    roster, event = published(on("siti", 2), on("budi", 1, "malam"))
    first, second = event.assignments
    assert (first.staff_id, first.subject, first.shift, first.day) == (who("budi"), "budi", "malam", FIRST)
    assert first.starts_at == datetime(2027, 3, 1, 14, tzinfo=UTC)
    assert first.ends_at == second.starts_at == datetime(2027, 3, 2, 0, tzinfo=UTC)
    assert (event.version, event.by, roster.state, roster.changed) == (1, "rina", RosterState.PUBLISHED, False)


def test_publishing_the_same_twice_is_one_fact() -> None:
    roster, _ = published(on("budi", 1))
    assert publish(roster) == []


def test_a_later_version_replaces_and_an_unchanged_assignment_keeps_its_duty() -> None:
    roster, before = published(on("budi", 1), on("siti", 1, "siang"))
    changed = plan(roster, (on("siti", 3), on("budi", 1)))
    assert changed.changed
    (after,) = publish(changed)
    assert after.version == 2
    assert after.assignments[0].duty_id == before.assignments[0].duty_id
    assert [(told.staff_id, told.day.day) for told in after.assignments] == [(who("budi"), 1), (who("siti"), 3)]


def test_every_assignment_that_cannot_be_is_named_with_its_reason() -> None:
    roster = a_draft(
        on("budi", 1),
        Planned(staff_id=who("budi"), day=date(2027, 4, 1), shift="pagi"),
        on("siti", 2, "subuh"),
        on("nobody", 3),
        on("joko", 4),
        on("budi", 1),
    )
    with pytest.raises(Invalid) as refused:
        publish(roster, around(person("budi"), person("siti"), person("joko", active=False)))
    assert faults(refused) == [
        ("assignments", 1, "day", "day_outside_plan"),
        ("assignments", 2, "shift", "unknown_shift"),
        ("assignments", 3, "staff_id", "unknown_staff"),
        ("assignments", 4, "staff_id", "staff_inactive"),
        ("assignments", 5, "shift", "assigned_twice"),
    ]


DAY_AND_NIGHT = (
    Shift(code="day", name="Day", start="07:00", end="19:30"),
    Shift(code="night", name="Night", start="19:00", end="07:30"),
)


def test_nobody_is_in_shifts_that_overlap_by_more_than_the_hand_over() -> None:
    less = ShiftPattern.model_construct(shifts=DAY_AND_NIGHT, handover_minutes=29)
    roster = a_draft(on("budi", 1, "night"), on("budi", 2, "day"), on("siti", 2, "day"), on("siti", 3, "day"))
    with pytest.raises(Invalid) as refused:
        publish(roster, around(pattern=less))
    assert faults(refused) == [("assignments", 1, "shift", "overlapping")]
    params = faults_of(refused)[0].params
    assert (params["who"], params["other_day"], params["other_shift"]) == ("Budi", FIRST, "night")


def test_one_person_works_two_shifts_in_a_row_although_they_overlap_by_the_hand_over() -> None:
    pattern = ShiftPattern(shifts=DAY_AND_NIGHT, handover_minutes=30)
    assert publish(a_draft(on("budi", 1, "night"), on("budi", 2, "day")), around(pattern=pattern))
    elsewhere = Taken(who("budi"), FIRST, "night", span_of(DAY_AND_NIGHT[1], FIRST, JAKARTA))
    assert publish(a_draft(on("budi", 2, "day")), around(pattern=pattern, elsewhere=[elsewhere]))


def test_the_same_shift_twice_is_refused_however_short_it_is() -> None:
    short = Shift(code="short", name="Short", start="07:00", end="07:20")
    pattern = ShiftPattern.model_construct(shifts=(short,), handover_minutes=30)
    with pytest.raises(Invalid) as refused:
        publish(a_draft(on("budi", 1, "short"), on("budi", 1, "short")), around(pattern=pattern))
    assert faults(refused) == [("assignments", 1, "shift", "assigned_twice")]


def test_two_shifts_that_meet_do_not_overlap() -> None:
    assert publish(a_draft(on("budi", 1, "malam"), on("budi", 2), on("budi", 2, "siang")))


def test_nobody_is_on_duty_by_two_rosters_at_once() -> None:
    elsewhere = Taken(who("budi"), FIRST, "jaga", span_of(PATTERN.shifts[1], FIRST, JAKARTA))
    assert publish(a_draft(on("budi", 1)), around(elsewhere=[elsewhere]))
    with pytest.raises(Invalid) as refused:
        publish(a_draft(on("budi", 1, "siang")), around(elsewhere=[elsewhere]))
    assert faults(refused) == [("assignments", 0, "shift", "overlapping_elsewhere")]


def test_an_empty_plan_is_not_published() -> None:
    with pytest.raises(Invalid) as refused:
        publish(a_draft())
    assert faults(refused) == [("assignments", "nothing_planned")]


def test_a_plan_that_no_message_can_carry_is_refused() -> None:
    people = [person(f"p{n}") for n in range(140)]
    wanted = [on(f"p{n}", day) for n in range(140) for day in range(1, 32)]
    with pytest.raises(Invalid) as refused:
        publish(a_draft(*wanted), around(*people))
    assert faults(refused) == [("assignments", "plan_too_large")]


def test_what_has_begun_stays_as_staff_were_told() -> None:
    """The person has left, the shift is no more: what was, was."""
    roster, before = published(on("budi", 1), on("siti", 20))
    later = datetime(2027, 3, 10, tzinfo=UTC)
    other = ShiftPattern(shifts=(Shift(code="penuh", name="Penuh", start="08:00", end="08:00"),))
    changed = plan(roster, (on("budi", 1), on("siti", 20, "penuh")))
    (after,) = publish(changed, around(person("budi", active=False), person("siti"), pattern=other), later)
    assert after.assignments[0] == before.assignments[0]
    with pytest.raises(Invalid) as refused:
        publish(plan(roster, (on("budi", 11),)), around(person("budi", active=False)), later)
    assert faults(refused) == [("assignments", 0, "staff_id", "staff_inactive")]


# --- duties follow


def test_publishing_makes_a_duty_of_each_assignment() -> None:
    made = duties_of(*published(on("budi", 1), on("siti", 1)))
    assert {(duty.staff_id, duty.state) for duty in made.values()} == {
        (who("budi"), DutyState.PLANNED),
        (who("siti"), DutyState.PLANNED),
    }


def test_what_a_later_version_drops_is_withdrawn_and_may_come_back() -> None:
    roster, event = published(on("budi", 1), on("siti", 1))
    first = duties_of(roster, event)
    roster = plan(roster, (on("siti", 1),))
    (dropping,) = publish(roster)
    second = duties_of(roster, dropping, *first.values())
    budis = roster.duty_id(on("budi", 1))
    assert second[budis].state is DutyState.WITHDRAWN
    roster = plan(planning.after(roster, [dropping]), (on("budi", 1), on("siti", 1)))
    (restoring,) = publish(roster)
    assert duties_of(roster, restoring, *second.values())[budis] == first[budis]


def test_a_publication_changes_no_duty_that_it_says_again() -> None:
    roster, event = published(on("budi", 1))
    known = duties_of(roster, event)
    assert followed(roster, known) == []


def test_attendance_is_never_undone_by_a_later_version() -> None:
    roster, event = published(on("budi", 1), on("siti", 1))
    known = duties_of(roster, event)
    budis = roster.duty_id(on("budi", 1))
    known[budis] = given(known[budis], (SEVEN, Start(by="budi")))
    roster = plan(roster, (on("siti", 1),))
    (dropping,) = publish(roster)
    assert duties_of(roster, dropping, *known.values())[budis].state is DutyState.STARTED


# --- attendance

SEVEN = datetime(2027, 3, 1, 0, tzinfo=UTC)
TWO = datetime(2027, 3, 1, 7, tzinfo=UTC)


def a_duty() -> Duty:
    """Budi's morning of 1 March, 07:00 to 14:00 in Jakarta."""
    (duty,) = duties_of(*published(on("budi", 1))).values()
    return duty


attendance = Histories(duties.decide, duties.evolve, SEVEN)
given, when = attendance.given, attendance.when


def test_a_duty_is_started_and_ended_beside_its_planned_times() -> None:
    late = SEVEN + timedelta(minutes=9)
    assert when(a_duty(), Start(by="budi"), late) == [
        DutyStarted(at=late, recorded_at=late, by="budi", staff_id=who("budi"), planned_at=SEVEN)
    ]
    assert when(given(a_duty(), (SEVEN, Start(by="budi"))), End(by="budi"), late) == [
        DutyEnded(at=late, recorded_at=late, by="budi", staff_id=who("budi"), planned_at=TWO)
    ]


def test_a_start_and_an_end_said_twice_are_one_fact() -> None:
    started = given(a_duty(), (SEVEN, Start(by="budi")))
    assert when(started, Start(by="rina"), TWO) == []
    ended = given(started, (TWO, End(by="budi")))
    assert when(ended, End(by="budi"), TWO) == when(ended, Start(by="budi"), TWO) == []


def test_an_end_before_the_start_is_refused_with_the_state() -> None:
    with pytest.raises(NotAllowed) as refused:
        when(a_duty(), End(by="budi"), TWO)
    assert refused.value.params["state"] == "planned"
    with pytest.raises(Invalid) as wrong:
        when(given(a_duty(), (SEVEN, Start(by="budi"))), End(by="rina", at=SEVEN - timedelta(minutes=1)), TWO)
    assert faults(wrong) == [("at", "before_start")]


def test_a_duty_that_was_withdrawn_is_not_started() -> None:
    with pytest.raises(NotAllowed) as refused:
        when(a_duty().model_copy(update={"state": DutyState.WITHDRAWN}), Start(by="budi"), SEVEN)
    assert refused.value.params["state"] == "withdrawn"


def test_tomorrows_duty_is_not_started_today() -> None:
    with pytest.raises(NotAllowed) as refused:
        when(a_duty(), Start(by="budi", confirmed=True), SEVEN - timedelta(hours=24, milliseconds=1))
    assert refused.value.params == {"state": "planned", "starts_at": SEVEN, "regency": "17.71"}
    then(when(a_duty(), Start(by="budi", confirmed=True), SEVEN - timedelta(hours=24)), DutyStarted)


@pytest.mark.parametrize(
    ("odd", "usual", "kind"),
    [
        (SEVEN - timedelta(hours=1, milliseconds=1), SEVEN - timedelta(hours=1), "start_very_early"),
        (TWO + timedelta(milliseconds=1), TWO, "start_after_end"),
    ],
)
def test_an_odd_start_is_asked_about(odd: datetime, usual: datetime, kind: str) -> None:
    for command in (Start(by="budi"), Start(by="rina", at=odd)):
        with pytest.raises(Invalid) as refused:
            when(a_duty(), command, odd)
        assert faults(refused) == [("confirm", kind)]
    then(when(a_duty(), Start(by="budi", confirmed=True), odd), DutyStarted)
    then(when(a_duty(), Start(by="budi"), usual), DutyStarted)


def test_an_end_long_after_the_planned_one_is_asked_about() -> None:
    """A supervisor may record instead when it was over."""
    started, late = given(a_duty(), (SEVEN, Start(by="budi"))), TWO + timedelta(hours=4, milliseconds=1)
    with pytest.raises(Invalid) as refused:
        when(started, End(by="budi"), late)
    assert faults(refused) == [("confirm", "end_very_late")]
    then(when(started, End(by="budi", confirmed=True), late), DutyEnded)
    then(when(started, End(by="rina", at=TWO), late), DutyEnded)
    then(when(started, End(by="budi"), TWO + timedelta(hours=4)), DutyEnded)


def test_a_start_told_afterwards_keeps_its_own_time_and_clock() -> None:
    (started,) = when(a_duty(), Start(by="rina", at=SEVEN), TWO)
    assert (started.at, started.recorded_at, started.clock) == (SEVEN, TWO, "paper")


@pytest.mark.parametrize(("ahead", "taken"), [(300, True), (300.001, False)])
def test_a_clock_a_little_ahead_of_ours_means_now(ahead: float, taken: bool) -> None:
    command = Start(by="rina", at=SEVEN + timedelta(seconds=ahead))
    if taken:
        assert [event.at for event in when(a_duty(), command, SEVEN)] == [SEVEN]
        return
    with pytest.raises(Invalid) as refused:
        when(a_duty(), command, SEVEN)
    assert faults(refused) == [("at", "in_future")]


def test_a_roster_begins_as_a_draft_and_a_duty_with_its_publication() -> None:
    bare, (event,) = Aggregate(id=ROSTER_ID, regency="17.71"), publish(a_draft(on("budi", 1)))
    for begins in (evolve, duties.evolve):
        with pytest.raises(TypeError):
            begins(bare, event)
