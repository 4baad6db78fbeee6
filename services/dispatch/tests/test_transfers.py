"""Histories of transfers to another regency: an offer, help first, and one incident in each regency."""

import asyncio
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

import httpx
import pytest
from services.dispatch.tests.dispatch_histories import (
    HARBOUR,
    INCIDENT_ID,
    MARKET,
    NOON,
    REGENCY,
    Desk,
    History,
    Part,
    Shown,
    a_note,
    a_pack,
    forwarded_to,
    only,
)

from sigap_common.app.background import timers_together
from sigap_common.contracts.agencies import AgencyResponded, Response
from sigap_common.contracts.agency_reports import HelpAskedFor
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.calls import CallerDetails
from sigap_common.contracts.incidents import (
    ForwardingRevised,
    IncidentClosed,
    IncidentCreated,
    IncidentForwarded,
    IncidentState,
)
from sigap_common.contracts.transfers import (
    TransferAccepted,
    TransferCompleted,
    TransferDismissed,
    TransferEnded,
    TransferOffered,
)
from sigap_common.contracts.zones import Elsewhere, Zone
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Invalid, NotAllowed, NotFound
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain import Incident, Moment, decide
from sigap_dispatch.domain.attention import Reason, attention
from sigap_dispatch.domain.commands import (
    AcceptTransfer,
    AddAgency,
    Amend,
    Close,
    Command,
    CompleteTransfer,
    DescribeCaller,
    DismissTransfer,
    NoteFromCall,
    Numbered,
    OfferTransfer,
    OpenFromTransfer,
    RefuseTransfer,
    Respond,
    TakeBackTransfer,
    Tick,
)
from sigap_dispatch.domain.lifecycle import Reopen
from sigap_dispatch.domain.notes import WriteNote
from sigap_dispatch.domain.state.offers import OfferState
from sigap_dispatch.domain.transfers import receivers_alarms
from sigap_dispatch.models import incidents
from sigap_dispatch.use_cases.incidents import meet_deadlines

NEIGHBOUR = "99.02"
RECEIVED = UUID("018dc000-0000-7000-8000-00000000000b")
LIMIT = 120


def neighbours_pack(**told: Any) -> Any:
    return a_pack(code=NEIGHBOUR, name="Kota Tetangga", prefix="TTG", **told)


def offered(history: History, message: str | None = "lewat batas kota") -> UUID:
    history.opens("fire", priority=2)
    [event] = only(TransferOffered, history.when(OfferTransfer(NEIGHBOUR, message), by="dodi"))
    return event.offer_id


def accepted(history: History) -> UUID:
    offer = offered(history)
    history.when(AcceptTransfer(offer, RECEIVED, "TTG-20240219-0001"), by="rina")
    return offer


def of(history: History) -> OfferState:
    assert history.incident.offer is not None
    return history.incident.offer.state


def test_the_sender_stays_responsible_while_it_offers(history: History) -> None:
    offered(history)
    assert history.incident.closed_at is None
    assert of(history) is OfferState.OFFERED
    assert forwarded_to(history.when(AddAgency(f"{REGENCY}/ambulance"))) == ["ambulance"]


def there(by: Literal["queue", "telephone"] = "queue", regency: str = NEIGHBOUR) -> Zone:
    return Zone(owner=regency, candidates=(regency,), elsewhere=Elsewhere(regency=regency, by=by))


def proposed(history: History) -> str | None:
    """The regency to which it is to be offered. If there is one, the board says that a person has to decide."""
    for part in history.incident.open_forwardings():
        history.when(Respond(part.id, part.revision, Response.ACKNOWLEDGED, "desk", history.now))
    place, to = attention(history.incident), history.incident.proposed_transfer
    assert place is not None
    assert (place.reason is Reason.PROPOSAL) == (to is not None)
    return to


def test_an_emergency_in_anothers_zone_is_proposed_to_be_offered_on(history: History) -> None:
    history.opens("fire", priority=2, zone=there())
    assert proposed(history) == NEIGHBOUR
    assert set(forwarded_to(history.events)) == {"fire", "police"}, "help goes first"
    history.when(OfferTransfer(NEIGHBOUR), by="dodi")
    assert proposed(history) is None
    history.when(RefuseTransfer(only(TransferOffered, history.events)[0].offer_id, "semua bertugas"), by="rina")
    assert history.incident.proposed_transfer is None, "a person has decided, and the alarm says the rest"


def test_no_offer_is_proposed_to_a_regency_that_is_told_by_telephone(history: History) -> None:
    history.opens("fire", priority=2, zone=there("telephone"))
    assert proposed(history) is None


def test_a_person_says_once_that_it_stays(history: History) -> None:
    history.opens("fire", priority=2, zone=there())
    with pytest.raises(NotFound):
        history.when(DismissTransfer("99.03"), by="dodi")
    [dismissed] = only(TransferDismissed, history.when(DismissTransfer(NEIGHBOUR), by="dodi"))
    assert (dismissed.to, dismissed.by, proposed(history)) == (NEIGHBOUR, "dodi", None)
    assert history.when(DismissTransfer(NEIGHBOUR), by="dodi") == []
    history.when(Amend(place=HARBOUR, zone=there()), by="dodi")
    assert proposed(history) is None, "the same regency"
    history.when(Amend(place=MARKET, zone=there(regency="99.03")), by="dodi")
    assert proposed(history) == "99.03"
    history.when(OfferTransfer("99.03"), by="dodi")
    with pytest.raises(NotFound):
        history.when(DismissTransfer("99.03"), by="dodi")
    history.when(Amend(place=HARBOUR, zone=there()), by="dodi")
    assert proposed(history) is None, "a person said of this regency that it stays"
    history.when(Close("doused"), by="dodi")
    with pytest.raises(NotAllowed):
        history.when(DismissTransfer("99.03"), by="dodi")
    assert history.replayed() == history.incident


