"""Histories of shares: an incident that another regency sees for a limited time, as far as a profile shows it."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import h3
import httpx
import pytest
from services.dispatch.tests.dispatch_histories import (
    NOON,
    REGENCY,
    Desk,
    History,
    Shown,
    a_note,
    a_pack,
    only,
)

from sigap_common.app.background import timers_together
from sigap_common.contracts.agencies import Response
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.calls import CallerDetails
from sigap_common.contracts.places import Place
from sigap_common.contracts.shares import RedactionProfile, ShareChanged, ShareEnded, ShareGiven
from sigap_common.core.errors import Invalid, NotAllowed, NotFound
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.commands import Amend, Close, DescribeCaller, NoteFromCall, Tick
from sigap_dispatch.domain.protection import BreakGlass
from sigap_dispatch.domain.redaction import RedactedIncident, redacted
from sigap_dispatch.domain.share import Share, ShareState
from sigap_dispatch.domain.sharing import (
    LONGEST,
    AgreeToShare,
    AskForShare,
    EndShare,
    RefuseShare,
    ShareIncident,
    faults_of_share,
)
from sigap_dispatch.models import incidents
from sigap_dispatch.use_cases.incidents import meet_deadlines
from sigap_dispatch.use_cases.shares import lapse_request

NEIGHBOUR = "99.02"
HOUR = timedelta(hours=1)
UNTIL = NOON + HOUR
ALL = RedactionProfile.NONE

SECRETS: Mapping[str, tuple[str, ...]] = {
    "caller": ("8111222333", "Budi"),
    "notes": ("api besar",),
    "address": ("Pasar Lama",),
    "position": ("-3.79", "102.26"),
}
"""What the incident of `a_call` hides, in the forms in which it would be written."""
HIDES = {
    RedactionProfile.NONE: (),
    RedactionProfile.CONTACT_HIDDEN: ("caller", "notes"),
    RedactionProfile.BLOCK_LEVEL: ("caller", "notes", "address", "position"),
    RedactionProfile.CITY_ONLY: ("caller", "notes", "address", "position"),
}


def shared(history: History, profile: RedactionProfile = ALL, kind: str = "fire") -> UUID:
    history.opens(kind)
    [event] = only(ShareGiven, history.when(ShareIncident(NEIGHBOUR, profile, UNTIL), by="dodi"))
    return event.share_id


def asked(history: History) -> UUID:
    history.opens("fire")
    history.when(AskForShare(NEIGHBOUR, ALL, UNTIL, "asap terlihat"), by="rina")
    return the_share(history).id


def the_share(history: History) -> Share:
    [share] = history.incident.shares
    return share


def test_a_share_shows_the_incident_until_its_time_is_over_also_if_the_timer_is_late(history: History) -> None:
    shared(history)
    assert the_share(history).shows(UNTIL - timedelta(seconds=1))
    assert not the_share(history).shows(UNTIL)


def test_the_timer_records_the_end_once_also_of_a_closed_incident(history: History) -> None:
    shared(history)
    history.when(Close("resolved"))
    assert history.incident.due_at == UNTIL
    assert only(ShareEnded, history.at(3599).when(Tick())) == []
    [ended] = only(ShareEnded, history.at(3600).when(Tick()))
    assert ended.outcome == "expired"
    assert history.when(Tick()) == []
    assert history.incident.due_at is None
    assert history.replayed() == history.incident


def test_a_request_shows_nothing_until_the_owner_agrees(history: History) -> None:
    share = asked(history)
    assert not the_share(history).shows(history.now)
    history.when(AgreeToShare(share, RedactionProfile.CITY_ONLY, message="silakan"), by="dodi")
    given = the_share(history)
    assert given.shows(history.now)
    assert (given.id, given.profile, given.until, given.asked) == (share, RedactionProfile.CITY_ONLY, UNTIL, True)
    assert given.request is not None
    assert given.request.clear == "asap terlihat"
    assert history.when(AgreeToShare(share)) == []


def test_a_request_lapses_with_the_time_that_it_asked_for(history: History) -> None:
    share = asked(history)
    history.at(3600)
    with pytest.raises(NotAllowed) as refused:
        history.when(AgreeToShare(share))
    assert refused.value.params["state"] == ShareState.EXPIRED
    [ended] = only(ShareEnded, history.when(Tick()))
    assert ended.outcome == "expired"


def test_a_refusal_says_why_and_is_not_agreed_to_later(history: History) -> None:
    share = asked(history)
    [ended] = only(ShareEnded, history.when(RefuseShare(share, "sudah padam"), by="dodi"))
    assert ended.reason is not None
    assert (ended.outcome, ended.reason.clear) == ("refused", "sudah padam")
    assert history.when(RefuseShare(share, "lagi")) == []
    with pytest.raises(NotAllowed):
        history.when(AgreeToShare(share))


def test_a_withdrawal_holds_at_once_and_a_repeat_changes_nothing(history: History) -> None:
    share = shared(history)
    history.when(EndShare(share, "salah kota"), by="dodi")
    assert not the_share(history).shows(history.now)
    assert history.when(EndShare(share)) == []
    for command in (AgreeToShare(share), RefuseShare(share, "tidak")):
        with pytest.raises(NotAllowed):
            history.when(command)


def test_what_is_shared_is_withdrawn_and_not_refused(history: History) -> None:
    share = shared(history)
    with pytest.raises(NotAllowed) as refused:
        history.when(RefuseShare(share, "tidak"))
    assert refused.value.params["state"] == ShareState.SHARED


@pytest.mark.parametrize("begun", [shared, asked])
def test_shares_with_one_regency_do_not_overlap(history: History, begun: Any) -> None:
    begun(history)
    for command in (ShareIncident(NEIGHBOUR, ALL, UNTIL), AskForShare(NEIGHBOUR, ALL, UNTIL, "lagi")):
        with pytest.raises(NotAllowed) as refused:
            history.when(command)
        assert refused.value.params["state"] == the_share(history).state
    history.when(ShareIncident("99.03", ALL, UNTIL))
    assert len(history.incident.shares) == 2


def test_a_new_share_takes_the_place_of_one_that_is_over(history: History) -> None:
    first = shared(history)
    told = history.at(3600).when(ShareIncident(NEIGHBOUR, ALL, UNTIL + HOUR))
    assert [type(event) for event in told] == [ShareEnded, ShareGiven]
    assert the_share(history).id != first
    assert the_share(history).shows(history.now)
    with pytest.raises(NotFound):
        history.when(EndShare(first))


@pytest.mark.parametrize(
    ("to", "until", "known", "kinds"),
    [
        (REGENCY, UNTIL, True, ["share_with_itself"]),
        ("99.77", UNTIL, False, ["share_with_nobody"]),
        (NEIGHBOUR, NOON, True, ["deadline_outside"]),
        (NEIGHBOUR, NOON + LONGEST + HOUR, True, ["deadline_outside"]),
        (REGENCY, NOON - HOUR, True, ["share_with_itself", "deadline_outside"]),
    ],
)
def test_a_wrong_share_is_refused_with_all_faults(
    history: History, to: str, until: Any, known: bool, kinds: Any
) -> None:
    history.opens("fire")
    with pytest.raises(Invalid):
        history.when(ShareIncident(to, ALL, until, known=known))
    assert history.incident.shares == ()
    faults = faults_of_share(to, REGENCY, "to", until, NOON, known=known)
    assert [fault.kind for fault in faults] == kinds


def test_a_time_that_is_over_is_not_agreed_to(history: History) -> None:
    share = asked(history)
    with pytest.raises(Invalid):
        history.when(AgreeToShare(share, until=NOON))
    assert the_share(history).state is ShareState.ASKED


def test_a_late_entry_is_not_shared(history: History) -> None:
    history.opens("fire", backfilled=True)
    with pytest.raises(NotAllowed):
        history.when(ShareIncident(NEIGHBOUR, ALL, UNTIL))


def test_an_incident_that_becomes_protected_is_shared_no_more(history: History) -> None:
    shared(history)
    [ended] = only(ShareEnded, history.when(Amend("domestic_violence"), by="dodi"))
    assert ended.outcome == "protected"
    assert not the_share(history).shows(history.now)


def test_what_was_shared_as_protected_stays_shared(history: History) -> None:
    shared(history, kind="domestic_violence")
    assert only(ShareEnded, history.when(NoteFromCall(a_note("lagi")))) == []
    assert the_share(history).shows(history.now)


def test_who_asks_gets_no_need_of_a_protected_incident(history: History) -> None:
    history.opens("domestic_violence")
    history.when(AskForShare(NEIGHBOUR, ALL, UNTIL, "ada apa"), by="rina")
    assert "rina" not in history.incident.people


def test_a_broken_glass_and_the_end_of_a_share_do_not_touch_each_other(history: History) -> None:
    share = shared(history, kind="domestic_violence")
    history.when(BreakGlass("alamat"), by="sari")
    history.when(EndShare(share), by="dodi")
    assert [glass.by for glass in history.incident.glasses] == ["sari"]
    assert not the_share(history).shows(history.now)


CONTACT = {"caller_number", "caller_name", "callback_number", "caller_language", "notes"}
SHOWN_BESIDES = {
    RedactionProfile.NONE: {"block_cell", "place", *CONTACT},
    RedactionProfile.CONTACT_HIDDEN: {"block_cell", "place"},
    RedactionProfile.BLOCK_LEVEL: {"block_cell"},
    RedactionProfile.CITY_ONLY: set(),
}


@pytest.mark.parametrize("profile", RedactionProfile)
def test_a_profile_shows_what_it_says_and_no_more(history: History, profile: RedactionProfile) -> None:
    history.opens("fire")
    said = CallerDetails(caller_name=Sealed("Budi"), callback_number=Sealed("+628123"), language=Sealed("jv"))
    history.when(DescribeCaller(said, True, 1, NOON, "ani"))
    all_of, shown = redacted(history.incident, ALL), redacted(history.incident, profile)
    kept = {name for name in RedactedIncident.__dataclass_fields__ if getattr(shown, name) == getattr(all_of, name)}
    assert kept & (SHOWN_BESIDES[ALL]) == SHOWN_BESIDES[profile]
    for name in SHOWN_BESIDES[ALL] - SHOWN_BESIDES[profile]:
        assert not getattr(shown, name), name


def test_a_block_is_a_cell_of_about_a_tenth_of_a_square_kilometre(history: History) -> None:
    history.opens("fire")
    block = redacted(history.incident, RedactionProfile.BLOCK_LEVEL).block_cell
    assert block is not None
    assert h3.get_resolution(block) == 9
    history.when(Amend(place=Place.of(address="Pasar Lama"), zone=None))
    assert redacted(history.incident, RedactionProfile.BLOCK_LEVEL).block_cell is None


class Neighbours:
    """Both regencies on one dispatch, with an incident of the first."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def ask(
        self, regency: str, method: str, path: str, body: dict[str, Any] | None = None, role: str = "dispatcher"
    ) -> httpx.Response:
        headers = self.desk.kit.bearer(role, regencies=[regency])
        return await self.desk.kit.client.request(method, path, json=body, headers=headers)

    @property
    def until(self) -> str:
        return (self.desk.now + HOUR).isoformat()

    async def opened(self, kind: str = "fire") -> Shown:
        await self.desk.kit.configure(a_pack(code=NEIGHBOUR, name="Kota Tetangga", prefix="TTG"))
        await self.desk.classified(kind=kind)
        [incident] = (await self.ask(REGENCY, "GET", "/v1/incidents", role="supervisor")).json()["items"]
        found: Shown = incident
        return found

    async def share(self, profile: str = "none", kind: str = "fire") -> Shown:
        """The incident, shared by a supervisor."""
        incident = await self.opened(kind)
        body = {"to": NEIGHBOUR, "profile": profile, "until": self.until, "message": "asap ke arah Anda"}
        answer = await self.ask(REGENCY, "POST", f"/v1/incidents/{incident['id']}/shares", body, "supervisor")
        assert answer.status_code == 201, answer.text
        return share_of(answer)

    async def request(self, number: str, **other: Any) -> httpx.Response:
        body = {"regency": NEIGHBOUR, "owner": REGENCY, "number": number, "profile": "block_level"}
        told = {"until": self.until, "reason": "asap terlihat dari sini"}
        return await self.ask(NEIGHBOUR, "POST", "/v1/shares", body | told | other)

    async def end(self, share: Shown, regency: str = REGENCY) -> httpx.Response:
        return await self.ask(regency, "POST", f"/v1/shares/{share['id']}/end", {"reason": "tidak perlu lagi"})

    async def seen(self, share: Shown, role: str = "dispatcher") -> httpx.Response:
        return await self.ask(NEIGHBOUR, "GET", f"/v1/shares/{share['id']}/incident", role=role)

    async def listed(self, regency: str = NEIGHBOUR, path: str = "/v1/shared-incidents", **query: str) -> list[Shown]:
        answer = await self.ask(regency, "GET", f"{path}?{urlencode(query)}")
        assert answer.status_code == 200, answer.text
        items: list[Shown] = answer.json()["items"]
        return items


