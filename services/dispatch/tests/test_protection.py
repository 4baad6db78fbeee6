"""A protected incident: who sees it, how the glass is broken, and what lifts protection."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from services.dispatch.tests.dispatch_histories import (
    HARBOUR,
    REGENCY,
    Desk,
    History,
    Shown,
    a_note,
    a_pack,
    call_id,
)

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.incidents import IncidentCreated
from sigap_common.contracts.protection import GlassBroken, GlassSeen, ProtectionLifted
from sigap_common.core.errors import NotAllowed
from sigap_common.regency.parts.service_levels import ServiceLevels
from sigap_dispatch.domain.commands import (
    AddAgency,
    Amend,
    Close,
    CorrectCall,
    DoubtCall,
    LocateFromCall,
    NoteFromCall,
    RecordAnswer,
    Tick,
    Withdraw,
)
from sigap_dispatch.domain.need import need_of
from sigap_dispatch.domain.protection import BreakGlass, LiftProtection, SeeGlass
from sigap_dispatch.visibility import POLICY

KDRT = "domestic_violence"
OPERATOR, COLLEAGUE, DISPATCHER, SUPERVISOR = "ani", "budi", "dodi", "sari"
WHY = "Petugas minta alamat"
GLASS_OPEN_FOR = timedelta(minutes=60)
"""As the standard pack has it."""
HIDDEN = "Kejadian ini terlindungi. Jika Anda perlu melihatnya, buka segelnya dan tulis alasannya."


def covers(history: History, subject: str, after: timedelta = timedelta(), *, dispatches: bool = False) -> bool:
    need = need_of(history.incident)
    assert need is not None
    return need.covers(subject, supervises=False, dispatches=dispatches, now=history.now + after)


def test_its_people_are_those_who_took_the_call_and_who_worked_on_it(history: History) -> None:
    history.opens(KDRT, answered_by=OPERATOR)
    police = history.forwarding("police").id
    history.when(Withdraw(police, "salah alamat"), by=DISPATCHER)
    history.reported_by(2, KDRT, answered_by="citra")
    history.responds("police", Response.ACKNOWLEDGED, by="polisi")
    assert history.incident.people == (OPERATOR, DISPATCHER, "citra")
    assert not covers(history, COLLEAGUE)


def test_dispatchers_see_it_only_while_it_waits_for_one(history: History) -> None:
    history.opens(KDRT)
    assert not covers(history, DISPATCHER, dispatches=True)
    history.at(61).when(Tick())
    assert covers(history, DISPATCHER, dispatches=True)
    assert not covers(history, DISPATCHER, dispatches=False)
    history.responds("police", Response.ACKNOWLEDGED)
    assert not covers(history, DISPATCHER, dispatches=True)
    history.responds("police", Response.DECLINED)
    assert covers(history, DISPATCHER, dispatches=True)
    history.when(Close("doused"), by=SUPERVISOR)
    assert not covers(history, DISPATCHER, dispatches=True)


def test_a_broken_glass_opens_it_for_one_person_and_a_limited_time(history: History) -> None:
    history.opens(KDRT)
    broken, alarm = history.when(BreakGlass(WHY), by=COLLEAGUE)
    assert isinstance(broken, GlassBroken)
    assert isinstance(alarm, AlarmRaised)
    assert (alarm.kind, alarm.label, alarm.agency) == ("glass_broken", None, None)
    assert covers(history, COLLEAGUE)
    assert covers(history, COLLEAGUE, GLASS_OPEN_FOR - timedelta(seconds=1))
    assert not covers(history, COLLEAGUE, GLASS_OPEN_FOR)
    assert not covers(history, "citra")
    assert not covers(history, DISPATCHER, dispatches=True), "the alarm is a supervisor's, and needs no dispatcher"


def test_the_pack_says_how_long_a_glass_stays_open(history: History) -> None:
    short = ServiceLevels(glass_open_s=300)
    history.pack = history.pack.model_copy(update={"service_levels": short})
    history.opens(KDRT)
    history.when(BreakGlass(WHY), by=COLLEAGUE)
    assert covers(history, COLLEAGUE, timedelta(seconds=299))
    assert not covers(history, COLLEAGUE, timedelta(seconds=300))


def test_an_order_through_a_broken_glass_gives_no_need_that_outlasts_it(history: History) -> None:
    history.opens(KDRT)
    history.when(BreakGlass(WHY), AddAgency(f"{REGENCY}/ambulance"), by=COLLEAGUE)
    assert COLLEAGUE not in history.incident.people
    history.at(GLASS_OPEN_FOR.total_seconds())
    assert not covers(history, COLLEAGUE)


def test_two_who_break_the_glass_have_a_glass_each_and_one_alarm_until_both_are_seen(history: History) -> None:
    history.opens(KDRT)
    history.when(BreakGlass(WHY), by=COLLEAGUE)
    assert history.when(BreakGlass("lagi"), by=COLLEAGUE) == []
    events = history.at(5).when(BreakGlass(WHY), by=DISPATCHER)
    assert [type(event) for event in events] == [GlassBroken]
    history.when(Close("doused"), by=SUPERVISOR)
    assert [alarm.kind for alarm in history.incident.alarms] == ["glass_broken"], "also after the incident is closed"
    seen, cleared = history.when(SeeGlass(), by=SUPERVISOR)
    assert isinstance(seen, GlassSeen)
    assert isinstance(cleared, AlarmCleared)
    assert len(seen.glasses) == 2
    assert history.when(SeeGlass(), by=SUPERVISOR) == []
    assert covers(history, COLLEAGUE), "being seen does not end it"
    assert history.replayed() == history.incident.model_copy(update={"version": history.replayed().version})


def test_the_broken_glass_of_a_drill_is_no_alarm() -> None:
    history = History(a_pack(), drill=True)
    history.opens(KDRT)
    assert [type(event) for event in history.when(BreakGlass(WHY), by=COLLEAGUE)] == [GlassBroken]


def test_glasses_that_are_over_and_seen_leave_the_document(history: History) -> None:
    history.opens(KDRT)
    for n in range(4):
        history.at(n * 4000).when(BreakGlass(WHY), by=COLLEAGUE)
        history.when(SeeGlass(), by=SUPERVISOR)
    assert len(history.incident.glasses) == 1


@pytest.mark.parametrize("command", [BreakGlass(WHY), LiftProtection(WHY)])
def test_what_is_not_protected_has_no_glass_and_nothing_to_lift(history: History, command: Any) -> None:
    history.opens("fire")
    with pytest.raises(NotAllowed):
        history.when(command, by=SUPERVISOR)


ORDERS: dict[str, Callable[[History], Any]] = {
    "retype": lambda _: Amend(incident_type="fire"),
    "priority": lambda _: Amend(priority=5),
    "place": lambda _: Amend(place=HARBOUR),
    "add": lambda _: AddAgency(f"{REGENCY}/fire"),
    "withdraw": lambda h: Withdraw(h.forwarding("police").id, "salah"),
    "answer": lambda h: RecordAnswer(h.forwarding("police").id, Response.DECLINED, "telephone", "Pak Harun", "no_unit"),
    "correct": lambda h: CorrectCall(call_id(1), "fire", None, True, h.now),
    "doubt": lambda h: DoubtCall(call_id(1), h.now),
    "note": lambda _: NoteFromCall(a_note("catatan")),
    "locate": lambda h: LocateFromCall(HARBOUR, None, True, 1, h.now, OPERATOR),
    "glass": lambda _: BreakGlass(WHY),
    "seen": lambda _: SeeGlass(),
    "tick": lambda _: Tick(),
    "close": lambda _: Close("doused"),
}


@pytest.mark.parametrize("order", ORDERS)
def test_no_command_but_the_supervisors_lifts_protection(history: History, order: str) -> None:
    history.opens(KDRT)
    history.at(61).when(ORDERS[order](history), by=DISPATCHER)
    assert history.incident.protected
    [lifted] = history.when(LiftProtection(WHY), by=SUPERVISOR)
    assert isinstance(lifted, ProtectionLifted)
    assert need_of(history.incident) is None


def test_a_newly_protected_type_protects_again_after_lifting(history: History) -> None:
    history.opens(KDRT)
    history.when(LiftProtection(WHY), Amend(incident_type="fire"), by=SUPERVISOR)
    assert not history.incident.protected
    history.when(Amend(incident_type=KDRT), by=DISPATCHER)
    assert history.incident.protected


class Room:
    """The people of one regency, and what each sees of its only incident."""

    def __init__(self, desk: Desk, incident: UUID) -> None:
        self.desk, self.path = desk, f"/v1/incidents/{incident}"

    async def ask(self, method: str, path: str, who: str, *roles: str, body: Any = None) -> httpx.Response:
        headers = self.desk.kit.bearer(*(roles or ("operator",)), regencies=[REGENCY], subject=who) | {"If-Match": "*"}
        return await self.desk.kit.client.request(method, path, json=body, headers=headers)

    async def sees(self, who: str, *roles: str) -> bool:
        """Whether the person sees the incident: alone, on the board, and its timeline. All of them agree."""
        one = (await self.ask("GET", self.path, who, *roles)).json()
        [listed] = (await self.ask("GET", "/v1/incidents", who, *roles)).json()["items"]
        timeline = await self.ask("GET", f"{self.path}/timeline", who, *roles)
        by_call = (await self.ask("GET", f"/v1/incidents?call_id={call_id(1)}", who, *roles)).json()["items"]
        by_type = (await self.ask("GET", f"/v1/incidents?incident_type={KDRT}", who, *roles)).json()["items"]
        assert one == listed
        hidden = one["hidden"]
        assert (timeline.status_code == 403) is hidden
        assert (by_call == []) is hidden
        assert (by_type == []) is hidden
        return not hidden

    async def breaks(self, who: str, *roles: str) -> httpx.Response:
        return await self.ask("POST", f"{self.path}/break-glass", who, *roles, body={"reason": WHY})

    async def streamed(self, who: str, *roles: str) -> set[str]:
        """The forms in which the events said so far would be shown now on the person's stream."""
        token = self.desk.kit.token(*(roles or ("operator",)), regencies=[REGENCY], subject=who)
        access = await self.desk.kit.runtime.verifier.verify(token)
        said = await self.desk.kit.said()
        newest = said[-1].envelope.need
        return {str(POLICY.seen_as(one, access, self.desk.now, newest)) for one in said}