def test_an_incident_that_was_taken_over_from_a_regency_is_not_proposed_to_it(history: History) -> None:
    sent = History(neighbours_pack())
    sent.opens("fire")
    sent.when(OfferTransfer(REGENCY), by="rina")
    history.when(OpenFromTransfer(Numbered("CTH-20240219-0001", NOON.date()), sent.incident, there()))
    assert proposed(history) is None


def test_an_offer_comes_back_once_after_the_limit_of_the_pack(history: History) -> None:
    offered(history)
    assert only(TransferEnded, history.at(LIMIT - 1).when(Tick())) == []
    [ended] = only(TransferEnded, history.at(LIMIT).when(Tick()))
    assert ended.outcome == "not_accepted"
    assert only(TransferEnded, history.when(Tick())) == []
    assert [alarm.kind for alarm in history.incident.alarms if alarm.kind == "transfer_returned"]


def test_a_deadline_is_known_to_the_timers(history: History) -> None:
    history.opens(None)
    history.when(AddAgency(f"{REGENCY}/fire"))
    history.responds("fire", Response.ACKNOWLEDGED)
    assert history.incident.due_at is None
    history.when(OfferTransfer(NEIGHBOUR))
    assert history.incident.due_at == NOON + timedelta(seconds=LIMIT)


def test_the_alarm_of_an_offer_that_came_back_ends_when_a_person_keeps_the_incident(history: History) -> None:
    offer = offered(history)
    history.when(RefuseTransfer(offer, "semua unit bertugas"), by="rina")
    assert [kind for kind in (a.kind for a in history.incident.alarms) if kind == "transfer_returned"]
    [cleared] = only(AlarmCleared, history.when(TakeBackTransfer(offer), by="dodi"))
    assert cleared.kind == "transfer_returned"
    assert history.when(TakeBackTransfer(offer), by="dodi") == []


def test_a_reopened_incident_whose_offer_came_back_has_its_alarm_again(history: History) -> None:
    offer = offered(history)
    history.when(RefuseTransfer(offer, "semua unit bertugas"))
    [cleared] = only(AlarmCleared, history.when(Close("resolved")))
    assert cleared.kind == "transfer_returned"
    assert [one.kind for one in only(AlarmRaised, history.when(Reopen()))] == ["transfer_returned"]
    assert history.replayed() == history.incident


def test_a_drill_that_is_offered_raises_no_alarm_in_either_regency() -> None:
    history = History(a_pack(), drill=True)
    offer = offered(history)
    history.when(RefuseTransfer(offer, "latihan saja"))
    assert only(AlarmRaised, history.events) == []
    assert list(receivers_alarms(history.incident, history.events)) == []


def test_the_alarm_ends_with_a_new_offer(history: History) -> None:
    offer = offered(history)
    history.when(RefuseTransfer(offer, "tidak bisa"))
    [cleared] = only(AlarmCleared, history.when(OfferTransfer("99.03")))
    assert cleared.kind == "transfer_returned"


def test_a_refusal_says_why(history: History) -> None:
    offer = offered(history)
    [ended] = only(TransferEnded, history.when(RefuseTransfer(offer, "semua unit bertugas")))
    assert ended.reason is not None
    assert (ended.outcome, ended.reason.clear) == ("refused", "semua unit bertugas")
    assert history.when(RefuseTransfer(offer, "lagi")) == []


@pytest.mark.parametrize("end", ["refuse", "take_back", "come_back", "close"])
def test_what_has_ended_is_not_accepted(history: History, end: str) -> None:
    offer = offered(history)
    if end == "come_back":
        history.at(LIMIT)
    ends: dict[str, Command] = {
        "refuse": RefuseTransfer(offer, "tidak"),
        "take_back": TakeBackTransfer(offer),
        "close": Close("resolved"),
    }
    history.when(ends.get(end, Tick()))
    with pytest.raises(NotAllowed) as refused:
        history.when(AcceptTransfer(offer, RECEIVED, "TTG-1"))
    assert refused.value.params["state"] == of(history)


def test_what_is_accepted_is_neither_taken_back_nor_refused_nor_offered_again(history: History) -> None:
    offer = accepted(history)
    for command in (TakeBackTransfer(offer), RefuseTransfer(offer, "tidak"), OfferTransfer("99.03")):
        with pytest.raises(NotAllowed):
            history.when(command)


def test_an_accepted_incident_closes_only_when_an_agency_of_the_receiver_has_it(history: History) -> None:
    history.opens(None)
    [event] = only(TransferOffered, history.when(OfferTransfer(NEIGHBOUR)))
    history.when(AcceptTransfer(event.offer_id, RECEIVED, "TTG-1"))
    assert history.incident.closed_at is None
    told = history.when(CompleteTransfer())
    assert [closed.disposition for closed in only(IncidentClosed, told)] == ["transferred"]
    assert history.when(CompleteTransfer()) == []
    assert history.replayed() == history.incident