def share_of(answer: httpx.Response) -> Shown:
    share: Shown = answer.json()
    return share


@pytest.fixture
def both(desk: Desk) -> Neighbours:
    return Neighbours(desk)


@pytest.mark.parametrize("profile", RedactionProfile)
async def test_the_neighbour_reads_what_the_profile_shows(both: Neighbours, profile: RedactionProfile) -> None:
    share = await both.share(profile)
    alone, [entry] = (await both.seen(share)).json(), await both.listed()
    assert alone == entry
    assert (alone["share_id"], alone["incident_type"], alone["hidden"]) == (share["id"], "fire", False)
    assert {part["agency"] for part in alone["forwardings"]} >= {f"{REGENCY}/fire", f"{REGENCY}/police"}
    for name, forms in SECRETS.items():
        assert any(form in str(alone) for form in forms) == (name not in HIDES[profile]), name


async def test_the_incident_itself_stays_closed_to_the_neighbour(both: Neighbours) -> None:
    share = await both.share()
    assert share["incident_id"]
    path = f"/v1/incidents/{share['incident_id']}"
    for below in ("", "/timeline", "/cctv-points", "/recommendation"):
        assert (await both.ask(NEIGHBOUR, "GET", path + below)).status_code == 404, below
    assert (await both.ask(NEIGHBOUR, "POST", f"{path}/close", {"disposition": "resolved"})).status_code == 404
    assert await both.listed(path="/v1/incidents") == []
    [listed] = await both.listed(path="/v1/shares")
    assert (listed["incident_id"], listed["message"]) == (None, "asap ke arah Anda")


