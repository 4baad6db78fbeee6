"""The HTTP schemas of agencies' answers."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from sigap_agency_gateway import examples
from sigap_agency_gateway.domain.answers import Acknowledge, Decline, Report
from sigap_common.contracts.agency_reports import SaidBeside
from sigap_common.contracts.incidents import Progress
from sigap_common.http.agency_reports import WithReport, WithUnits, require_outcome_with_done
from sigap_common.http.schemas import Body, like
from sigap_common.http.types import Code, PersonalText, Utc

BY_API = "api"

GivenAt = Annotated[
    Utc | None,
    Field(description="When it was, if you say so afterwards: up to 24 hours ago, never before the forwarding"),
]


class AcknowledgeForwarding(WithUnits):
    model_config = like(examples.ACKNOWLEDGE)

    revision: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None, description="The revision that the agency has seen, at most the newest; null: the newest"
    )
    text: PersonalText | None = None
    at: GivenAt = None

    def command(self, by: str) -> Acknowledge:
        beside = SaidBeside(text=self.text, units=self.units, release=self.release)
        return Acknowledge(by=by, channel=BY_API, revision=self.revision, beside=beside, at=self.at)


class DeclineForwarding(Body):
    model_config = like(examples.DECLINE)

    reason: Code = Field(description="A code of /v1/decline-reasons")
    text: PersonalText | None = None
    at: GivenAt = None

    def command(self, by: str) -> Decline:
        return Decline(by=by, channel=BY_API, reason=self.reason, text=self.text, at=self.at)


class ReportProgress(WithReport):
    model_config = like(examples.PROGRESS)

    progress: Progress
    at: GivenAt = None

    @model_validator(mode="after")
    def _outcome_of_a_part_that_is_done(self) -> Self:
        require_outcome_with_done(done=self.progress is Progress.DONE, outcome=self.outcome)
        return self

    def command(self, by: str) -> Report:
        return Report(by=by, channel=BY_API, progress=self.progress, beside=self.beside, at=self.at)
