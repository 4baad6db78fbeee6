"""One agency's part in an incident: its answers, its deadline and its units."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import model_validator

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.agency_answers import ATTENDED, standing
from sigap_common.contracts.agency_reports import NOTHING_BESIDE, PartOutcome, SaidBeside
from sigap_common.contracts.base import Contract
from sigap_common.contracts.places import Place
from sigap_common.core.clock import is_over
from sigap_common.personal_data import Sealed

UNNAMED_ROLE = "other"
MERGED = "merged"
"""Why a forwarding ended: its incident was merged into another."""


class ForwardingState(StrEnum):
    FORWARDED = "forwarded"
    ACKNOWLEDGED = "acknowledged"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    UNDER_CONTROL = "under_control"
    DONE = "done"
    DECLINED = "declined"
    STANDING_DOWN = "standing_down"
    WITHDRAWN = "withdrawn"


class AgencyAnswer(SaidBeside):
    """An answer of the agency: its own, or one that an operator or dispatcher recorded."""

    response: Response
    at: datetime
    reason: str | None = None
    """Why the agency declined."""


def role_served(role: str | None, agency: str) -> str:
    """The role that an agency fills. Without a role, or with one that names nothing, the agency is a role of its own:
    another agency of kind `other` cannot stand in for it.
    """
    return agency.partition("/")[2] if role is None or role == UNNAMED_ROLE else role


def derived_from(words: Sequence[AgencyAnswer]) -> dict[str, Any]:
    """The fields of a forwarding that follow from the agency's answers."""
    stands = standing(words)
    declines = [word for word in words if word.response is Response.DECLINED] if stands is Response.DECLINED else []
    last = max(declines, key=lambda word: word.at, default=None)
    told = max((word for word in words if word.text), key=lambda word: word.at, default=None)
    ended = max((word for word in words if word.outcome), key=lambda word: word.at, default=None)
    return {
        "standing": stands,
        "declined_at": last.at if last else None,
        "decline_reason": last.reason if last else None,
        "text": told.text if told else None,
        "text_at": told.at if told else None,
        "outcome": ended.outcome if ended and stands is Response.DONE else None,
    }


class DeliveryTrouble(Contract):
    """The latest failed delivery of a forwarding, and whether the agency has got the forwarding by another way."""

    at: datetime
    revision: int
    channel: str
    reason: str
    status: int | None
    final: bool
    goes_on_by: tuple[str, ...]
    recovered_at: datetime | None = None
    recovered_by: str | None = None
    """The channel that delivered the forwarding after all."""


class UnitOnIt(Contract):
    """A unit that an agency sends for its part."""

    callsign: str
    assigned_at: datetime
    named_at: datetime | None = None
    """When its agency named it last; None: when it was assigned."""
    en_route_at: datetime | None = None
    on_scene_at: datetime | None = None
    released_at: datetime | None = None
    """When it went to another incident, or its agency declined."""
    came_with: UUID | None = None
    """The merged incident for which it was out before, and with which it goes if the merger ends."""
    times_taken_over: int = 0
    """How often it went on by a merger, or by the end of one, since its agency named it."""

    @property
    def claimed_at(self) -> datetime:
        """When its agency named it last for this incident. It works for the incident with the latest naming."""
        return self.named_at or self.assigned_at