async def test_nobody_else_sees_a_share(both: Neighbours) -> None:
    share = await both.share()
    await both.desk.kit.configure(a_pack(code="99.03", name="Kota Ketiga", prefix="TGA"))
    for regency in (REGENCY, "99.03"):
        assert (await both.ask(regency, "GET", f"/v1/shares/{share['id']}/incident")).status_code == 404
        assert await both.listed(regency) == []
    assert await both.listed("99.03", "/v1/shares") == []
    assert (await both.end(share, "99.03")).status_code == 404
    assert (await both.ask(NEIGHBOUR, "GET", f"/v1/shares/{share['id']}/incident", role="admin")).status_code == 403


@pytest.mark.parametrize("by", [REGENCY, NEIGHBOUR])
async def test_either_regency_ends_a_share_at_once(both: Neighbours, by: str) -> None:
    share = await both.share()
    assert (await both.end(share, by)).status_code == 204
    assert (await both.seen(share)).status_code == 404
    assert await both.listed() == []
    [listed] = await both.listed(path="/v1/shares", state="withdrawn")
    assert listed["reason"] == "tidak perlu lagi"


async def test_a_share_ends_by_the_clock_before_the_timer_comes(both: Neighbours) -> None:
    share = await both.share()
    both.desk.kit.clock.advance(3600)
    assert (await both.seen(share)).status_code == 404
    assert await both.listed() == []
    await timers_together(both.desk.kit.runtime, incidents, meet_deadlines).meet_due()
    assert [one["state"] for one in await both.listed(path="/v1/shares")] == ["expired"]