def test_help_that_the_sender_sent_is_never_called_off_by_the_transfer(history: History) -> None:
    accepted(history)
    history.responds("fire", Response.ACKNOWLEDGED, Response.EN_ROUTE)
    assert only(IncidentClosed, history.when(CompleteTransfer())) == []
    history.responds("police", Response.DECLINED, reason="no_unit")
    assert history.incident.state == IncidentState.EN_ROUTE
    assert [closed.disposition for closed in only(IncidentClosed, history.responds("fire", Response.DONE))] == [
        "transferred"
    ]


def test_completing_what_was_not_accepted_changes_nothing(history: History) -> None:
    offered(history)
    assert history.when(CompleteTransfer()) == []
    history.when(Close("resolved"))
    assert history.when(CompleteTransfer()) == []


def test_an_incident_is_not_offered_to_its_own_regency_nor_closed_or_backfilled(history: History) -> None:
    history.opens("fire")
    with pytest.raises(Invalid):
        history.when(OfferTransfer(REGENCY))
    history.when(Close("resolved"))
    with pytest.raises(NotAllowed):
        history.when(OfferTransfer(NEIGHBOUR))
    late = History(a_pack())
    late.opens("fire", backfilled=True)
    with pytest.raises(NotAllowed):
        late.when(OfferTransfer(NEIGHBOUR))


def test_an_older_offer_is_not_found(history: History) -> None:
    offer = offered(history)
    history.when(TakeBackTransfer(offer))
    history.when(OfferTransfer("99.03"))
    with pytest.raises(NotFound):
        history.when(AcceptTransfer(offer, RECEIVED, "TTG-1"))


def taken_over(history: History, **told: Any) -> IncidentCreated:
    moment = Moment(history.now, neighbours_pack(**told), uuid4, "rina")
    begun = Aggregate(id=RECEIVED, regency=NEIGHBOUR)
    command = OpenFromTransfer(Numbered("TTG-20240219-0001", NOON.date()), history.incident, None)
    decision = decide(begun, command, moment)
    assert isinstance(decision.after, Incident)
    [created] = only(IncidentCreated, decision.events)
    return created


def test_the_receiver_gets_what_is_needed_to_help_and_no_history_of_the_caller(history: History) -> None:
    offered(history)
    history.when(NoteFromCall(a_note("lantai dua")))
    created, sent = taken_over(history), history.incident
    assert (created.call_id, created.caller_hash) == (None, None)
    assert (created.caller_number, created.place, created.notes) == (sent.caller_number, sent.place, sent.notes)
    assert (created.started_at, created.linked_to) == (sent.started_at, INCIDENT_ID)
    assert created.received_from is not None
    assert created.received_from.number == sent.number


def test_what_the_receiver_does_not_know_as_a_type_is_of_no_known_type(history: History) -> None:
    history.opens("fire_small", priority=4)
    history.when(OfferTransfer(NEIGHBOUR))
    created = taken_over(history, incident_types=[])
    assert (created.incident_type, created.priority) == (None, 4)


def test_protection_goes_along(history: History) -> None:
    history.opens("domestic_violence")
    history.when(OfferTransfer(NEIGHBOUR))
    assert taken_over(history).protected


