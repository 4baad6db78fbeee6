"""Two regencies with one of everything in them, on a running host, and tokens of every kind.

What was posted to get there is kept, so that it can be posted again.
"""

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx

from sigap_common.auth import Role, TokenIssuer
from sigap_common.auth.issuer import new_key
from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually
from sigap_testing.operations import Operation, operations

HOME, FOREIGN, NOWHERE = "99.93", "99.94", "98.76"
NEIGHBOUR = "99.95"
"""The regency to which both others offer incidents. It alone has a zone."""
_THERE = {"lat": 5.5, "lon": 160.5}
_ZONE = {"type": "Polygon", "coordinates": [[[160, 5], [161, 5], [161, 6], [160, 6], [160, 5]]]}
EXAMPLES = "17.71"
"""The regency that the examples of the OpenAPI speak of."""
AGENCIES = ("damkar", "bpbd", "polisi", "pmi")
TIME_ZONE = "Asia/Jakarta"
HOUR = timedelta(hours=1)
PRANKSTERS = ("+628111000111", "+628111000222", "+628111000333")


@dataclass(frozen=True, slots=True)
class Posted:
    path: str
    key: str
    body: Any


@dataclass(slots=True)
class Things:
    """Ids of one regency's things, by the name of the path's parameter; `more`: those in a state of their own."""

    regency: str
    ids: dict[str, str] = field(default_factory=dict)
    more: dict[str, str] = field(default_factory=dict)


def pack(code: str) -> dict[str, Any]:
    """Nobody has a webhook; nobody misses a deadline while the tests run."""
    desk = [{"channel": "desk", "name": "meja"}]
    return {
        "code": code,
        "name": f"Kota Uji {code}",
        "time_zone": TIME_ZONE,
        "agencies": [
            {"code": agency, "name": agency, "kind": "other", "endpoints": desk if agency == "pmi" else []}
            for agency in AGENCIES
        ],
        "response_plans": [
            {"incident_type": "fire", "agencies": AGENCIES[:3], "acknowledge_within_s": 86_400},
            {"incident_type": "medical", "agencies": ["pmi", "bpbd"], "automatic": False},
            {"incident_type": "fire", "agencies": ["damkar"], "alarm_level": 2, "acknowledge_within_s": 86_400},
        ],
        "service_levels": dict.fromkeys(("acknowledge_within_s", "stand_down_within_s", "handover_within_s"), 86_400),
        "zone": _ZONE if code == NEIGHBOUR else None,
        "transfer_limit_s": 3600,
        "blocking": {"pranks": 3, "within_days": 7},
        "shifts": {
            "shifts": [
                {"code": "siang", "name": "Siang", "start": "07:00", "end": "21:00", "seats": 2},
                {"code": "malam", "name": "Malam", "start": "21:00", "end": "07:00", "seats": 2},
            ]
        },
    }