async def test_the_neighbour_asks_and_the_owner_agrees_with_less(both: Neighbours) -> None:
    incident = await both.opened()
    asked = await both.request(incident["number"].lower())
    assert asked.status_code == 201, asked.text
    assert (asked.json()["state"], asked.json()["incident_id"]) == ("asked", None)
    assert (await both.seen(asked.json())).status_code == 404
    [own] = await both.listed(REGENCY, "/v1/shares")
    assert own["request"] == "asap terlihat dari sini"
    path = f"/v1/shares/{own['id']}"
    assert (await both.ask(NEIGHBOUR, "POST", f"{path}/agree", {})).status_code == 404
    for _ in range(2):
        agreed = await both.ask(REGENCY, "POST", f"{path}/agree", {"profile": "city_only"})
        assert (agreed.status_code, agreed.json()["profile"]) == (200, "city_only"), agreed.text
    assert (await both.seen(own)).json()["block_cell"] is None
    alarms = [(type(one.event), one.envelope.regency) for one in await both.desk.kit.said(AlarmRaised, AlarmCleared)]
    assert alarms == [(AlarmRaised, REGENCY), (AlarmCleared, REGENCY)]


async def test_who_sees_it_reads_the_names_of_its_agencies_and_type(both: Neighbours) -> None:
    shown = (await both.seen(await both.share())).json()
    assert shown["type_label"]["en"] == "Fire"
    assert {one["agency"]: one["name"] for one in shown["forwardings"]} == {
        f"{REGENCY}/fire": "Fire",
        f"{REGENCY}/ambulance": "Ambulance",
        f"{REGENCY}/police": "Police",
    }