class Neighbours:
    """Both regencies on one dispatch."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def ask(
        self, regency: str, method: str, path: str, body: dict[str, Any] | None = None, role: str = "dispatcher"
    ) -> httpx.Response:
        kit = self.desk.kit
        headers = kit.bearer(role, regencies=[regency])
        return await kit.client.request(method, path, json=body, headers=headers)

    async def offers(self, regency: str, **query: str) -> list[Shown]:
        answer = await self.desk.kit.client.get(
            "/v1/transfers", params=query, headers=self.desk.kit.bearer("dispatcher", regencies=[regency])
        )
        assert answer.status_code == 200, answer.text
        items: list[Shown] = answer.json()["items"]
        return items

    async def offered(self, kind: str | None = "fire") -> Shown:
        """The offer of an incident that a call opened."""
        await self.desk.kit.configure(neighbours_pack())
        await self.desk.classified(kind=kind)
        incident = await self.desk.incident()
        path = f"/v1/incidents/{incident['id']}/transfers"
        answer = await self.ask(REGENCY, "POST", path, {"to": NEIGHBOUR, "message": "lewat batas kota"}, "supervisor")
        assert answer.status_code == 201, answer.text
        [offer] = await self.offers(NEIGHBOUR)
        return offer

    async def accept(self, offer: Shown) -> httpx.Response:
        return await self.ask(NEIGHBOUR, "POST", f"/v1/transfers/{offer['id']}/accept")

    async def take_back(self, offer: Shown) -> httpx.Response:
        return await self.ask(REGENCY, "POST", f"/v1/transfers/{offer['id']}/take-back")

    async def sent(self) -> Shown:
        [incident] = (await self.ask(REGENCY, "GET", "/v1/incidents")).json()["items"]
        found: Shown = incident
        return found


@pytest.fixture
def both(desk: Desk) -> Neighbours:
    return Neighbours(desk)


async def test_the_receiver_sees_of_an_offer_neither_caller_nor_address_nor_notes(both: Neighbours) -> None:
    offer = await both.offered()
    assert (offer["message"], offer["incident_type"], offer["state"]) == ("lewat batas kota", "fire", "offered")
    assert offer["cell"]
    for hidden in ("8111222333", "Budi", "Pasar Lama", "-3.79", "api besar"):
        assert hidden not in str(offer)
    sent = await both.sent()
    assert (await both.ask(NEIGHBOUR, "GET", f"/v1/incidents/{sent['id']}")).status_code == 404


async def test_an_offer_of_a_protected_incident_shows_neither_type_nor_cell(both: Neighbours) -> None:
    offer = await both.offered("domestic_violence")
    assert (offer["incident_type"], offer["cell"], offer["protected"]) == (None, None, True)


async def test_only_a_supervisor_offers_a_protected_incident(both: Neighbours) -> None:
    await both.desk.kit.configure(neighbours_pack())
    await both.desk.classified(kind="domestic_violence")
    incident = await both.desk.incident()
    answer = await both.ask(REGENCY, "POST", f"/v1/incidents/{incident['id']}/transfers", {"to": NEIGHBOUR})
    assert answer.status_code == 403, answer.text


async def test_a_regency_that_does_not_work_here_is_offered_nothing(both: Neighbours) -> None:
    await both.desk.classified()
    incident = await both.desk.incident()
    for to in ("99.77", REGENCY):
        answer = await both.ask(REGENCY, "POST", f"/v1/incidents/{incident['id']}/transfers", {"to": to})
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["pointer"] == "#/to"


async def test_over_http_an_incident_in_a_neighbours_zone_is_proposed_until_a_person_decides(both: Neighbours) -> None:
    corners = [[101, -1], [102, -1], [102, 1], [101, 1], [101, -1]]
    await both.desk.kit.configure(neighbours_pack(zone={"type": "Polygon", "coordinates": [corners]}))
    found = {"regency": REGENCY, "source": "observer", "incident_type": "fire", "place": {"lat": 0, "lon": 101.5}}
    opened = (await both.ask(REGENCY, "POST", "/v1/incidents", found)).json()
    assert (opened["proposed_transfer"], opened["zone"]["elsewhere"]["by"]) == (NEIGHBOUR, "queue")
    path = f"/v1/incidents/{opened['id']}/transfers/dismiss"
    wrong = await both.ask(REGENCY, "POST", path, {"to": "99.03"})
    assert wrong.status_code == 404, wrong.text
    for _ in range(2):
        kept = await both.ask(REGENCY, "POST", path, {"to": NEIGHBOUR})
        assert (kept.status_code, kept.json()["proposed_transfer"]) == (200, None), kept.text
    assert (await both.ask(REGENCY, "POST", path, {"to": NEIGHBOUR}, "operator")).status_code == 403
    assert (await both.desk.timeline(opened)).count("TransferDismissed") == 1
    board = await both.ask(REGENCY, "GET", f"/v1/incidents/board?regency={REGENCY}")
    assert board.json()["items"][0]["proposed_transfer"] is None


async def test_accepting_opens_one_linked_incident_of_the_receiver(both: Neighbours) -> None:
    offer = await both.offered()
    first, again = await both.accept(offer), await both.accept(offer)
    assert first.status_code == 200, first.text
    received = first.json()
    assert again.json()["id"] == received["id"]
    assert received["number"].startswith("TTG-")
    assert (received["regency"], received["received_from"]["number"]) == (NEIGHBOUR, offer["sent_number"])
    assert {one["agency"] for one in received["forwardings"]} == {
        f"{NEIGHBOUR}/{code}" for code in ("fire", "police", "ambulance")
    }
    sent = await both.sent()
    assert (sent["offer"]["state"], sent["offer"]["number"]) == ("accepted", received["number"])
    assert sent["state"] != "closed"
    [alone] = (await both.ask(NEIGHBOUR, "GET", "/v1/incidents")).json()["items"]
    assert alone["id"] == received["id"]


async def test_the_receiver_s_first_delivery_completes_the_transfer_once(both: Neighbours) -> None:
    offer = await both.offered(None)  # no agency of the sender is on it
    received = (await both.accept(offer)).json()
    added = {"agency": f"{NEIGHBOUR}/fire"}
    received = (await both.ask(NEIGHBOUR, "POST", f"/v1/incidents/{received['id']}/forwardings", added)).json()
    part = Part(both.desk, UUID(received["id"]), UUID(received["forwardings"][0]["id"]), f"{NEIGHBOUR}/fire")
    assert (await both.sent())["state"] == "created"
    # In disorder: the answer before the delivery, and the delivery twice.
    await part.hear(part.responded(Response.ACKNOWLEDGED, 5), part.delivered(4), part.delivered(4))
    sent = await both.sent()
    assert (sent["state"], sent["disposition"], sent["offer"]["state"]) == ("closed", "transferred", "completed")
    said = [one.event for one in await both.desk.kit.said(TransferCompleted, IncidentClosed)]
    assert [type(event) for event in said] == [TransferCompleted, IncidentClosed]


async def test_an_answer_by_telephone_completes_the_transfer_too(both: Neighbours) -> None:
    received = (await both.accept(await both.offered(None))).json()
    added = {"agency": f"{NEIGHBOUR}/fire"}
    received = (await both.ask(NEIGHBOUR, "POST", f"/v1/incidents/{received['id']}/forwardings", added)).json()
    path = f"/v1/incidents/{received['id']}/forwardings/{received['forwardings'][0]['id']}/answers"
    answer = {"response": "acknowledged", "spoke_to": "Pak Harun", "channel": "telephone"}
    assert (await both.ask(NEIGHBOUR, "POST", path, answer)).status_code == 200
    assert (await both.sent())["disposition"] == "transferred"


async def test_accept_and_take_back_in_one_moment_one_wins(both: Neighbours) -> None:
    offer = await both.offered()
    one, other = await asyncio.gather(both.accept(offer), both.take_back(offer))
    assert sorted((one.status_code, other.status_code)) == [200, 409], (one.text, other.text)
    opened = (await both.ask(NEIGHBOUR, "GET", "/v1/incidents")).json()["items"]
    accepted_events = await both.desk.kit.said(TransferAccepted)
    assert len(opened) == len(accepted_events) == (1 if one.status_code == 200 else 0)


async def test_two_who_accept_in_one_moment_get_the_same_incident(both: Neighbours) -> None:
    offer = await both.offered()
    one, other = await asyncio.gather(both.accept(offer), both.accept(offer))
    assert (one.status_code, other.status_code) == (200, 200), (one.text, other.text)
    assert one.json()["id"] == other.json()["id"]


async def test_each_regency_decides_only_what_is_its_own(both: Neighbours) -> None:
    offer = await both.offered()
    path = f"/v1/transfers/{offer['id']}"
    for regency, what, body in (
        (REGENCY, "accept", None),
        (REGENCY, "refuse", {"reason": "tidak"}),
        (NEIGHBOUR, "take-back", None),
        ("99.03", "accept", None),
    ):
        answer = await both.ask(regency, "POST", f"{path}/{what}", body)
        assert answer.status_code == 404, (regency, what, answer.text)
    assert await both.offers("99.03") == []


async def test_people_read_the_name_of_the_other_regency_and_of_the_type(both: Neighbours) -> None:
    offer = await both.offered()
    assert offer["type_label"] == {"id": "Kebakaran", "en": "Fire"}
    path = f"/v1/incidents/{(await both.sent())['id']}"
    again = await both.ask(REGENCY, "POST", f"{path}/transfers", {"to": NEIGHBOUR})
    assert (again.status_code, again.json()["to"]) == (409, NEIGHBOUR)
    assert "ke daerah Kota Tetangga;" in again.json()["detail"]
    timeline = (await both.ask(REGENCY, "GET", f"{path}/timeline")).json()["items"]
    [said] = [one["in_words"]["en"] for one in timeline if "TransferOffered" in one["type"]]
    assert said.startswith("Offered to regency Kota Tetangga")


async def test_the_receiver_is_called_by_an_alarm_of_its_own_until_the_offer_ends(both: Neighbours) -> None:
    offer = await both.offered()
    refused = await both.ask(NEIGHBOUR, "POST", f"/v1/transfers/{offer['id']}/refuse", {"reason": "semua bertugas"})
    assert refused.status_code == 204, refused.text
    alarms = [
        (type(one.event), one.envelope.regency)
        for one in await both.desk.kit.said(AlarmRaised, AlarmCleared)
        if one.event.kind == "transfer_offered"
    ]
    assert alarms == [(AlarmRaised, NEIGHBOUR), (AlarmCleared, NEIGHBOUR)]
    [listed] = await both.offers(REGENCY, state="refused")
    assert listed["reason"] == "semua bertugas"
    assert (await both.sent())["offer"]["reason"] == "semua bertugas"


async def test_an_admin_sees_that_an_offer_was_made_but_not_what_was_said(both: Neighbours) -> None:
    await both.offered()
    [listed] = (await both.ask(REGENCY, "GET", "/v1/transfers", role="admin")).json()["items"]
    assert listed["message"] is None
    [incident] = (await both.ask(REGENCY, "GET", "/v1/incidents", role="admin")).json()["items"]
    assert incident["offer"]["message"] is None


async def test_the_offer_comes_back_by_the_durable_deadline(both: Neighbours) -> None:
    await both.offered()
    both.desk.kit.clock.advance(LIMIT)
    await timers_together(both.desk.kit.runtime, incidents, meet_deadlines).meet_due()
    assert (await both.sent())["offer"]["state"] == "not_accepted"


async def received(both: Neighbours) -> Shown:
    """The receiver's incident, of which no agency has been told."""
    shown: Shown = (await both.accept(await both.offered(None))).json()
    return shown