@pytest.fixture
async def room(desk: Desk) -> Room:
    await desk.classified(1, kind=KDRT, answered_by=OPERATOR)
    [incident] = (await Room(desk, call_id(1)).ask("GET", "/v1/incidents", SUPERVISOR, "supervisor")).json()["items"]
    return Room(desk, UUID(incident["id"]))


async def test_it_is_hidden_from_all_but_its_people_and_the_supervisor(room: Room) -> None:
    assert await room.sees(OPERATOR)
    assert await room.sees(SUPERVISOR, "supervisor")
    for who, *roles in ((COLLEAGUE, "operator"), (DISPATCHER, "dispatcher"), ("citra", "admin")):
        assert not await room.sees(who, *roles)
        assert await room.streamed(who, *roles) == {"hidden"}
    assert await room.streamed(OPERATOR) == {"opened"}


async def test_what_is_hidden_says_only_that_it_is_there(room: Room) -> None:
    shown = (await room.ask("GET", room.path, COLLEAGUE)).json()
    assert shown == {
        "id": shown["id"],
        "regency": REGENCY,
        "version": shown["version"],
        "state": "forwarded",
        "created_at": shown["created_at"],
        "drill": False,
        "order": shown["order"],
        "protected": True,
        "hidden": True,
    }
    [on_board] = (await room.ask("GET", f"/v1/incidents/board?regency={REGENCY}", COLLEAGUE)).json()["items"]
    assert on_board == shown
    [listed] = (await room.ask("GET", f"/v1/incidents?regency={REGENCY}", COLLEAGUE)).json()["items"]
    assert listed == shown
    whole = (await room.ask("GET", room.path, OPERATOR)).json()
    assert whole["attention"]["order"] == shown["order"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"priority": 2}),
        ("POST", "/close", {"disposition": "doused"}),
        ("POST", "/forwardings", {"agency": f"{REGENCY}/fire"}),
        ("GET", "/timeline", None),
    ],
)
async def test_orders_about_what_is_hidden_are_refused(room: Room, method: str, path: str, body: Shown | None) -> None:
    answer = await room.ask(method, room.path + path, DISPATCHER, "dispatcher", body=body)
    assert answer.status_code == 403
    assert answer.json()["detail"] == HIDDEN