async def test_a_refusal_is_read_by_who_asked(both: Neighbours) -> None:
    incident = await both.opened()
    share = (await both.request(incident["number"])).json()
    refused = await both.ask(REGENCY, "POST", f"/v1/shares/{share['id']}/refuse", {"reason": "sudah padam"})
    assert refused.status_code == 204, refused.text
    assert (await both.seen(share)).status_code == 404
    [listed] = await both.listed(path="/v1/shares")
    assert (listed["state"], listed["reason"]) == ("refused", "sudah padam")


@pytest.mark.parametrize(
    ("wrong", "pointers"),
    [
        ({"owner": NEIGHBOUR}, ["#/owner"]),
        ({"owner": "99.77"}, ["#/owner"]),
        ({"until": "2020-01-01T00:00:00Z", "number": "CTH-1"}, ["#/until"]),
    ],
)
async def test_a_wrong_request_changes_nothing(both: Neighbours, wrong: dict[str, str], pointers: list[str]) -> None:
    incident = await both.opened()
    refused = await both.request(**{"number": incident["number"]} | wrong)
    assert refused.status_code == 422, refused.text
    assert [error["pointer"] for error in refused.json()["errors"]] == pointers
    assert await both.listed(path="/v1/shares") == []


async def test_a_wrong_share_changes_nothing(both: Neighbours) -> None:
    incident = await both.opened()
    path = f"/v1/incidents/{incident['id']}/shares"
    good = {"to": NEIGHBOUR, "profile": "none", "until": both.until}
    for wrong in ({"to": REGENCY}, {"to": "99.77"}, {"until": "2020-01-01T00:00:00Z"}, {"profile": "all"}):
        assert (await both.ask(REGENCY, "POST", path, good | wrong)).status_code == 422, wrong
    assert await both.listed(REGENCY, "/v1/shares") == []
    assert (await both.ask(REGENCY, "POST", path, good)).status_code == 201
    again = await both.ask(REGENCY, "POST", path, good | {"profile": "city_only"})
    assert (again.status_code, again.json()["state"]) == (409, "shared")
    [listed] = await both.listed(REGENCY, "/v1/shares")
    assert listed["profile"] == "none"