async def opened_there(both: Neighbours) -> Shown:
    """Another incident of the receiver. The fire brigade was told of it."""
    body = {"regency": NEIGHBOUR, "source": "officer", "priority": 2}
    opened: Shown = (await both.ask(NEIGHBOUR, "POST", "/v1/incidents", body)).json()
    return await told(both, opened)


async def told(both: Neighbours, incident: Shown) -> Shown:
    added = {"agency": f"{NEIGHBOUR}/fire"}
    shown: Shown = (await both.ask(NEIGHBOUR, "POST", f"/v1/incidents/{incident['id']}/forwardings", added)).json()
    return shown


async def had(both: Neighbours, incident: Shown) -> None:
    """The fire brigade gets the incident."""
    part = Part(both.desk, UUID(incident["id"]), UUID(incident["forwardings"][0]["id"]), f"{NEIGHBOUR}/fire")
    await part.hear(part.delivered(4))


async def merged(both: Neighbours, one: Shown, into: Shown) -> None:
    answer = await both.ask(NEIGHBOUR, "POST", f"/v1/incidents/{one['id']}/merge", {"other": into["id"]})
    assert answer.status_code == 200, answer.text


async def test_a_transfer_follows_a_merger_of_the_receiver(both: Neighbours) -> None:
    one, into = await received(both), await opened_there(both)
    await merged(both, one, into)
    offer = (await both.sent())["offer"]
    assert (offer["state"], offer["incident_id"], offer["number"]) == ("accepted", into["id"], into["number"])
    await had(both, into)
    sent = await both.sent()
    assert (sent["state"], sent["offer"]["state"]) == ("closed", "completed")


