"""A forwarding from the agency's view: a copy of the content from dispatch, and the agency's answers.

Two kinds of events change it. `hear` applies an event of dispatch, which is never refused. `evolve` applies an event of
the gateway itself, after `answers.decide` has decided whether the agency's answer is possible.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sigap_common.contracts.agencies import (
    AGENCYS_OWN,
    AgencyResponded,
    AnsweredElsewhere,
    ForwardingReceived,
    NotificationDelayed,
    NotificationDelivered,
    NotificationFailed,
    NotificationRerouted,
    Response,
)
from sigap_common.contracts.agency_answers import last_at, standing
from sigap_common.contracts.agency_reports import SaidBeside
from sigap_common.contracts.base import ClockName, Contract, Event, MayBeOvertaken
from sigap_common.contracts.decision import NoBranch
from sigap_common.contracts.duplicates import IncidentMerged
from sigap_common.contracts.incidents import (
    TELEPHONE,
    Answer,
    ForwardingContent,
    ForwardingRevised,
    ForwardingWithdrawn,
    IncidentAcknowledged,
    IncidentClosed,
    IncidentDeclined,
    IncidentForwarded,
    IncidentStatusChanged,
    RevisionReason,
)
from sigap_common.contracts.informing import IncidentInformed, InformationEnded
from sigap_common.contracts.reopening import IncidentReopened
from sigap_common.core.aggregate import Aggregate
from sigap_common.personal_data import Sealed


class State(StrEnum):
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    UNDER_CONTROL = "under_control"
    DONE = "done"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    INFORMED = "informed"
    """The agency is only informed: nothing is asked of it."""


class Concern(StrEnum):
    """Whether a forwarding still asks something of its agency."""

    OPEN = "open"
    OVER = "over"


STEPS = (
    State.RECEIVED,
    State.ACKNOWLEDGED,
    State.EN_ROUTE,
    State.ON_SCENE,
    State.UNDER_CONTROL,
    State.DONE,
)
AT_WORK = frozenset(STEPS) - {State.DONE}
ENDED = frozenset({State.WITHDRAWN, State.CLOSED})


class GivenAnswer(SaidBeside, MayBeOvertaken):
    """An answer of the agency: its own, or one that an operator or dispatcher recorded for it."""

    response: Response
    revision: int
    at: datetime
    recorded_at: datetime
    clock: ClockName = "sigap"
    by: str | None
    channel: str
    on_behalf: bool = False
    reason: str | None = None

    @property
    def proves_at(self) -> datetime:
        """As of AgencyResponded."""
        return self.recorded_at if self.clock == AGENCYS_OWN else self.at


class Withdrawal(Contract):
    at: datetime
    revision: int
    reason: str
    text: Sealed | None = None
    """The dispatcher's words."""
    stand_down: bool
    """The agency had acknowledged the forwarding before it was withdrawn, or was on its way for a merged incident."""
    confirmed_at: datetime | None = None