async def test_a_further_incident_of_its_call_is_not_a_way_around(room: Room) -> None:
    further = {"regency": REGENCY, "source": "call", "call_id": str(call_id(1)), "incident_type": "fire"}
    answer = await room.ask("POST", "/v1/incidents", COLLEAGUE, body=further)
    assert answer.status_code == 403
    assert answer.json()["detail"] == HIDDEN
    assert (await room.ask("POST", "/v1/incidents", OPERATOR, body=further)).status_code == 201


async def test_the_glass_opens_everywhere_at_once_and_is_closed_everywhere_at_once(room: Room) -> None:
    assert (await room.breaks(COLLEAGUE)).json()["caller_number"] == "+628111222333"
    assert await room.sees(COLLEAGUE)
    assert await room.streamed(COLLEAGUE) == {"opened"}
    room.desk.kit.clock.advance(GLASS_OPEN_FOR.total_seconds())
    assert not await room.sees(COLLEAGUE)
    assert await room.streamed(COLLEAGUE) == {"hidden"}


async def test_a_supervisor_is_told_and_sees_who_broke_it_and_why(room: Room) -> None:
    await room.breaks(COLLEAGUE)
    await room.desk.kit.hear_again(
        *[
            room.desk.kit.message(one.event, one.envelope.subject, regency=REGENCY)
            for one in await room.desk.kit.said(AlarmRaised)
        ]
    )
    [alarm] = (await room.ask("GET", "/v1/alarms", "citra", "admin")).json()["items"]
    assert (alarm["kind"], alarm["label"]) == ("glass_broken", None)
    shown = (await room.ask("GET", room.path, SUPERVISOR, "supervisor")).json()
    [glass] = shown["glasses"]
    assert (glass["by"], glass["seen"]) == (COLLEAGUE, False)
    timeline = (await room.ask("GET", f"{room.path}/timeline", SUPERVISOR, "supervisor")).json()["items"]
    assert [entry["event"]["reason"] for entry in timeline if "GlassBroken" in entry["type"]] == [WHY]
    assert (await room.ask("POST", f"{room.path}/break-glass/seen", COLLEAGUE)).status_code == 403
    seen = await room.ask("POST", f"{room.path}/break-glass/seen", SUPERVISOR, "supervisor")
    assert [glass["seen"] for glass in seen.json()["glasses"]] == [True]
    assert len(await room.desk.kit.said(AlarmCleared)) == 1