async def test_only_supervisors_share_and_see_a_protected_incident(both: Neighbours) -> None:
    incident = await both.opened("domestic_violence")
    body = {"to": NEIGHBOUR, "profile": "none", "until": both.until}
    path = f"/v1/incidents/{incident['id']}/shares"
    assert (await both.ask(REGENCY, "POST", path, body)).status_code == 403
    share = share_of(await both.ask(REGENCY, "POST", path, body | {"message": "suami pelaku"}, "supervisor"))
    for role in ("operator", "dispatcher"):
        hidden = (await both.seen(share, role)).json()
        assert hidden.keys() == {"share_id", "regency", "until", "drill", "protected", "hidden"}
    [entry], [listed] = await both.listed(), await both.listed(path="/v1/shares")
    assert entry["hidden"]
    assert (listed["number"], listed["message"]) == (None, None)
    assert (await both.seen(share, "supervisor")).json()["caller_name"] == "Budi"


async def test_who_asks_does_not_learn_that_an_incident_is_protected(both: Neighbours) -> None:
    incident = await both.opened("domestic_violence")
    asked = await both.request(incident["number"])
    assert asked.status_code == 201, asked.text
    assert (asked.json()["number"], asked.json()["request"]) == (incident["number"], "asap terlihat dari sini")
    agree = f"/v1/shares/{asked.json()['id']}/agree"
    assert (await both.ask(REGENCY, "POST", agree, {})).status_code == 403
    assert (await both.ask(REGENCY, "POST", agree, {}, "supervisor")).status_code == 200


async def test_the_end_of_a_share_and_a_broken_glass_in_one_moment(both: Neighbours) -> None:
    """Both hold: who broke the glass sees the incident, and the other regency sees nothing."""
    share = await both.share(kind="domestic_violence")
    path = f"/v1/incidents/{share['incident_id']}"
    broken, ended, seen = await asyncio.gather(
        both.ask(REGENCY, "POST", f"{path}/break-glass", {"reason": "perlu alamat"}),
        both.end(share),
        both.seen(share, "supervisor"),
    )
    assert (broken.status_code, ended.status_code) == (200, 204), (broken.text, ended.text)
    assert seen.status_code in (200, 404), seen.text
    assert (await both.ask(REGENCY, "GET", path)).json()["hidden"] is False
    assert (await both.seen(share, "supervisor")).status_code == 404
    assert [one["state"] for one in await both.listed(path="/v1/shares")] == ["withdrawn"]


async def test_agreeing_and_taking_the_request_back_in_one_moment(both: Neighbours) -> None:
    """Whichever comes first, in the end nothing is shown: taking back ends a share as well."""
    incident = await both.opened()
    share = (await both.request(incident["number"])).json()
    agreed, ended = await asyncio.gather(
        both.ask(REGENCY, "POST", f"/v1/shares/{share['id']}/agree", {}), both.end(share, NEIGHBOUR)
    )
    assert agreed.status_code in (200, 409), agreed.text
    assert ended.status_code == 204, ended.text
    assert (await both.seen(share)).status_code == 404


