"""The HTTP schemas of forwardings."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_agency_gateway import examples
from sigap_agency_gateway.domain.forwarding import Forwarding, GivenAnswer, State
from sigap_agency_gateway.notice import NoticeIncident, incident_of
from sigap_common.contracts.agencies import Response
from sigap_common.contracts.agency_reports import PartOutcome
from sigap_common.contracts.incidents import RevisionReason
from sigap_common.http.agency_reports import HelpAskedForOut
from sigap_common.http.schemas import in_clear, like
from sigap_common.regency import Pack


class AnswerOut(BaseModel):
    response: Response
    revision: int
    at: datetime
    recorded_at: datetime
    by: str | None
    channel: str
    on_behalf: bool = Field(description="Recorded by an operator or dispatcher who spoke to the agency")
    overtaken: bool = Field(description="Given after the forwarding had ended, or after a later step: no state changes")
    late: bool = Field(deprecated=True, description="The same as `overtaken`")
    reason: str | None
    text: str | None
    question: str | None = Field(description="What the agency asked the dispatcher; the answer comes as a note")
    asks_for: HelpAskedForOut | None
    outcome: PartOutcome | None
    units: list[str] = Field(description="The callsigns of the units that it named")

    @classmethod
    def of(cls, answer: GivenAnswer, pack: Pack | None) -> Self:
        shown = answer.model_dump(exclude={"clock", "text", "question", "asks_for", "release"})
        words = {"text": in_clear(answer.text), "question": in_clear(answer.question)}
        return cls(**shown, **words, asks_for=HelpAskedForOut.of(answer.asks_for, pack))


class WithdrawalOut(BaseModel):
    at: datetime
    reason: str
    stand_down: bool = Field(
        description="The agency had acknowledged, or was on its way for a merged incident: it must acknowledge that its"
        " unit stands down"
    )
    confirmed_at: datetime | None = Field(description="When the agency confirmed: acknowledged, declined or done")

    @classmethod
    def of(cls, forwarding: Forwarding) -> Self | None:
        if forwarding.withdrawal is None:
            return None
        withdrawal = forwarding.withdrawal
        reason = in_clear(withdrawal.text) or withdrawal.reason
        return cls(
            at=withdrawal.at, reason=reason, stand_down=forwarding.stand_down, confirmed_at=forwarding.stood_down_at
        )


class ForwardingOut(BaseModel):
    model_config = like(examples.FORWARDING)

    id: UUID
    incident_id: UUID
    regency: str
    agency: str
    revision: int = Field(description="The revision of the newest notice; a withdrawal has a revision of its own")
    version: int
    state: State
    drill: bool
    information: bool = Field(description="The agency is only informed: nothing is asked of it, and it does not answer")
    acknowledge_by: datetime | None
    needs_acknowledgement: bool
    change: RevisionReason | None = Field(description="What the newest revision changed; null: it is the first")
    received_at: datetime
    delivered_at: datetime | None = Field(
        description="When the agency first had any revision: by a delivery, or proven by an answer"
    )
    incident: NoticeIncident = Field(description="As in the webhook; in a drill every text begins with LATIHAN")
    withdrawal: WithdrawalOut | None
    answers: list[AnswerOut]

    @classmethod
    def of(cls, forwarding: Forwarding, pack: Pack | None) -> Self:
        """`pack`: that of the incident's regency; None if its words are added later."""
        same = {name: getattr(forwarding, name) for name in _AS_THEY_ARE}
        return cls(
            **same,
            revision=forwarding.newest,
            incident=incident_of(forwarding, pack),
            withdrawal=WithdrawalOut.of(forwarding),
            answers=[AnswerOut.of(answer, pack) for answer in forwarding.answers],
        )


_AS_THEY_ARE = ForwardingOut.model_fields.keys() - {"revision", "incident", "withdrawal", "answers"}


class ForwardingList(BaseModel):
    items: list[ForwardingOut]
    next: str | None