class Forwarding(Aggregate):
    incident_id: UUID
    agency: str
    revision: int
    content: ForwardingContent
    change: RevisionReason | None = None
    """The reason for the newest revision; None: it is the first one."""
    acknowledge_by: datetime | None
    state: State = State.RECEIVED
    received_at: datetime
    forwarded_at: datetime | None = None
    """When the incident was forwarded; None: the copy began with a later revision, or is of an earlier version."""
    to_acknowledge: int
    """The newest revision that the agency must acknowledge."""
    acknowledged: int = 0
    """The newest revision that the agency has acknowledged."""
    delivered: int = 0
    """The newest revision that reached the agency."""
    delivered_at: datetime | None = None
    """When the agency first had any revision: the time of a delivery, or of an answer that proves it."""
    at_desk: bool = False
    """Whether a revision waits at the desk until the agency fetches it."""
    notify: bool = True
    """Whether the agency is told of it. False: it was recorded afterwards, and nothing is asked of the agency."""
    information: bool = False
    """Whether the agency is only informed: the copy has no deadline, and the agency does not answer it."""
    withdrawal: Withdrawal | None = None
    answers: tuple[GivenAnswer, ...] = ()
    merged: bool = False
    """Whether the agency had declined when the incident was merged into another. If it comes after all, dispatch
    forwards that one to it, and this copy is closed.
    """
    units_came: bool = False
    """Whether units work for it that its agency named for an incident which was merged."""

    @property
    def needs_acknowledgement(self) -> bool:
        if not self.notify or self.information:
            return False
        if self.withdrawal is not None:
            return self.stand_down and self.stood_down_at is None
        return self.state not in {State.DECLINED, State.DONE, State.CLOSED} and self.acknowledged < self.to_acknowledge

    @property
    def concern(self) -> Concern:
        """Open while the agency's part goes on, or what it is informed of, and until a stand-down is confirmed; never
        if it is not told.
        """
        at_work = self.notify and self.state in {*AT_WORK, State.INFORMED}
        return Concern.OPEN if at_work or self.needs_acknowledgement else Concern.OVER

    @property
    def waits_for_agency(self) -> bool:
        """Whether an endpoint that is new gets it: it waits for the agency's answer, or has not informed the agency."""
        uninformed = self.state is State.INFORMED and self.delivered < self.revision
        return self.needs_acknowledgement or uninformed

    @property
    def earliest_answer(self) -> datetime:
        """Before this moment the agency cannot have answered."""
        return self.forwarded_at or self.content.started_at

    @property
    def newest(self) -> int:
        """The newest revision. A withdrawal has a revision of its own."""
        return self.withdrawal.revision if self.withdrawal else self.revision

    @property
    def seen(self) -> int:
        """The newest revision that the agency must have seen: one that was delivered, or at least the first if it has
        answered.
        """
        return max(self.delivered, self.acknowledged, 1)

    @property
    def answered(self) -> int:
        """The newest revision that the agency has by its own answers; 0: it has not answered. An agency that declines
        has at least the first revision. If it comes after all, it may not have seen later ones.
        """
        if self.withdrawal is not None and self.withdrawal.stand_down and not self.needs_acknowledgement:
            return self.withdrawal.revision
        return max((1 if a.response is Response.DECLINED else a.revision for a in self.answers), default=0)

    @property
    def stand_down(self) -> bool:
        """Whether the forwarding was withdrawn when the agency had acknowledged, or was on its way for a merged
        incident, and has not declined: then the agency must confirm that its unit stands down.
        """
        perhaps_out = self.withdrawal is not None and self.withdrawal.stand_down
        return perhaps_out and self.answered_state is not State.DECLINED

    @property
    def stood_down_at(self) -> datetime | None:
        """When the agency confirmed the stand-down, by an acknowledgement or by done; None if it has not."""
        if self.withdrawal is None or not self.stand_down:
            return None
        if self.withdrawal.confirmed_at is not None:
            return self.withdrawal.confirmed_at
        done_at = last_at(self.answers, Response.DONE)
        return max(done_at, self.withdrawal.at) if done_at else None

    @property
    def answered_state(self) -> State:
        """The state by the agency's answers alone, whether the forwarding has ended since or not."""
        if self.information:
            return State.INFORMED
        said = standing(self.answers)
        return State(said.value) if said else State.RECEIVED

    @property
    def units_named(self) -> dict[str, datetime]:
        """The units that the agency named since it last declined, each with the time when it named it last."""
        declined_at = last_at(self.answers, Response.DECLINED)
        named: dict[str, datetime] = {}
        for answer in sorted(self.answers, key=lambda one: one.at):
            if declined_at is None or answer.at > declined_at:
                named |= dict.fromkeys(answer.units, answer.at)
        return named

    @property
    def stands(self) -> bool:
        """Whether the forwarding is neither withdrawn nor closed. Only then is it delivered."""
        return self.state not in ENDED

    def but(self, **changes: Any) -> "Forwarding":
        return self.model_copy(update=changes)


def apply_revision(
    forwarding: Forwarding | None,
    event: IncidentForwarded | ForwardingRevised,
    incident_id: UUID,
    regency: str,
    drill: bool,
) -> Forwarding | None:
    """The copy with this revision; None if the copy already has this revision or a newer one. If the incident was
    reopened, the agency gets back its part, which had been withdrawn.

    Any revision of an unknown forwarding can begin the copy, because each revision holds the whole state.
    """
    if forwarding is not None and event.revision <= forwarding.revision:
        return None
    needs = isinstance(event, IncidentForwarded) or event.needs_acknowledgement
    content: dict[str, Any] = {
        "revision": event.revision,
        "content": event.content,
        "acknowledge_by": event.acknowledge_by,
        "change": event.reason if isinstance(event, ForwardingRevised) else None,
    }
    if forwarding is not None:
        to_acknowledge = event.revision if needs else forwarding.to_acknowledge
        if content["change"] == "reopened":
            content |= {"withdrawal": None, "merged": False, "state": forwarding.answered_state}
        return forwarding.but(**content, to_acknowledge=to_acknowledge)
    return Forwarding(
        id=event.forwarding_id,
        regency=regency,
        drill=drill or event.content.drill,
        incident_id=incident_id,
        agency=event.agency,
        received_at=event.recorded_at,
        forwarded_at=event.at if isinstance(event, IncidentForwarded) else None,
        to_acknowledge=event.revision,
        notify=not isinstance(event, IncidentForwarded) or event.notify,
        **content,
    )


