"""The HTTP schemas of cancelling and reopening an incident."""

from uuid import UUID

from pydantic import Field

from sigap_common.http.schemas import Body, in_clear, like
from sigap_common.http.types import PersonalText
from sigap_dispatch import examples
from sigap_dispatch.domain.lifecycle import Cancel, Reopen


class CancelIncident(Body):
    model_config = like(examples.CANCEL)

    reason: PersonalText = Field(description="Why the call was false; agencies do not read it")

    def command(self) -> Cancel:
        return Cancel(self.reason.clear)


class ReopenIncident(Body):
    model_config = like(examples.REOPEN)

    reason: PersonalText | None = Field(
        default=None, description="Needed after `reopen_until`; agencies do not read it"
    )
    other: UUID | None = Field(
        default=None,
        description="An open incident that is the same event: it is merged into the reopened one, so that its calls"
        " become reports",
    )

    def command(self, *, by_supervisor: bool) -> Reopen:
        return Reopen(in_clear(self.reason), by_supervisor)