class Forwarding(Contract):
    """One agency's part in the incident."""

    id: UUID
    agency: str
    revision: int
    needed_revision: int
    """The lowest revision whose acknowledgement suffices, because place, type and priority have not changed since."""
    acknowledge_by: datetime | None
    alarm_level: int
    automatic: bool
    forwarded_at: datetime
    deadline_set_at: datetime | None = None
    """When `acknowledge_by` was set, by our clock; None: when the incident was forwarded."""
    previous_place: Place | None = None
    """The place that the agency knew before. It is kept until the agency acknowledges the new place."""
    acknowledged_at: datetime | None = None
    acknowledged_revision: int = 0
    missed_revision: int = 0
    en_route_at: datetime | None = None
    on_scene_at: datetime | None = None
    under_control_at: datetime | None = None
    done_at: datetime | None = None
    words: tuple[AgencyAnswer, ...] = ()
    standing: Response | None = None
    """The response that counts, from all answers in `words`. This and the next five fields are computed when an answer
    is added: see `derived_from`.
    """
    declined_at: datetime | None = None
    decline_reason: str | None = None
    text: Sealed | None = None
    """The newest words of the agency."""
    text_at: datetime | None = None
    outcome: PartOutcome | None = None
    """How its part went; only if it is done."""
    on_behalf: tuple[Response, ...] = ()
    """The responses whose times, such as `acknowledged_at`, an operator or dispatcher recorded. The times of other
    responses come from the agency itself.
    """
    units: tuple[UnitOnIt, ...] = ()
    missed_change: str | None = None
    """The most important change since the agency declined. The agency is told of it if it comes after all."""
    withdrawn_at: datetime | None = None
    withdrawal_reason: str | None = None
    withdrawal_text: Sealed | None = None
    stand_down: bool = False
    stood_down_at: datetime | None = None
    trouble: DeliveryTrouble | None = None
    role: str | None = None
    """What the agency is wanted for, such as fire or ambulance."""
    instead_of: str | None = None
    """The agency that failed, and in whose place this one was told."""
    on_its_way: bool = False
    """Whether the agency had said for a merged incident, when it was told of this one, that it comes: a unit may be out
    before it answers here.
    """
    on_its_way_with: tuple[UUID, ...] = ()
    """The incidents merged into this one since, for which the agency had said so: it goes with them if they are taken
    out again.
    """
    failed_at: datetime | None = None
    """When dispatch learned that the agency declined or missed its deadline, by our clock."""
    failure_uncertain: bool = False
    """Whether the deadline was set by a clock ahead, so that nobody knows whether it was really missed."""
    confirm_within_s: int | None = None
    stand_down_since: datetime | None = None
    """From when the agency has to confirm the stand-down, by our clock."""
    unconfirmed_at: datetime | None = None
    """When the time to confirm the stand-down was over."""
    stand_down_noted_at: datetime | None = None
    """When a person noted that the agency stands down, although it did not confirm."""

    @model_validator(mode="before")
    @classmethod
    def _of_an_earlier_form(cls, told: Any) -> Any:
        """Reads a document of an older version. It has only `words`, and they do not say who recorded them."""
        if not isinstance(told, dict) or not told.get("words") or "on_behalf" in told:
            return told
        return told | derived_from([AgencyAnswer.model_validate(word) for word in told["words"]])

    @property
    def state(self) -> ForwardingState:
        if self.withdrawn_at:
            settled = self.stood_down_at or self.stand_down_noted_at
            nobody_out = settled or self.declined or not self.stand_down
            return ForwardingState.WITHDRAWN if nobody_out else ForwardingState.STANDING_DOWN
        return ForwardingState(self.standing.value) if self.standing else ForwardingState.FORWARDED

    @property
    def declined(self) -> bool:
        return self.standing is Response.DECLINED

    @property
    def finished(self) -> bool:
        """Whether the agency has reported that its part is done."""
        return self.standing is Response.DONE

    @property
    def comes(self) -> bool:
        """Whether the agency has said, here or for a merged incident, that it comes, and neither is done nor has turned
        back.
        """
        ended = self.declined or self.finished or self.stood_down_at or self.stand_down_noted_at
        return not ended and (self.on_its_way or bool(self.on_its_way_with) or self.standing is not None)

    @property
    def had_declined(self) -> bool:
        """Whether the agency has ever declined, even if it comes after all."""
        return any(word.response is Response.DECLINED for word in self.words)

    @property
    def attended(self) -> bool:
        return self.standing in ATTENDED

    @property
    def goes_on_merged(self) -> bool:
        """Whether a merger ended the agency's part and it does not decline: it has the incident that goes on."""
        return self.withdrawal_reason == MERGED and not self.declined

    def left_at(self, callsign: str) -> datetime | None:
        """When the unit went from here to another incident; None: it has not. One that the agency kept back when it
        declined went nowhere.
        """
        declined = {word.at for word in self.words if word.response is Response.DECLINED}
        left = next((unit.released_at for unit in self.units if unit.callsign == callsign), None)
        return None if left in declined else left

    def has_said(self, response: Response, at: datetime) -> bool:
        return any((word.response, word.at) == (response, at) for word in self.words)

    def has_told(self, response: Response, beside: SaidBeside) -> bool:
        """Whether the agency said all this before with this response, or says nothing beside it now."""
        mine = (word for word in self.words if word.response is response)
        return beside.says_the_same(NOTHING_BESIDE) or any(beside.says_the_same(word) for word in mine)

    @property
    def needs_acknowledgement(self) -> bool:
        """Whether the agency must acknowledge the newest change, or the stand-down."""
        return self.state == ForwardingState.STANDING_DOWN or (self.is_open and not self.acknowledged)

    def is_crossed_by(self, revision: int) -> bool:
        """Whether the agency acknowledged this revision before it could know of the withdrawal. The forwarding was
        withdrawn as one for which no unit is out, and that was wrong. A merger turns no unit back: nothing was wrong.
        """
        turned_back = self.state == ForwardingState.WITHDRAWN and self.withdrawal_reason != MERGED
        return turned_back and revision < self.revision and self.stood_down_at is None

    @property
    def acknowledged(self) -> bool:
        """Whether the agency has acknowledged the present place, type and priority."""
        return self.acknowledged_revision >= self.needed_revision

    @property
    def stands(self) -> bool:
        return not self.withdrawn_at and not self.declined

    @property
    def is_open(self) -> bool:
        """Whether the agency still has something to do for this incident. If so, it is told of changes."""
        return self.stands and self.standing is not Response.DONE

    @property
    def serves(self) -> str:
        return role_served(self.role, self.agency)

    @property
    def failed(self) -> bool:
        """Whether the agency declined, or let its deadline pass and has never acknowledged. A new deadline after that,
        because of a correction, does not change it: only an answer does.
        """
        return self.declined or (self.missed_revision > 0 and self.acknowledged_at is None)

    @property
    def fills(self) -> bool:
        """Whether the agency fills its role: it stands and has not failed."""
        return self.stands and not self.failed

    @property
    def confirm_by(self) -> datetime | None:
        """When a stand-down that nobody confirms becomes an alarm; None: it cannot become one."""
        if self.state != ForwardingState.STANDING_DOWN or self.unconfirmed_at or self.stand_down_since is None:
            return None
        return self.stand_down_since + timedelta(seconds=self.confirm_within_s) if self.confirm_within_s else None

    @property
    def due_at(self) -> datetime | None:
        """When the agency's acknowledgement becomes missed; None: it cannot become missed."""
        waits = self.is_open and not self.acknowledged and self.missed_revision < self.needed_revision
        return self.acknowledge_by if waits else None

    def is_overdue(self, now: datetime) -> bool:
        """Whether the agency's acknowledgement is missed now."""
        return self.due_at is not None and is_over(self.due_at, self.deadline_set_at or self.forwarded_at, now)
