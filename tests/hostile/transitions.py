"""For each operation that can be impossible: how to ask for what the state forbids."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .world import HOME, NEIGHBOUR, World

RACES = {
    "receive_call": "two equal requests at the same moment",
    "put_regency": "two packs of one regency at the same moment",
}
"""What is 409 only for who was later by a moment."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """`state`: what the answer must name; None: no state forbids it, but what is there already. `tagged`: the path
    of what has the ETag to send.
    """

    body: Any
    state: str | None
    ids: dict[str, str] = field(default_factory=dict)
    agency: str = f"{HOME}/damkar"
    tagged: str | None = None


def _always(body: Any, state: str | None = None) -> Callable[[World], Attempt]:
    return lambda _: Attempt(body, state)


def _waiting(body: Any) -> Callable[[World], Attempt]:
    return lambda world: Attempt(body, "waiting", {"call_id": world.home.more["waiting"]})


def _called_back(body: Any) -> Callable[[World], Attempt]:
    return lambda world: Attempt(body, "called_back", {"callback_id": world.home.more["called_back"]})


def _closed(body: Any, tagged: bool = False) -> Callable[[World], Attempt]:
    def attempt(world: World) -> Attempt:
        closed = world.home.more["closed"]
        return Attempt(body, "closed", {"incident_id": closed}, tagged=f"/v1/incidents/{closed}" if tagged else None)

    return attempt


def _with_other(which: str, state: str) -> Callable[[World], Attempt]:
    def attempt(world: World) -> Attempt:
        return Attempt({"other": world.home.ids["incident_id"]}, state, {"incident_id": world.home.more[which]})

    return attempt


def _swap(body: Any) -> Callable[[World], Attempt]:
    return lambda world: Attempt(body, "done", {"swap_id": world.home.more["done_swap"]})


def _pickup(world: World) -> Attempt:
    return Attempt(None, "done", {"pickup_id": world.home.more["done_pickup"]})


def _block(body: Any, which: str, state: str) -> Callable[[World], Attempt]:
    return lambda world: Attempt(body, state, {"block_id": world.home.more[f"{which}_block"]})


def _closed_referral(body: Any) -> Callable[[World], Attempt]:
    return lambda world: Attempt(body, "closed", {"referral_id": world.home.more["closed_referral"]})


def _handover(body: Any, state: str) -> Callable[[World], Attempt]:
    return lambda world: Attempt(body, state, {"handover_id": world.home.more[f"{state}_handover"]})


def _forwarding(body: Any, which: str, agency: str, state: str) -> Callable[[World], Attempt]:
    return lambda world: Attempt(body, state, {"forwarding_id": world.home.more[which]}, f"{HOME}/{agency}")


def _call_transfer(body: Any, which: str, state: str) -> Callable[[World], Attempt]:
    return lambda world: Attempt(body, state, {"call_transfer_id": world.home.more[which]})


def _transfer(body: Any, which: str, state: str) -> Callable[[World], Attempt]:
    return lambda world: Attempt(body, state, {"transfer_id": world.home.more[which]})


def _share(body: Any, which: str, state: str) -> Callable[[World], Attempt]:
    return lambda world: Attempt(body, state, {"share_id": world.home.more[which]})


def _soon() -> str:
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat()


def _number(world: World) -> str:
    """Of the incident that is shared."""
    path = f"/v1/incidents/{world.home.more['shared']}"
    return str(world.send("GET", path, world.token()).json()["number"])


TAKEN = {"agency": f"{HOME}/damkar", "name": "pos-utama", "channel": "desk"}
REASON = {"reason": "salah"}
ANSWER = {"response": "acknowledged", "spoke_to": "Pak Harun", "channel": "telephone"}

TRANSITIONS: dict[str, Callable[[World], Attempt]] = {
    "answer_call": _always({}, "ended"),
    "locate_emergency": _waiting({"lat": -3.79, "lon": 102.26}),
    "add_note": _waiting({"text": "tidak ada"}),
    "classify_call": _waiting({"call_class": "prank"}),
    "end_call": _waiting({"ended_by": "operator"}),
    "press_call_key": _waiting(None),
    "approve_block": _block(REASON, "lifted", "lifted"),
    "refuse_block": _block(REASON, "lifted", "lifted"),
    "review_block": _block(REASON, "refused", "refused"),
    "extend_block": _block(REASON | {"ends_at": "2099-03-01T00:00:00Z"}, "refused", "refused"),
    "lift_block": _block(REASON, "refused", "refused"),
    "appeal_block": _block({"text": "salah"}, "refused", "refused"),
    "answer_triage": _waiting({"answers": {"what": "sick_or_hurt"}}),
    "tell_words": _waiting({"incident_type": "medical", "step": "speaker"}),
    "take_silent_step": _waiting({"step": "greet", "heard": "nothing"}),
    "mark_caller": _waiting({"probably_child": True}),
    "take_over_call": _waiting({"answered_by": "sari"}),
    "offer_call": _waiting({"to": "sari"}),
    "decline_offered_call": _always(None, "ended"),
    "say_present": _always({"regency": HOME}, "signed_off"),
    "sign_off": _always({"regency": HOME}, "signed_off"),
    "amend_incident": _closed({"priority": 1}, tagged=True),
    "add_agency": _closed({"agency": f"{HOME}/pmi"}),
    "close_incident": _closed({"disposition": "resolved"}),
    "waive_role": _closed({"role": "fire", "reason": "tidak perlu"}),
    "end_waiver": _closed({"role": "fire"}),
    "note_stand_down": _forwarding({"reason": "di pos"}, "declined", "bpbd", "declined"),
    "claim_incident": _closed(None),
    "pass_referral_on": _closed_referral({"agency": None}),
    "answer_referral": _closed_referral({"text": "salah"}),
    "close_referral": _closed_referral(None),
    "accept_handover": _handover(None, "withdrawn"),
    "decline_handover": _handover({}, "withdrawn"),
    "take_handover_back": _handover(None, "accepted"),
    "cancel_incident": _closed({"reason": "anak bermain"}),
    "reopen_incident": _always({}, "on_scene"),
    "take_proposal": _closed({"agency": f"{HOME}/pmi"}),
    "dismiss_proposal": _closed({"agency": f"{HOME}/pmi"}),
    "answer_question": _always({"text": "RSUD"}, "on_scene"),
    "dismiss_alarm_level": _closed({"alarm_level": 2}),
    "change_alarm_level": _closed({"alarm_level": 2, "seen": 1, "reason": "merambat"}),
    "withdraw_forwarding": _forwarding({"reason": "salah"}, "declined", "bpbd", "declined"),
    "record_agency_answer": _forwarding(ANSWER, "withdrawn", "pmi", "withdrawn"),
    "acknowledge_forwarding": _forwarding({}, "withdrawn", "pmi", "withdrawn"),
    "decline_forwarding": _always({"reason": "no_unit"}, "on_scene"),
    "report_progress": _forwarding({"progress": "done"}, "withdrawn", "pmi", "withdrawn"),
    "make_endpoint": _always(TAKEN),
    "change_endpoint": lambda world: Attempt(
        TAKEN,
        "enabled",
        {"endpoint_id": world.home.more["pack_endpoint"]},
        tagged=f"/v1/endpoints/{world.home.more['pack_endpoint']}",
    ),
    "retire_endpoint": lambda world: Attempt(None, "enabled", {"endpoint_id": world.home.more["pack_endpoint"]}),
    "create_staff": _always({"regency": HOME, "name": "Ani", "number": "OP-07"}),
    "replace_staff": lambda world: Attempt(
        {"name": "Ani", "number": "OP-07"},
        None,
        {"staff_id": world.home.more["other_staff"]},
        tagged=f"/v1/staff/{world.home.more['other_staff']}",
    ),
    "take_plan": lambda world: Attempt(
        None,
        "cancelled",
        {"solve_id": world.home.more["cancelled_solve"]},
        tagged=f"/v1/rosters/{world.home.ids['roster_id']}",
    ),
    "start_duty": _always({}, "planned"),
    "end_duty": _always({}, "planned"),
    "grant_leave": lambda world: Attempt(None, "wish", {"absence_id": world.home.more["wish"]}),
    "refuse_leave": lambda world: Attempt(None, "leave", {"absence_id": world.home.more["grant_leave"]}),
    "offer_swap": lambda world: Attempt({"duty_id": world.home.more["served_duty"]}, "ended"),
    "accept_swap": _swap({}),
    "approve_swap": _swap(None),
    "decline_swap": _swap(None),
    "cancel_swap": _swap(None),
    "take_open_shift": lambda world: Attempt(
        {"roster_id": world.home.ids["roster_id"], "day": "2098-01-01", "shift": "siang"}
        | {"staff_id": world.home.ids["staff_id"]},
        "published",
    ),
    "approve_pickup": _pickup,
    "decline_pickup": _pickup,
    "cancel_pickup": _pickup,
    "claim_callback": _called_back(None),
    "release_callback": _called_back(None),
    "offer_callback": _called_back({"to": "sari"}),
    "decline_offered_callback": _called_back(None),
    "record_attempt": _called_back({"outcome": "not_needed"}),
    "say_contact": _waiting({"declined": True}),
    "break_glass": _closed({"reason": "salah"}),
    "lift_protection": _closed({"reason": "salah"}),
    "offer_incident": _closed({"to": NEIGHBOUR}),
    "dismiss_transfer": _closed({"to": NEIGHBOUR}),
    "offer_call_to_regency": _waiting({"to": NEIGHBOUR}),
    "accept_offered_call": _call_transfer(None, "refuse_offered_call", "refused"),
    "refuse_offered_call": _call_transfer(REASON, "accept_offered_call", "accepted"),
    "keep_offered_call": _call_transfer(None, "accept_offered_call", "accepted"),
    "accept_transfer": _transfer(None, "refuse_transfer", "refused"),
    "refuse_transfer": _transfer(REASON, "accept_transfer", "accepted"),
    "take_back_transfer": _transfer(None, "accept_transfer", "accepted"),
    "share_incident": lambda world: Attempt(
        {"to": NEIGHBOUR, "profile": "none", "until": _soon()}, "shared", {"incident_id": world.home.more["shared"]}
    ),
    "ask_for_share": lambda world: Attempt(
        {"regency": NEIGHBOUR, "owner": HOME, "number": _number(world), "profile": "none", "until": _soon()} | REASON,
        "shared",
    ),
    "agree_to_share": _share({}, "refused_share", "refused"),
    "refuse_share": _share(REASON, "ended_share", "withdrawn"),
    "end_share": _share({}, "refused_share", "refused"),
    "merge_incident": _with_other("closed", "closed"),
    "unmerge_incident": _closed(None),
    "reject_duplicate": _with_other("closed", "closed"),
    "link_incident": _with_other("merged", "merged"),
    "note_incident": lambda world: Attempt({"text": "asap"}, "merged", {"incident_id": world.home.more["merged"]}),
}