async def test_a_merger_into_what_an_agency_has_completes_the_transfer_at_once(both: Neighbours) -> None:
    one, into = await received(both), await opened_there(both)
    await had(both, into)
    await merged(both, one, into)
    assert (await both.sent())["offer"]["state"] == "completed"


async def test_the_end_of_a_merger_leads_the_transfer_back(both: Neighbours) -> None:
    one, into = await received(both), await opened_there(both)
    await merged(both, one, into)
    unmerged = await both.ask(NEIGHBOUR, "POST", f"/v1/incidents/{one['id']}/unmerge")
    assert unmerged.status_code == 200, unmerged.text
    assert (await both.sent())["offer"]["incident_id"] == one["id"]
    await had(both, into)
    assert (await both.sent())["offer"]["state"] == "accepted", "that is another incident again"
    await had(both, await told(both, one))
    assert (await both.sent())["offer"]["state"] == "completed"


@pytest.mark.parametrize(
    ("how", "body"), [("cancel", {"reason": "tidak ada apa-apa"}), ("close", {"disposition": "resolved"})]
)
@pytest.mark.parametrize("is_merged", [False, True])
async def test_what_the_receiver_ends_before_an_agency_has_it_comes_back_with_an_alarm(
    both: Neighbours, how: str, body: Shown, is_merged: bool
) -> None:
    working = one = await received(both)
    if is_merged:
        working = await opened_there(both)
        await merged(both, one, working)
    answer = await both.ask(NEIGHBOUR, "POST", f"/v1/incidents/{working['id']}/{how}", body)
    assert answer.status_code == 200, answer.text
    sent = await both.sent()
    assert (sent["offer"]["state"], sent["closed_at"]) == ("ended_there", None)
    assert "transfer_returned" in sent["alarms"]
    offered = await both.ask(REGENCY, "POST", f"/v1/incidents/{sent['id']}/transfers", {"to": NEIGHBOUR})
    assert offered.status_code == 201, offered.text


async def test_what_the_receiver_ends_after_an_agency_had_it_stays_transferred(both: Neighbours) -> None:
    one = await told(both, await received(both))
    await had(both, one)
    await both.ask(NEIGHBOUR, "POST", f"/v1/incidents/{one['id']}/close", {"disposition": "resolved"})
    assert (await both.sent())["offer"]["state"] == "completed"


ABROAD = f"{NEIGHBOUR}/fire"