async def test_two_break_the_glass_in_one_moment(room: Room) -> None:
    both = await asyncio.gather(room.breaks(COLLEAGUE), room.breaks(DISPATCHER, "dispatcher"))
    assert [answer.status_code for answer in both] == [200, 200]
    assert sorted(one.event.by for one in await room.desk.kit.said(GlassBroken)) == [COLLEAGUE, DISPATCHER]
    assert await room.sees(COLLEAGUE)
    assert await room.sees(DISPATCHER, "dispatcher")


async def test_to_its_people_nothing_happens_and_others_may_not(room: Room) -> None:
    assert (await room.breaks(OPERATOR)).status_code == 200
    assert (await room.breaks(SUPERVISOR, "supervisor")).status_code == 200
    assert await room.desk.kit.said(GlassBroken) == []
    assert (await room.breaks("citra", "admin")).status_code == 403
    assert (await room.breaks("andi", "analyst")).status_code == 403


async def test_lifting_shows_it_to_all(room: Room) -> None:
    lift = {"reason": "Ternyata kebakaran"}
    assert (
        await room.ask("POST", f"{room.path}/lift-protection", DISPATCHER, "dispatcher", body=lift)
    ).status_code == 403
    assert (
        await room.ask("POST", f"{room.path}/lift-protection", SUPERVISOR, "supervisor", body=lift)
    ).status_code == 200
    assert await room.sees(COLLEAGUE)
    assert await room.streamed(COLLEAGUE) == {"opened"}
    again = await room.ask("POST", f"{room.path}/lift-protection", SUPERVISOR, "supervisor", body=lift)
    assert again.status_code == 409


async def test_an_alarm_about_it_names_neither_number_nor_agency_to_others(room: Room) -> None:
    kit = room.desk.kit
    [created] = await kit.said(IncidentCreated)
    alarm = AlarmRaised(
        at=room.desk.now,
        recorded_at=room.desk.now,
        alarm_id=call_id(9),
        kind="acknowledgement_missed",
        about=room.path.removeprefix("/v1/"),
        label=f"{created.event.number} {REGENCY}/police",
        agency=f"{REGENCY}/police",
    )
    await kit.hear(alarm, subject=created.envelope.subject, regency=REGENCY)

    async def named(who: str, role: str) -> tuple[Any, Any]:
        [shown] = (await room.ask("GET", "/v1/alarms", who, role)).json()["items"]
        return shown["label"], shown["agency"]

    assert await named(SUPERVISOR, "supervisor") == (alarm.label, alarm.agency)
    assert await named(OPERATOR, "operator") == (alarm.label, alarm.agency)
    assert await named(COLLEAGUE, "operator") == (None, None)
    assert await named("citra", "admin") == (None, None)