async def test_two_who_share_with_one_regency_in_one_moment_one_wins(both: Neighbours) -> None:
    incident = await both.opened()
    path = f"/v1/incidents/{incident['id']}/shares"
    bodies = ({"to": NEIGHBOUR, "profile": name, "until": both.until} for name in ("none", "city_only"))
    answers = await asyncio.gather(*(both.ask(REGENCY, "POST", path, body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 409], [answer.text for answer in answers]
    [listed] = await both.listed(path="/v1/shares")
    assert listed["id"] in {answer.json().get("id") for answer in answers}


async def test_the_neighbour_hears_of_each_change_until_the_share_ends(both: Neighbours) -> None:
    """The messages have no content, and after the end there are none."""
    share = await both.share()
    part = await both.desk.part("fire")
    await part.hear(part.responded(Response.ACKNOWLEDGED))
    assert (await both.end(share)).status_code == 204
    await both.desk.noted(1, "padam")
    heard = await both.desk.kit.said(ShareChanged)
    assert [one.event.ended for one in heard] == [False, False, True]
    assert {(one.envelope.subject, one.envelope.regency) for one in heard} == {(share["id"], NEIGHBOUR)}
    sequences = [one.envelope.sequence for one in heard]
    assert sequences == sorted(set(sequences))


async def test_the_timeline_of_the_owner_says_what_was_shared(both: Neighbours) -> None:
    share = await both.share("block_level")
    await both.end(share)
    answer = await both.ask(REGENCY, "GET", f"/v1/incidents/{share['incident_id']}/timeline")
    entries = {entry["type"].split(".")[1]: entry["in_words"]["en"] for entry in answer.json()["items"]}
    assert "the block of the place only" in entries["ShareGiven"]
    assert "tidak perlu lagi" in entries["ShareEnded"]
    [shown] = (await both.ask(REGENCY, "GET", f"/v1/incidents/{share['incident_id']}")).json()["shares"]
    assert shown["state"] == "withdrawn"


async def a_second(both: Neighbours, words: str = "dua orang di atap") -> Shown:
    """Another incident of the owner's regency, whose call said these words."""
    note = a_note(words)
    await both.desk.classified(2, notes=(note,), number=Sealed("+62899777"), caller_hash="h2")
    found: Shown = (await both.ask(REGENCY, "GET", "/v1/incidents", role="supervisor")).json()["items"][0]
    return found


async def merged(both: Neighbours, one: Any, into: Any) -> None:
    answer = await both.ask(REGENCY, "POST", f"/v1/incidents/{one}/merge", {"other": into}, "supervisor")
    assert answer.status_code == 200, answer.text


async def test_a_share_does_not_show_the_notes_of_what_is_merged_in_until_it_is_shared_anew(both: Neighbours) -> None:
    share = await both.share()
    second = await a_second(both)
    await merged(both, second["id"], share["incident_id"])
    shown = (await both.seen(share)).json()
    assert shown["reports"] == 2
    assert "dua orang" not in str(shown)
    assert "api besar" in str(shown)
    await both.desk.noted(2, "kini tiga orang")
    assert "kini tiga orang" in str((await both.seen(share)).json()), "what is said from now on is of the event"
    await both.end(share)
    body = {"to": NEIGHBOUR, "profile": "none", "until": both.until}
    path = f"/v1/incidents/{share['incident_id']}/shares"
    anew = share_of(await both.ask(REGENCY, "POST", path, body, "supervisor"))
    assert "dua orang" in str((await both.seen(anew)).json())


@pytest.mark.parametrize(("profile", "follows"), [("none", "contact_hidden"), ("city_only", "city_only")])
async def test_a_share_follows_a_merger_without_the_other_one_s_caller_and_ends_with_it(
    both: Neighbours, profile: str, follows: str
) -> None:
    share = await both.share(profile)
    second = await a_second(both)
    await merged(both, share["incident_id"], second["id"])
    by_number = {one["number"]: one for one in await both.listed()}
    shown = by_number[second["number"]]
    assert (shown["profile"], shown["until"]) == (follows, share["until"])
    for words in ("dua orang", "62899777"):
        assert words not in str(shown)
    unmerge = f"/v1/incidents/{share['incident_id']}/unmerge"
    assert (await both.ask(REGENCY, "POST", unmerge, role="supervisor")).status_code == 200
    assert [one["share_id"] for one in await both.listed()] == [share["id"]]


async def test_a_share_of_its_own_is_not_replaced_by_one_that_comes_with_a_merger(both: Neighbours) -> None:
    share = await both.share()
    second = await a_second(both)
    body = {"to": NEIGHBOUR, "profile": "city_only", "until": both.until}
    own = share_of(await both.ask(REGENCY, "POST", f"/v1/incidents/{second['id']}/shares", body, "supervisor"))
    await merged(both, share["incident_id"], second["id"])
    found = {one["number"]: one for one in await both.listed()}
    assert (found[second["number"]]["share_id"], found[second["number"]]["profile"]) == (own["id"], "city_only")


async def test_a_merged_incident_is_not_shared_any_more_but_the_one_that_is_worked_on(both: Neighbours) -> None:
    incident = await both.opened()
    request = share_of(await both.request(incident["number"]))
    second = await a_second(both)
    await merged(both, incident["id"], second["id"])
    body = {"to": "99.03", "profile": "none", "until": both.until}
    for path, told in ((f"/v1/shares/{request['id']}/agree", {}), (f"/v1/incidents/{incident['id']}/shares", body)):
        refused = await both.ask(REGENCY, "POST", path, told, "supervisor")
        assert (refused.status_code, refused.json()["number"]) == (409, second["number"]), refused.text


UNKNOWN = "CTH-20200101-0001"
OWN_FACTS = ("id", "number", "began_at", "until", "instance", "trace_id")


def told(answer: httpx.Response | Shown) -> Shown:
    """What an answer says beside what is of each request its own."""
    shown = answer if isinstance(answer, dict) else answer.json()
    return {name: value for name, value in shown.items() if name not in OWN_FACTS}


@pytest.mark.parametrize("end", ["refused", "withdrawn", "expired"])
async def test_nobody_learns_by_asking_whether_there_is_an_incident_with_a_number(both: Neighbours, end: str) -> None:
    incident = await both.opened()
    real, none = await both.request(incident["number"]), await both.request(UNKNOWN)
    assert (real.status_code, none.status_code) == (201, 201), none.text
    assert told(real) == told(none)
    assert none.json()["number"] == UNKNOWN
    again = [await both.request(number) for number in (incident["number"], UNKNOWN.lower())]
    assert [one.status_code for one in again] == [409, 409]
    assert told(again[0]) == told(again[1])
    for share in (real.json(), none.json()):
        assert (await both.seen(share)).status_code == 404
        if end == "refused":
            path = f"/v1/shares/{share['id']}/refuse"
            assert (await both.ask(REGENCY, "POST", path, {"reason": "salah nomor"})).status_code == 204
        elif end == "withdrawn":
            assert (await both.end(share, NEIGHBOUR)).status_code == 204
            assert (await both.end(share, NEIGHBOUR)).status_code == 204
    if end == "expired":
        both.desk.kit.clock.advance(3601)
        async with both.desk.kit.runtime.transaction() as tx:
            await meet_deadlines(tx, [UUID(incident["id"])])
        async with both.desk.kit.runtime.transaction() as tx:
            await lapse_request(tx, UUID(none.json()["id"]))
    listed = await both.listed(path="/v1/shares")
    assert [one["state"] for one in listed] == [end, end]
    assert told(listed[0]) == told(listed[1])
    changes = [one.envelope.subject for one in await both.desk.kit.said(ShareChanged)]
    assert changes.count(real.json()["id"]) == changes.count(none.json()["id"]) == 2


async def test_the_asked_regency_hears_of_a_number_that_it_does_not_have_and_answers(both: Neighbours) -> None:
    await both.opened()
    share = share_of(await both.request(UNKNOWN))
    [raised] = [one.event for one in await both.desk.kit.said(AlarmRaised) if one.event.kind == "share_asked"]
    assert raised.about == f"shares/{share['id']}"
    [seen] = await both.listed(REGENCY, "/v1/shares")
    assert (seen["number"], seen["incident_id"], seen["request"]) == (UNKNOWN, None, "asap terlihat dari sini")
    agree = await both.ask(REGENCY, "POST", f"/v1/shares/{share['id']}/agree", {})
    assert agree.json()["errors"][0]["code"] == "share_number_unknown", agree.text
    assert (await both.ask(NEIGHBOUR, "POST", f"/v1/shares/{share['id']}/agree", {})).status_code == 404
    await both.end(share)
    assert len([one for one in await both.desk.kit.said(AlarmCleared) if one.event.kind == "share_asked"]) == 1
    both.desk.kit.clock.advance(LONGEST.total_seconds() + 1)
    async with both.desk.kit.runtime.transaction() as tx:
        await lapse_request(tx, UUID(share["id"]))
    [seen] = await both.listed(REGENCY, "/v1/shares")
    assert (seen["state"], seen["request"]) == ("withdrawn", None), "its words are erased"
    over = await both.end(share)
    assert (over.status_code, over.json()["detail"][-15:]) == (409, "status ditarik."), over.text
