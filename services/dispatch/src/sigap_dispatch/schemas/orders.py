"""The HTTP schemas of dispatchers' requests."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.incidents import Source
from sigap_common.http.agency_reports import WithReport, require_outcome_with_done
from sigap_common.http.schemas import Body, Where, in_clear, like
from sigap_common.http.types import AgencyPath, Code, PersonalLine, PersonalText, RegencyCode, Text, Utc
from sigap_dispatch import examples
from sigap_dispatch.domain.commands import AddAgency, Amend, Close, RecordAnswer, Withdraw
from sigap_dispatch.schemas.shared import Priority


class OpenIncident(Body):
    model_config = like(examples.OPEN_INCIDENT)

    regency: RegencyCode
    source: Source = Field(description="The source of the report; `call` only for a further incident of a call")
    incident_type: Code | None = None
    priority: Priority | None = Field(
        default=None, description="1 is the most urgent; null: the priority of the incident type"
    )
    place: Where | None = None
    note: PersonalText | None = None
    call_id: UUID | None = Field(default=None, description="A further incident of this call, linked to its first")

    @model_validator(mode="after")
    def _call_and_source(self) -> Self:
        if (self.source == Source.CALL) != (self.call_id is not None):
            raise PydanticCustomError("call_and_source", "The source call and call_id go together")
        return self


class AddForwarding(Body):
    model_config = like(examples.ADD_AGENCY)

    agency: AgencyPath
    at: Annotated[Utc | None, Field(description="When the agency was asked, if not now: up to 24 hours ago")] = None
    notify: bool | None = Field(
        default=None,
        description="Whether the agency is told; null: it is, unless the incident is backfilled. false only if it is",
    )
    role: Code | None = Field(
        default=None, description="What it is wanted for, such as fire; null: that of its proposal, or its kind"
    )
    acknowledge_by: Utc | None = Field(
        default=None, description="When it must have acknowledged, at most 24 hours ahead; null: by the plan"
    )

    def command(self) -> AddAgency:
        return AddAgency(self.agency, self.at, self.notify, self.role, self.acknowledge_by)


class WithdrawForwarding(Body):
    model_config = like(examples.WITHDRAW)

    reason: Annotated[str, Text(200, one_line=True)] = Field(description="The agency reads it: no personal data")

    def command(self, forwarding_id: UUID) -> Withdraw:
        return Withdraw(forwarding_id, self.reason)


class RecordAgencyAnswer(WithReport):
    model_config = like(examples.RECORD_ANSWER)

    response: Response
    reason: Code | None = Field(default=None, description="A code of the decline reasons, if the agency declines")
    spoke_to: PersonalLine = Field(description="Whom you spoke to")
    channel: Literal["telephone", "radio"]
    revision: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None,
        description="The revision that you read to the agency; null: the newest, or for progress the acknowledged one",
    )
    at: Annotated[Utc | None, Field(description="When the agency said it, if not now: up to 24 hours ago")] = None

    @model_validator(mode="after")
    def _reason_to_decline(self) -> Self:
        if (self.response == Response.DECLINED) != (self.reason is not None):
            raise PydanticCustomError("reason_and_decline", "A reason goes with declined, and only with it")
        return self

    @model_validator(mode="after")
    def _only_progress_says_more(self) -> Self:
        require_outcome_with_done(done=self.response is Response.DONE, outcome=self.outcome)
        answers = self.response in (Response.ACKNOWLEDGED, Response.DECLINED)
        if self.response is Response.DECLINED and self.units:
            raise PydanticCustomError("units_and_decline", "An agency that declines sends no unit")
        if answers and (self.question is not None or self.asks_for is not None):
            raise PydanticCustomError("question_and_progress", "A question and a request for help go with progress")
        return self

    def command(self, forwarding_id: UUID) -> RecordAnswer:
        said = (self.response, self.channel, self.spoke_to.clear, self.reason, self.revision, self.at, self.beside)
        return RecordAnswer(forwarding_id, *said)


class AmendIncident(Body):
    """A correction of an incident. Absent fields stay unchanged."""

    model_config = like(examples.AMEND)

    incident_type: Code | None = None
    priority: Priority | None = None
    place: Where | None = None
    doubted: bool | None = Field(
        default=None, description="Your decision; from then on it does not follow from the calls' classes"
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_dump(exclude_none=True):
            raise PydanticCustomError("patch_empty", "Give a field to change")
        return self

    def command(self) -> Amend:
        place = self.place.place if self.place else None
        return Amend(self.incident_type, self.priority, place, doubted=self.doubted)


class CloseIncident(Body):
    model_config = like(examples.CLOSE)

    disposition: Code
    note: PersonalText | None = None
    at: Annotated[Utc | None, Field(description="When it ended, if not now: up to 24 hours ago")] = None

    def command(self) -> Close:
        return Close(self.disposition, in_clear(self.note), self.at)