class World:
    def __init__(self, host: SingleHost) -> None:
        self.http = httpx.Client(base_url=host.url, timeout=60, trust_env=False)
        self._issuer = TokenIssuer.from_file(host.url, "sigap", host.folder / "data" / "issuer.pem")
        self._forger = TokenIssuer.from_text(host.url, "sigap", new_key())
        self._operations = {operation.id: operation for operation in operations()}
        self.folder = host.folder
        self.posted: dict[str, Posted] = {}
        self.home, self.foreign = Things(HOME), Things(FOREIGN)

    def token(
        self,
        roles: Sequence[Role] = tuple(Role),
        regencies: Sequence[str] = ("*",),
        *,
        agency: str = f"{HOME}/damkar",
        lifetime: timedelta = HOUR,
        forged: bool = False,
        subject: str = "",
    ) -> str:
        """Of all roles, unless others are wanted; `forged`: signed by another key."""
        issuer = self._forger if forged else self._issuer
        return issuer.issue(subject or f"tester-{'-'.join(roles)}"[:100], roles, regencies, agency, lifetime)

    def post(self, operation_id: str, body: Any = None, *, agency: str = f"{HOME}/damkar", **ids: str) -> Any:
        """Does it as who may, and keeps what was posted last. `ids`: parameters of the path, and required ones of the
        query.
        """
        operation = self._operations[operation_id]
        path = operation.path.format(**ids)
        required = [name for name, _, needed in operation.parameters("query") if needed]
        path += f"?{'&'.join(f'{name}={ids[name]}' for name in required)}" if required else ""
        posted = Posted(path, uuid4().hex, body)
        headers = {"Content-Type": "text/csv"} if isinstance(body, bytes) else {}
        headers |= {
            name: "*" for name, _, required in operation.parameters("header") if required and name == "If-Match"
        }
        answer = self.send(operation.method, path, self.token(agency=agency), body, key=posted.key, **headers)
        assert answer.is_success, f"{operation}: {answer.status_code} {answer.text}"
        self.posted[operation_id] = posted
        return answer.json() if answer.content else None

    def send(
        self, method: str, path: str, token: str | None, body: Any = None, *, key: str | None = None, **headers: str
    ) -> httpx.Response:
        headers = {"Idempotency-Key": key or uuid4().hex, **headers}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        if content is not None:
            headers.setdefault("Content-Type", "application/json")
        return self.http.request(method, path, content=content, headers=headers)

    def step(self, path: str, body: Any = None, **person: Any) -> Any:
        """Posts as this person (see `token`), and keeps nothing. Returns the answer's JSON."""
        answer = self.send("POST", path, self.token(**person), body)
        assert answer.is_success, answer.text
        return answer.json()

    def tag(self, path: str) -> str:
        """The ETag of what lies there."""
        return str(self.send("GET", path, self.token()).headers["etag"])

    def prepare(self) -> None:
        self._configure(NEIGHBOUR)
        for things in (self.foreign, self.home):  # what was posted last is home's
            self._configure(things.regency)
            self._calls(things)
            self._blocks(things)
            self._incidents(things)
            self._referrals(things)
            self._people(things)
            self._endpoints(things)
            self._hang_up(things)
        self.home.ids["event_id"] = self.foreign.ids["event_id"] = str(uuid4())

    def _configure(self, code: str) -> None:
        answer = self.send("PUT", f"/v1/regencies/{code}", self.token(), pack(code))
        assert answer.is_success, answer.text

        def complete() -> bool:
            return bool(self.send("GET", f"/v1/regencies/{code}", self.token()).json()["complete"])

        asyncio.run(eventually(complete, within=30))

    def _calls(self, things: Things) -> None:
        call = {"regency": things.regency, "channel": "telephone"}
        self._callbacks(things, call | {"number": "0812-3456-7891"})
        things.more["waiting"] = self.post("receive_call", call)["id"]
        done = self.post("receive_call", call | {"number": "0812-3456-7890"})["id"]
        things.ids["call_id"] = done
        self.post("answer_call", {}, call_id=done)
        self.post("locate_emergency", {"lat": -3.79, "lon": 102.26}, call_id=done)
        self.post("add_note", {"text": "Gigi palsu"}, call_id=done)
        self.post("answer_triage", {"answers": {"what": "sick_or_hurt"}}, call_id=done)
        self.post("tell_words", {"incident_type": "medical", "step": "speaker"}, call_id=done)
        self.post("take_silent_step", {"step": "greet", "heard": "nothing"}, call_id=done)
        self.post("mark_caller", {"probably_child": True}, call_id=done)
        self.post("classify_call", {"call_class": "prank"}, call_id=done)
        self.post("end_call", {"ended_by": "caller"}, call_id=done)
        self.post("describe_caller", {"caller_name": "Ibu Sri"}, call_id=done)
        self.post("position_caller", {"lat": -3.79, "lon": 102.26, "source": "device"}, call_id=done)
        self.post("write_draft", {"field": "note", "text": "Gigi pal"}, call_id=done)
        self.post("issue_drafts_stream_ticket", call_id=done)
        self.post("issue_queue_stream_ticket")
        self._operators(things)

    def _hang_up(self, things: Things) -> None:
        """Ends the calls that are answered: their operators signed off, so each would become an alarm while the tests
        run.
        """
        path = f"/v1/calls?regency={things.regency}&state=answered&limit=200"
        page = self.send("GET", path, self.token())
        assert page.is_success, page.text
        assert page.json()["next"] is None, "the world has more answered calls than one page"
        for call in page.json()["items"]:
            self.step(f"/v1/calls/{call['id']}/end", {"ended_by": "operator"})

    def _operators(self, things: Things) -> None:
        call = self.post("receive_call", {"regency": things.regency, "channel": "telephone"})["id"]
        holder = self.post("answer_call", {}, call_id=call)["answered_by"]
        self.post("take_over_call", {"answered_by": holder}, call_id=call)
        self.post("offer_call", {"to": "sari"}, call_id=call)
        self.post("decline_offered_call", call_id=self._offered(things, holder))
        room = {"regency": things.regency}
        self.post("sign_on", room | {"state": "available"})
        self.post("say_present", room)
        self.post("sign_off", room | {"leave_calls": True})
        self.post("issue_presence_stream_ticket")
        self._handed_on(things)

    def _handed_on(self, things: Things) -> None:
        """Offers of calls to a neighbour: one taken back, one refused, and one accepted."""
        offer = {"to": NEIGHBOUR, "message": "penelepon Anda"}
        steps: dict[str, Any] = {
            "keep_offered_call": None,
            "refuse_offered_call": {"reason": "bukan wilayah kami"},
            "accept_offered_call": None,
        }
        for step, body in steps.items():
            call = self.post("receive_call", {"regency": things.regency, "channel": "telephone"})["id"]
            self.post("answer_call", {}, call_id=call)
            transfer = self.post("offer_call_to_regency", offer, call_id=call)["transfer"]["id"]
            self.post(step, body, call_transfer_id=transfer)
            things.more[step] = things.ids["call_transfer_id"] = transfer

    def _offered(self, things: Things, to: str) -> str:
        """A call that another operator has, and offers."""
        call: str = self.post("receive_call", {"regency": things.regency, "channel": "telephone"})["id"]
        for step, body in (("answer", {}), ("offer", {"to": to})):
            self.step(f"/v1/calls/{call}/{step}", body, subject="sari")
        return call

    def _blocks(self, things: Things) -> None:
        """One block in force, whose number rings; one refused, one lifted."""
        active, refused, lifted = (self._proposed(things, number) for number in PRANKSTERS)
        reason = {"reason": "sudah diperingatkan"}
        for block in (lifted, active):
            self.post("approve_block", reason, block_id=block)
        self.post("refuse_block", reason, block_id=refused)
        self.post("lift_block", reason, block_id=lifted)
        until = (datetime.now(ZoneInfo(TIME_ZONE)) + timedelta(hours=60)).isoformat()
        self.post("extend_block", reason | {"ends_at": until}, block_id=active)
        self.post("appeal_block", {"text": "dipakai anak"}, block_id=active)
        self.post("review_block", reason, block_id=active)
        self.post("make_block_dossier", {"recipient": "Polresta", "reason": "LP/B/1"}, block_id=active)
        self.post("issue_blocks_stream_ticket")
        things.ids["block_id"] = active
        things.more |= {"refused_block": refused, "lifted_block": lifted}
        ringing = self._rung(things.regency, PRANKSTERS[0])
        self.post("press_call_key", call_id=ringing)

    def _proposed(self, things: Things, number: str) -> str:
        """The id of the block that the pranks of this number propose. They are so old that its next call is no third
        try.
        """
        earlier = (datetime.now(ZoneInfo(TIME_ZONE)) - timedelta(minutes=10)).isoformat()
        call = {"regency": things.regency, "channel": "telephone", "number": number, "received_at": earlier}
        for _ in range(3):
            prank = self.post("receive_call", call)["id"]
            self.post("answer_call", {}, call_id=prank)
            self.post("classify_call", {"call_class": "prank"}, call_id=prank)
            self.post("end_call", {"ended_by": "caller"}, call_id=prank)
        listed = self.send("GET", f"/v1/blocks?regency={things.regency}&state=proposed", self.token()).json()["items"]
        return str(listed[0]["id"])

    def _rung(self, regency: str, number: str) -> str:
        """The id of a call that hears the recorded message: an exchange tells of it."""
        call = {"regency": regency, "channel": "telephone", "number": number}
        return str(self.step("/v1/calls", call, roles=[Role.cti])["id"])

    def _callbacks(self, things: Things, call: dict[str, Any]) -> None:
        """One that is over and one that is still to be called, each of one dropped call."""
        for name in ("over", "open"):
            dropped = self.post("receive_call", call)["id"]
            self.post("end_call", {"ended_by": "caller"}, call_id=dropped)
            self.post("say_contact", {"declined": False}, call_id=dropped)
            callback = self._callback_of(things, dropped)
            self.post("add_callback_note", {"text": "Tetangga juga melapor"}, callback_id=callback)
            self.post("claim_callback", callback_id=callback)
            self.post("offer_callback", {"to": "sari"}, callback_id=callback)
            self.post("release_callback", callback_id=callback)
            self._offered_back(callback)
            if name == "over":
                self.post("record_attempt", {"outcome": "not_needed"}, callback_id=callback)
                things.more["called_back"] = callback
            things.ids["callback_id"] = callback
        self.post("issue_callbacks_stream_ticket")

    def _offered_back(self, callback: str) -> None:
        """Another operator offers the callback, and gets it back."""
        here = self.send("GET", "/v1/me", self.token()).json()["subject"]
        for step, body in (("claim", None), ("offer", {"to": here})):
            self.step(f"/v1/callbacks/{callback}/{step}", body, subject="sari")
        self.post("decline_offered_callback", callback_id=callback)
        self.step(f"/v1/callbacks/{callback}/release", subject="sari")

    def _callback_of(self, things: Things, call: str) -> str:
        def found() -> str | None:
            path = f"/v1/callbacks?regency={things.regency}"
            items = self.send("GET", path, self.token()).json()["items"]
            return next((item["id"] for item in items if item["calls"][0]["call_id"] == call), None)

        return asyncio.run(eventually(found))

    def _incidents(self, things: Things) -> None:
        found = {"regency": things.regency, "source": "observer", "incident_type": "fire"}
        closed = self.post("open_incident", found)["id"]
        self.post("close_incident", {"disposition": "resolved"}, incident_id=closed)
        self.post("reopen_incident", {}, incident_id=closed)
        self.post("cancel_incident", {"reason": "anak bermain"}, incident_id=closed)
        self._proposals(things, found)
        incident = self.post("open_incident", found)["id"]
        things.more["closed"], things.ids["incident_id"] = closed, incident
        self.post("add_agency", {"agency": f"{things.regency}/pmi"}, incident_id=incident)
        at = self._delivered(things, incident)
        things.ids["forwarding_id"] = at["damkar"]
        things.more |= {"declined": at["bpbd"], "withdrawn": at["pmi"]}
        damkar, bpbd = (f"{things.regency}/{agency}" for agency in ("damkar", "bpbd"))
        self.post("acknowledge_forwarding", {}, agency=damkar, forwarding_id=at["damkar"])
        self.post("report_progress", {"progress": "on_scene"}, agency=damkar, forwarding_id=at["damkar"])
        self.post("decline_forwarding", {"reason": "no_unit"}, agency=bpbd, forwarding_id=at["bpbd"])
        of = {"incident_id": incident}
        answer = {"response": "acknowledged", "spoke_to": "Pak Harun", "channel": "telephone"}
        self.post("record_agency_answer", answer, **of, forwarding_id=at["polisi"])
        asks = {"response": "on_scene", "question": "Ke mana?", "asks_for": {"alarm_level": 2}}
        asked = self.post("record_agency_answer", answer | asks, **of, forwarding_id=at["polisi"])
        things.ids["question_id"] = asked["questions"][0]["id"]
        self.post("answer_question", {"text": "RSUD"}, **of, question_id=things.ids["question_id"])
        self.post("dismiss_alarm_level", {"alarm_level": 2}, **of)
        self.post("withdraw_forwarding", {"reason": "sudah cukup"}, **of, forwarding_id=at["pmi"])
        guarded = self.post("open_incident", found | {"incident_type": "child_protection"})["id"]
        self.post("break_glass", {"reason": "perlu alamat"}, incident_id=guarded)
        self.post("see_glass", None, incident_id=guarded)
        self.post("lift_protection", {"reason": "ternyata bukan"}, incident_id=guarded)
        self.post("withdraw_forwarding", {"reason": "sudah cukup"}, **of, forwarding_id=at["polisi"])
        self.post("note_stand_down", {"reason": "terlihat di pos"}, **of, forwarding_id=at["polisi"])
        self._transfers(things, found)
        self._shares(things, found)
        self.post("change_alarm_level", {"alarm_level": 2, "seen": 1, "reason": "merambat"}, **of)
        self.post("note_incident", {"text": "Gigi palsu", "kind": "observation"}, **of)
        self.post("issue_incidents_stream_ticket")
        self.post("issue_alarms_stream_ticket")
        self._handovers(things)
        self.post("issue_forwardings_stream_ticket")
        deliveries = self.send("GET", f"/v1/deliveries?forwarding_id={at['damkar']}", self.token()).json()["items"]
        things.ids["delivery_id"] = deliveries[0]["id"]
        self._wait_for_state(incident, at["bpbd"], "declined")
        self.post("waive_role", {"role": "bpbd", "reason": "tidak perlu"}, **of)
        self.post("end_waiver", {"role": "bpbd"}, **of)
        self._duplicates(things, found)

    def _transfers(self, things: Things, found: dict[str, Any]) -> None:
        """Offers to a neighbour: one taken back, one refused, and one accepted. One that is proposed is dismissed."""
        offer = {"to": NEIGHBOUR, "message": "lewat batas kota"}
        steps: dict[str, Any] = {
            "take_back_transfer": None,
            "refuse_transfer": {"reason": "semua bertugas"},
            "accept_transfer": None,
        }
        for step, body in steps.items():
            incident = self.post("open_incident", found)["id"]
            transfer = self.post("offer_incident", offer, incident_id=incident)["offer"]["id"]
            self.post(step, body, transfer_id=transfer)
            things.more[step] = things.ids["transfer_id"] = transfer
        there = self.post("open_incident", found | {"place": _THERE})["id"]
        self.post("dismiss_transfer", {"to": NEIGHBOUR}, incident_id=there)

    def _shares(self, things: Things, found: dict[str, Any]) -> None:
        """With a neighbour: one that it asked for and was refused, one that was ended, and one that goes on."""
        until = (datetime.now(ZoneInfo(TIME_ZONE)) + timedelta(hours=24)).isoformat()
        wanted = {"profile": "city_only", "until": until}
        opened = [self.post("open_incident", found) for _ in range(3)]
        asks = {"regency": NEIGHBOUR, "owner": things.regency, "reason": "asap terlihat"}
        refused, ended = (
            self.post("ask_for_share", asks | wanted | {"number": incident["number"]})["id"] for incident in opened[:2]
        )
        self.post("refuse_share", {"reason": "sudah padam"}, share_id=refused)
        self.post("agree_to_share", {}, share_id=ended)
        self.post("end_share", {}, share_id=ended)
        goes_on = self.post("share_incident", wanted | {"to": NEIGHBOUR}, incident_id=opened[2]["id"])["id"]
        things.more |= {"refused_share": refused, "ended_share": ended, "shared": opened[2]["id"]}
        things.ids["share_id"] = goes_on

    def _duplicates(self, things: Things, found: dict[str, str]) -> None:
        other, again = ({"incident_id": self.post("open_incident", found)["id"]} for _ in range(2))
        into = {"other": things.ids["incident_id"]}
        self.post("merge_incident", into, **other)
        self.post("unmerge_incident", None, **other)
        self.post("read_reports", {"up_to": 1}, **other)
        self.post("reject_duplicate", into, **again)
        self.post("link_incident", into, **again)
        self.post("merge_incident", into, **other)
        things.more["merged"] = other["incident_id"]
        self._reports(things)

    def _reports(self, things: Things) -> None:
        """Two calls about one incident; the second gets one of its own."""

        def classified(same: str | None) -> str:
            call = self.post("receive_call", {"regency": things.regency, "channel": "telephone"})["id"]
            emergency = {"call_class": "emergency", "incident_type": "fire"} | ({"same_incident": same} if same else {})
            for path, body in (("answer", {}), ("classification", emergency)):
                self.step(f"/v1/calls/{call}/{path}", body)
            return str(call)

        def incident_of(call: str) -> str | None:
            items = self.send("GET", f"/v1/incidents?call_id={call}", self.token()).json()["items"]
            return items[0]["id"] if items else None

        first = str(asyncio.run(eventually(partial(incident_of, classified(None)))))
        call = classified(first)
        asyncio.run(eventually(partial(incident_of, call)))
        self.post("open_own_incident", {}, incident_id=first, call_id=call)

    def _referrals(self, things: Things) -> None:
        """One that is closed, and one that is open."""

        def opened() -> str:
            call = self.post("receive_call", {"regency": things.regency, "channel": "telephone"})["id"]
            for path, body in (("answer", {}), ("classification", {"call_class": "non_emergency"})):
                self.step(f"/v1/calls/{call}/{path}", body)
            return str(asyncio.run(eventually(partial(of_call, call))))

        def of_call(call: str) -> str | None:
            items = self.send("GET", f"/v1/referrals?call_id={call}", self.token()).json()["items"]
            return items[0]["id"] if items else None

        things.more["closed_referral"] = opened()
        self.post("close_referral", referral_id=things.more["closed_referral"])
        things.ids["referral_id"] = opened()
        of = {"referral_id": things.ids["referral_id"]}
        self.post("pass_referral_on", {"agency": f"{things.regency}/damkar"}, **of)
        self.post("answer_referral", {"text": "Diperbaiki Kamis"}, **of)

    def _handovers(self, things: Things) -> None:
        """Two of another dispatcher, one taken back by a supervisor and one accepted; then one that is open."""
        incident = {"incident_id": things.ids["incident_id"]}
        tester = self.post("claim_incident", **incident)["responsible"]
        dodi = self.token([Role.dispatcher], [things.regency], subject="dodi")

        def offered() -> str:
            claimed = self.send("POST", f"/v1/incidents/{incident['incident_id']}/claim", dodi)
            answer = self.send("POST", "/v1/handovers", dodi, {"regency": things.regency, "to": tester})
            assert claimed.is_success, claimed.text
            assert answer.is_success, answer.text
            return str(answer.json()["id"])

        things.more["withdrawn_handover"] = offered()
        self.post("take_handover_back", handover_id=things.more["withdrawn_handover"])
        things.more["accepted_handover"] = offered()
        self.post("decline_handover", {}, handover_id=things.more["accepted_handover"])
        self.post("accept_handover", handover_id=things.more["accepted_handover"])
        open_one = self.post("offer_handover", {"regency": things.regency, "to": "dodi"})
        things.ids["handover_id"] = open_one["id"]

    def _proposals(self, things: Things, found: dict[str, Any]) -> None:
        """Takes one proposed agency and dismisses another; their plan tells none by itself."""
        incident = self.post("open_incident", found | {"incident_type": "medical"})["id"]
        for operation, agency in (("take_proposal", "pmi"), ("dismiss_proposal", "bpbd")):
            self.post(operation, {"agency": f"{things.regency}/{agency}"}, incident_id=incident)

    def _delivered(self, things: Things, incident: str) -> dict[str, str]:
        """The forwardings by agency, each carried to its agency's desk."""

        def given(agency: str) -> str | None:
            token = self.token(agency=f"{things.regency}/{agency}", regencies=[things.regency])
            path = f"/v1/forwardings?agency={things.regency}/{agency}"
            items = self.send("GET", path, token).json()["items"]
            return next((item["id"] for item in items if item["incident_id"] == incident), None)

        return {agency: asyncio.run(eventually(partial(given, agency))) for agency in AGENCIES}

    def _wait_for_state(self, incident: str, forwarding: str, state: str) -> None:
        def reached() -> bool:
            parts = self.send("GET", f"/v1/incidents/{incident}", self.token()).json()["forwardings"]
            return any(part["id"] == forwarding and part["state"] == state for part in parts)

        asyncio.run(eventually(reached))

    def _people(self, things: Things) -> None:
        other = self.post("create_staff", {"regency": things.regency, "name": "Sari", "number": "OP-08"})["id"]
        staff = self.post("create_staff", {"regency": things.regency, "name": "Budi", "number": "OP-07"})["id"]
        self.post("import_staff", b"staff_number,name\nOP-08,Sari\n", regency=things.regency)
        self.post("import_absences", b"staff_number,kind,first_day\nOP-08,wish,2099-04-02\n", regency=things.regency)
        today = datetime.now(ZoneInfo(TIME_ZONE)).date()
        _, served = self._rostered(things, today, "siang")
        self.post("start_duty", {"confirm": True}, duty_id=served)  # it is any time of the day
        self.post("end_duty", {}, duty_id=served)
        roster, duty = self._rostered(things, date(2099, 3, 1), "malam")
        things.ids |= {"staff_id": staff, "roster_id": roster, "duty_id": duty}
        things.more |= {"other_staff": other, "served_duty": served}
        self._planned(things, staff, roster)
        self.post("make_calendar", staff_id=staff)
        self._swaps(things, other)
        self._pickups(things, other)
        self._teams(things, staff, other)

    def _teams(self, things: Things, staff: str, other: str) -> None:
        team = {"regency": things.regency, "name": "Regu A", "cycle": ["siang", None], "starts_on": "2099-03-01"}
        removed = self.post("make_team", team | {"members": [staff]})["id"]
        self.post("remove_team", team_id=removed)
        made = self.post("make_team", team | {"members": [other]})["id"]
        entry = {name: value for name, value in team.items() if name != "regency"}
        self.post("replace_team", entry, team_id=made)
        things.ids["team_id"] = made
        first = {"regency": things.regency, "first_day": "2099-06-01", "last_day": "2099-06-02"}
        self.post("rotate_roster", {"teams": [made]}, roster_id=self.post("draft_roster", first)["id"])

    def _swaps(self, things: Things, other: str) -> None:
        """Duties of a roster of their own: done swaps change it."""
        _, duty = self._rostered(things, date(2099, 5, 1), "malam")
        offer = {"duty_id": duty, "to_staff_id": other}

        def offered() -> str:
            return str(self.post("offer_swap", offer)["id"])

        self.post("decline_swap", swap_id=offered())
        self.post("cancel_swap", swap_id=offered())
        done, things.ids["swap_id"] = offered(), offered()
        self.post("accept_swap", {"staff_id": other}, swap_id=done)
        self.post("approve_swap", swap_id=done)
        things.more["done_swap"] = done

    def _pickups(self, things: Things, other: str) -> None:
        """Seats of two rosters of their own: one is taken, another asked for."""
        roster, _ = self._rostered(things, date(2099, 7, 1), "malam")
        seat = {"roster_id": roster, "day": "2099-07-01", "shift": "siang", "staff_id": other}

        def asked(**told: Any) -> str:
            return str(self.post("take_open_shift", seat | told)["id"])

        self.post("decline_pickup", pickup_id=asked())
        self.post("cancel_pickup", pickup_id=asked())
        things.more["done_pickup"] = asked()
        self.post("approve_pickup", pickup_id=things.more["done_pickup"])
        free, _ = self._rostered(things, date(2099, 7, 2), "malam")
        things.ids["pickup_id"] = asked(roster_id=free, day="2099-07-02")

    def _planned(self, things: Things, staff: str, roster: str) -> None:
        day_off = {"staff_id": staff, "kind": "leave", "first_day": "2099-04-01", "last_day": "2099-04-01"}
        removed = self.post("add_absence", day_off)["id"]
        self.post("remove_absence", absence_id=removed)
        for step in ("grant_leave", "refuse_leave"):
            asked = self.post("add_absence", day_off | {"kind": "asked"})["id"]
            things.more[step] = self.post(step, absence_id=asked)["id"]
        wish = self.post("add_absence", day_off | {"kind": "wish"})["id"]
        things.ids["absence_id"], things.more["wish"] = self.post("add_absence", day_off)["id"], wish
        cell = {"staff_id": staff, "day": "2099-03-01"}
        self.post("free_cell", roster_id=roster, lock_id=self.post("lock_cell", cell, roster_id=roster)["id"])
        things.ids["lock_id"] = self.post("lock_cell", cell | {"shift": "malam"}, roster_id=roster)["id"]
        search = {"existing": "replace", "seconds": 1}
        cancelled = self.post("ask_for_plan", search, roster_id=roster)["id"]
        self.post("cancel_solve", roster_id=roster, solve_id=cancelled)
        done = self.post("ask_for_plan", search, roster_id=roster)["id"]
        things.ids["solve_id"], things.more["cancelled_solve"] = done, cancelled
        self.post("issue_solve_stream_ticket", roster_id=roster, solve_id=done)

        def over() -> bool:
            path = f"/v1/rosters/{roster}/solves/{done}"
            return bool(self.send("GET", path, self.token()).json()["state"] == "done")

        asyncio.run(eventually(over, within=120))
        self.post("take_plan", roster_id=roster, solve_id=done)

    def _rostered(self, things: Things, day: date, shift: str) -> tuple[str, str]:
        """A published plan of one day, and its one duty."""
        drafted = {"regency": things.regency, "first_day": str(day), "last_day": str(day)}
        roster = self.post("draft_roster", drafted)["id"]
        plan = f"staff_number,day,shift\nOP-07,{day},{shift}\n".encode()
        self.post("import_plan", plan, roster_id=roster)
        self.post("publish_roster", roster_id=roster)
        listed = self.send("GET", f"/v1/duties?regency={things.regency}&from={day}&to={day}", self.token())
        return roster, listed.json()["items"][0]["id"]

    def _endpoints(self, things: Things) -> None:
        agency = f"{things.regency}/damkar"
        endpoint = {"agency": agency, "name": "pos-utama", "channel": "desk", "position": 1}
        things.ids["endpoint_id"] = self.post("make_endpoint", endpoint)["id"]
        listed = self.send("GET", f"/v1/endpoints?regency={things.regency}", self.token()).json()["items"]
        things.more["pack_endpoint"] = next(one["id"] for one in listed if one["source"] == "pack")


def at_home(operation: Operation, regency: str = HOME) -> Any:
    """The operation's example, speaking of a regency of ours."""
    return json.loads(json.dumps(operation.example()).replace(EXAMPLES, regency))


def names_in(path: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", path)