class Aid:
    """An incident of REGENCY, and a neighbour whose fire brigade may be told of it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def agree(self, *, here: bool = True, there: bool = True) -> None:
        await self.desk.kit.configure(a_pack(mutual_aid=[NEIGHBOUR] if here else []), version=2)
        await self.desk.kit.configure(neighbours_pack(mutual_aid=[REGENCY] if there else []))

    async def tell(self, agency: str = ABROAD, role: str = "dispatcher", **body: Any) -> httpx.Response:
        incident = await self.desk.incident()
        path = f"/v1/incidents/{incident['id']}/forwardings"
        return await self.desk.ask("POST", path, {"agency": agency} | body, role)

    async def listed(self, query: str = "") -> list[str]:
        answer = await self.desk.ask("GET", f"/v1/agencies?regency={REGENCY}{query}")
        assert answer.status_code == 200, answer.text
        return [one["agency"] for one in answer.json()["items"]]

    async def refused(self, agency: str = ABROAD) -> str:
        answer = await self.tell(agency)
        assert answer.status_code == 422, answer.text
        [error] = answer.json()["errors"]
        assert error["pointer"] == "#/agency"
        if error["code"] == "agency_not_lent":
            assert error["detail"].endswith("Tawarkan kejadian ini kepada Kota Tetangga.")
        code: str = error["code"]
        return code


@pytest.fixture
def aid(desk: Desk) -> Aid:
    return Aid(desk)


async def test_a_neighbours_agency_helps_while_its_regency_has_not_answered_the_offer(aid: Aid, desk: Desk) -> None:
    await aid.agree()
    await desk.classified()
    incident = await desk.incident()
    offer = await desk.ask("POST", f"/v1/incidents/{incident['id']}/transfers", {"to": NEIGHBOUR})
    assert offer.status_code == 201, offer.text
    told = await aid.tell()
    assert told.status_code == 201, told.text
    after = await desk.incident()
    assert [(one["agency"], one["role"]) for one in after["forwardings"]][-1] == (ABROAD, "fire")
    forwarding = UUID(after["forwardings"][-1]["id"])
    part = Part(desk, UUID(incident["id"]), forwarding, ABROAD)
    await part.hear(part.responded(Response.ACKNOWLEDGED))
    assert (await part.shown())["state"] == "acknowledged"
    assert (await desk.incident())["offer"]["state"] == "offered", "its centre still has to answer"


@pytest.mark.parametrize(("here", "there"), [(True, False), (False, True)])
async def test_both_packs_must_agree_on_mutual_aid(aid: Aid, desk: Desk, here: bool, there: bool) -> None:
    await aid.agree(here=here, there=there)
    await desk.classified()
    assert await aid.refused() == "agency_not_lent"
    assert ABROAD not in await aid.listed("&mutual_aid=true")


async def test_agencies_that_may_be_told_are_listed_if_they_are_asked_for(aid: Aid) -> None:
    await aid.agree()
    own, all_of_them = await aid.listed(), await aid.listed("&mutual_aid=true")
    assert ABROAD not in own
    assert all_of_them == [*own, *(f"{NEIGHBOUR}/{agency.partition('/')[2]}" for agency in own)]


TELEPHONED = [{"code": "fire", "name": "Damkar", "kind": "fire", "telephones": ["0274112"]}]


@pytest.mark.parametrize(
    ("role", "lent"),
    [
        *((role, ["0274112"]) for role in ("operator", "dispatcher", "supervisor")),
        *((role, []) for role in ("admin", "planner", "analyst", "agency")),
    ],
)
async def test_only_those_who_speak_with_agencies_read_the_telephones_of_a_neighbours(
    desk: Desk, role: str, lent: list[str]
) -> None:
    await desk.kit.configure(a_pack(mutual_aid=[NEIGHBOUR], agencies=TELEPHONED, response_plans=[]), version=2)
    await desk.kit.configure(neighbours_pack(mutual_aid=[REGENCY], agencies=TELEPHONED, response_plans=[]))
    whose = f"{REGENCY}/fire" if role == "agency" else None
    bearer = desk.kit.bearer(role, regencies=[REGENCY], agency=whose)
    answer = await desk.kit.client.get(f"/v1/agencies?regency={REGENCY}&mutual_aid=true", headers=bearer)
    told = {one["agency"]: (one["name"], one["telephones"]) for one in answer.json()["items"]}
    assert told == {f"{REGENCY}/fire": ("Damkar", ["0274112"]), ABROAD: ("Damkar", lent)}


async def test_an_agency_that_was_told_keeps_its_name_once_mutual_aid_has_ended(aid: Aid, desk: Desk) -> None:
    await aid.agree()
    await desk.classified()
    assert (await aid.tell()).status_code == 201
    await desk.kit.configure(a_pack(agencies=TELEPHONED, response_plans=[]), version=3)
    found = await desk.incident()
    whole = (await desk.ask("GET", f"/v1/incidents/{found['id']}")).json()
    board = (await desk.ask("GET", f"/v1/incidents/board?regency={REGENCY}")).json()["items"]
    assert (await desk.ask("POST", f"/v1/incidents/{found['id']}/claim")).status_code == 200
    leaving = (await desk.ask("GET", f"/v1/handovers/leaving?regency={REGENCY}")).json()["incidents"]
    for one in (found, whole, *board, *leaving):
        named = {part["agency"]: part["name"] for part in one["forwardings"]}
        own = {f"{REGENCY}/fire": "Damkar", f"{REGENCY}/police": None, f"{REGENCY}/ambulance": None}
        assert named == own | {ABROAD: "Fire, Kota Tetangga"}
    assert (len(board), len(leaving)) == (1, 1)


async def test_an_answer_to_a_neighbours_agency_names_it_also_once_mutual_aid_has_ended(aid: Aid, desk: Desk) -> None:
    await aid.agree()
    await desk.classified()
    told = (await aid.tell()).json()
    part = Part(desk, UUID(told["id"]), UUID(told["forwardings"][-1]["id"]), ABROAD)
    asked = {"question": Sealed("Lewat jalan mana?"), "asks_for": HelpAskedFor(alarm_level=2), "channel": "desk"}
    await part.hear(part.event(AgencyResponded, response=Response.ON_SCENE, **asked))
    await desk.kit.configure(a_pack(), version=3)
    found = await desk.incident()
    [question] = found["questions"]
    assert question["name"] == found["proposed_alarm_level"]["name"] == "Fire, Kota Tetangga"
    path = f"/v1/incidents/{found['id']}"
    after = await desk.ask("POST", f"{path}/questions/{question['id']}/answer", {"text": "Jl. Suprapto"})
    assert after.status_code == 200, after.text
    said = "Jawaban atas pertanyaan Fire, Kota Tetangga, “Lewat jalan mana?”: Jl. Suprapto"
    assert after.json()["notes"][-1]["text"] == said


async def test_in_a_drill_an_answer_names_the_drill_agency(desk: Desk) -> None:
    await desk.classified(drill=True)
    part = await desk.part("drill")
    event = part.event(AgencyResponded, response=Response.ON_SCENE, channel="desk", question=Sealed("Ke mana?"))
    await desk.kit.hear(event, subject=str(part.id), regency=REGENCY, drill=True)
    [question] = (await desk.incident())["questions"]
    path = f"/v1/incidents/{part.incident_id}/questions/{question['id']}/answer"
    after = await desk.ask("POST", path, {"text": "RSUD"}, "supervisor")
    assert after.status_code == 200, after.text
    assert after.json()["notes"][-1]["text"].startswith("Jawaban atas pertanyaan Instansi latihan, ")


async def test_a_role_that_only_a_neighbours_pack_has_is_said_in_its_words(aid: Aid, desk: Desk) -> None:
    navy = {"code": "lanal", "name": "Lanal", "kind": "navy"}
    label = {"id": "TNI AL", "en": "navy"}
    words = [{"code": "navy", "label": label}]
    await desk.kit.configure(a_pack(mutual_aid=[NEIGHBOUR]), version=2)
    theirs = {"agencies": [navy], "response_plans": [], "capabilities": words}
    await desk.kit.configure(neighbours_pack(mutual_aid=[REGENCY], **theirs))
    await desk.classified()
    assert (await aid.tell(f"{NEIGHBOUR}/lanal")).status_code == 201
    found = await desk.incident()
    whole = (await desk.ask("GET", f"/v1/incidents/{found['id']}")).json()
    for one in (found, whole):
        assert one["forwardings"][-1]["role_label"] == label
        assert {"navy": label}.items() <= {need["role"]: need["role_label"] for need in one["needs"]}.items()
    entries = (await desk.ask("GET", f"/v1/incidents/{found['id']}/timeline")).json()["items"]
    assert "navy" not in " ".join(entry["in_words"]["id"] for entry in entries)


async def test_an_agency_of_the_kind_other_is_a_role_by_its_name(desk: Desk) -> None:
    pmi = {"code": "pmi_2", "name": "PMI Contoh", "kind": "other"}
    plan = {"incident_type": "fire", "agencies": ["pmi_2"]}
    await desk.kit.configure(a_pack(agencies=[pmi], response_plans=[plan]), version=2)
    await desk.classified()
    [need] = (await desk.incident())["needs"]
    assert (need["role"], need["role_label"]["id"]) == ("pmi_2", "PMI Contoh")


async def test_an_agency_that_the_neighbour_does_not_have_is_unknown(aid: Aid, desk: Desk) -> None:
    await aid.agree()
    await desk.classified()
    assert [await aid.refused(one) for one in (f"{NEIGHBOUR}/navy", "99.77/fire")] == ["agency_unknown"] * 2


async def test_of_a_protected_incident_only_a_supervisor_tells_a_neighbours_agency(aid: Aid, desk: Desk) -> None:
    await aid.agree()
    await desk.classified(kind="domestic_violence")
    assert (await aid.tell()).status_code == 403
    assert (await aid.tell(role="supervisor")).status_code == 201


def test_a_neighbours_agency_is_not_told_who_calls(history: History) -> None:
    history.opens(notes=(a_note("api besar"),))
    history.pack = a_pack(mutual_aid=[NEIGHBOUR])
    [own] = [one.content for one in only(IncidentForwarded, history.events) if one.agency == f"{REGENCY}/fire"]
    command = AddAgency(ABROAD, lender=neighbours_pack(mutual_aid=[REGENCY]))
    [forwarded] = only(IncidentForwarded, history.when(command, by="sari"))
    told = forwarded.content
    assert (own.caller_number, own.caller_name) == (Sealed("+628111222333"), Sealed("Budi"))
    personal = (told.caller_number, told.caller_name, told.callback_number, told.caller_language)
    assert personal == (None, None, None, None)
    assert told.place == own.place
    assert [note.text.clear for note in told.notes] == ["api besar"]
    caller = CallerDetails(caller_name=Sealed("Wati"), callback_number=Sealed("+628123"))
    described = [(True, 1), (False, 2)]
    history.reported_by(2)
    for leads, report in described:
        revised = only(ForwardingRevised, history.when(DescribeCaller(caller, leads, report, history.now, "ani")))
        assert f"{REGENCY}/fire" in {one.agency for one in revised}
        assert ABROAD not in {one.agency for one in revised}, "nothing that it may know has changed"
    revised = only(ForwardingRevised, history.when(WriteNote("dua orang terjebak"), by="sari"))
    notes = {one.agency: [note.text.clear for note in one.content.notes] for one in revised}
    assert notes[ABROAD][-1] == notes[f"{REGENCY}/fire"][-1] == "dua orang terjebak"
    assert not any("Wati" in text or "628123" in text for text in notes[ABROAD])
    assert any("Wati" in text for text in notes[f"{REGENCY}/fire"])


async def test_the_neighbours_centre_sees_nothing_of_what_its_agency_was_told(aid: Aid, desk: Desk) -> None:
    await aid.agree()
    await desk.classified()
    assert (await aid.tell()).status_code == 201
    incident = await desk.incident()
    headers = desk.kit.bearer("supervisor", regencies=[NEIGHBOUR])
    assert (await desk.kit.client.get(f"/v1/incidents/{incident['id']}", headers=headers)).status_code == 404