def apply_information(
    before: Forwarding | None, event: IncidentInformed, incident_id: UUID, regency: str, drill: bool
) -> Forwarding | None:
    """The copy with what its agency is informed of; None if the copy has this revision or a newer one. An information
    that had ended goes on.
    """
    if before is not None and event.revision <= before.newest:
        return None
    content = {"revision": event.revision, "content": event.content, "change": event.reason}
    if before is not None:
        return before.but(**content, withdrawal=None, state=State.INFORMED)
    return Forwarding(
        id=event.information_id,
        regency=regency,
        drill=drill or event.content.drill,
        incident_id=incident_id,
        agency=event.agency,
        acknowledge_by=None,
        received_at=event.recorded_at,
        to_acknowledge=0,
        information=True,
        state=State.INFORMED,
        **content,
    )


def end_information(event: InformationEnded, before: Forwarding) -> Forwarding:
    """The copy after its end, with what its agency may still be shown."""
    if event.revision <= before.newest:
        return before
    end = Withdrawal(at=event.at, revision=event.revision, reason=event.reason, stand_down=False)
    return before.but(state=State.WITHDRAWN, withdrawal=end, content=event.content)


def hear(event: Event, forwarding: Forwarding) -> Forwarding:
    """The copy after an event of dispatch that ends the forwarding, or that records an answer on the
    agency's behalf.
    """
    return _HEARD[type(event)](event, forwarding)


def _withdrawn(event: ForwardingWithdrawn, forwarding: Forwarding) -> Forwarding:
    """Applies a withdrawal. Dispatch may not have received the agency's latest answer yet, so the gateway's own answers
    decide whether a unit is out.
    """
    if forwarding.withdrawal is not None:
        return forwarding
    over = forwarding.content.backfilled  # nobody is out for it any more
    stand_down = event.stand_down or (forwarding.acknowledged > 0 and not over)
    withdrawal = Withdrawal(
        at=event.at, revision=event.revision, reason=event.reason, text=event.text, stand_down=stand_down
    )
    return forwarding.but(state=State.WITHDRAWN, withdrawal=withdrawal)


def _closed(_: IncidentClosed | IncidentMerged, forwarding: Forwarding) -> Forwarding:
    finished = {State.WITHDRAWN, State.DECLINED, State.DONE, State.CLOSED}
    return forwarding if forwarding.state in finished else forwarding.but(state=State.CLOSED)


def _merged(event: IncidentMerged, forwarding: Forwarding) -> Forwarding:
    declined = forwarding.state is State.DECLINED
    return forwarding.but(merged=True) if declined else _closed(event, forwarding)


def _reopened(_: IncidentReopened, forwarding: Forwarding) -> Forwarding:
    """Opens a copy that the closing had closed. Dispatch had no part to withdraw there, since it did not know yet that
    the agency comes after all.
    """
    return forwarding.but(state=forwarding.answered_state) if forwarding.state is State.CLOSED else forwarding


def _acknowledged_elsewhere(event: IncidentAcknowledged, forwarding: Forwarding) -> Forwarding:
    return _answered_elsewhere(forwarding, event, Response.ACKNOWLEDGED, text=event.text, units=event.units)


def _declined_elsewhere(event: IncidentDeclined, forwarding: Forwarding) -> Forwarding:
    return _answered_elsewhere(forwarding, event, Response.DECLINED, event.reason, event.text)


def _progressed_elsewhere(event: IncidentStatusChanged, forwarding: Forwarding) -> Forwarding:
    """Applies progress recorded on the agency's behalf. The acknowledgement that belongs to it is an event of its own,
    just before, with its revision.
    """
    if not event.on_behalf or event.progress is None:
        return forwarding
    answer = GivenAnswer(
        response=Response(event.progress.value),
        revision=max(forwarding.acknowledged, 1),
        channel=event.channel or TELEPHONE,
        on_behalf=True,
        overtaken=event.overtaken,
        **event.beside,
        **_when(event),
    )
    return _with(forwarding, answer)


def _answered_elsewhere(
    forwarding: Forwarding,
    event: Answer,
    response: Response,
    reason: str | None = None,
    text: Sealed | None = None,
    units: tuple[str, ...] = (),
) -> Forwarding:
    """Applies an answer from dispatch. An answer that the gateway published itself changes nothing; one recorded on the
    agency's behalf does.
    """
    if not event.on_behalf:
        return forwarding
    answer = GivenAnswer(
        response=response,
        revision=event.revision,
        channel=event.channel,
        on_behalf=True,
        overtaken=event.overtaken,
        reason=reason,
        text=text,
        units=units,
        **_when(event),
    )
    return _with(forwarding, answer)


def _when(event: Event) -> dict[str, Any]:
    return {"at": event.at, "recorded_at": event.recorded_at, "clock": event.clock, "by": event.by}


_HEARD: dict[type[Event], Callable[[Any, Forwarding], Forwarding]] = {
    ForwardingWithdrawn: _withdrawn,
    IncidentClosed: _closed,
    IncidentMerged: _merged,
    IncidentReopened: _reopened,
    IncidentAcknowledged: _acknowledged_elsewhere,
    IncidentDeclined: _declined_elsewhere,
    IncidentStatusChanged: _progressed_elsewhere,
}


_WITHOUT_EFFECT = (
    ForwardingReceived,
    AnsweredElsewhere,
    NotificationDelayed,
    NotificationFailed,
    NotificationRerouted,
)
"""Events that change nothing: the copy changed before the event, or it is a failed delivery."""


def evolve(forwarding: Aggregate, event: Event) -> Forwarding:
    """Applies an event of the gateway. A copy begins with `apply_revision`, never with an event of the gateway."""
    if not isinstance(forwarding, Forwarding):
        raise TypeError("only dispatch creates a forwarding")
    if isinstance(event, AgencyResponded):
        return _with(forwarding, _answer_of(event, forwarding))
    if isinstance(event, NotificationDelivered):
        delivered = max(forwarding.delivered, event.revision)
        return forwarding.but(delivered=delivered, delivered_at=_first(forwarding.delivered_at, event.at))
    if isinstance(event, _WITHOUT_EFFECT):
        return forwarding
    raise NoBranch(event)


def _answer_of(event: AgencyResponded, forwarding: Forwarding) -> GivenAnswer:
    """The answer of an event. After the end an acknowledgement confirms the end; any other answer is overtaken."""
    return GivenAnswer(
        response=event.response,
        revision=event.revision,
        channel=event.channel,
        overtaken=forwarding.state in ENDED and event.response is not Response.ACKNOWLEDGED,
        reason=event.reason,
        **event.beside,
        **_when(event),
    )


def _with(forwarding: Forwarding, answer: GivenAnswer) -> Forwarding:
    """The copy with an answer added. An answer after the end is kept but changes no state. An agency that answers has
    the forwarding, even without a delivery. Of the answers recorded on its behalf, only those by telephone prove this.
    """
    proves = not answer.on_behalf or answer.channel == TELEPHONE
    delivered_at = _first(forwarding.delivered_at, answer.proves_at) if proves else forwarding.delivered_at
    kept = forwarding.but(answers=(*forwarding.answers, answer), delivered_at=delivered_at)
    if kept.withdrawal is not None:
        return _stood_down(kept, kept.withdrawal, answer)
    if answer.overtaken and forwarding.state is State.CLOSED:
        return kept
    # An agency that is on the way has seen the revision that it acts on.
    seen = 0 if answer.response is Response.DECLINED else answer.revision
    acknowledged = max(kept.acknowledged, seen)
    goes_on_elsewhere = kept.merged and kept.answered_state is not State.DECLINED
    ended = goes_on_elsewhere or kept.state is State.CLOSED
    return kept.but(acknowledged=acknowledged, state=State.CLOSED if ended else kept.answered_state)


def _stood_down(forwarding: Forwarding, withdrawal: Withdrawal, answer: GivenAnswer) -> Forwarding:
    """`done` confirms a stand-down like an acknowledgement of it. Only the first confirmation counts."""
    of_the_end = answer.revision >= withdrawal.revision and not answer.overtaken
    acknowledges = answer.response is Response.ACKNOWLEDGED and of_the_end
    if not acknowledges and answer.response is not Response.DONE:
        return forwarding
    confirmed_at = withdrawal.confirmed_at or max(answer.at, withdrawal.at)
    return forwarding.but(withdrawal=withdrawal.model_copy(update={"confirmed_at": confirmed_at}))


def _first(known: datetime | None, moment: datetime) -> datetime:
    return moment if known is None else min(known, moment)
