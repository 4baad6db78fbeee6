"""The HTTP schemas of the shifts that people still have when they are made inactive."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.http.schemas import like
from sigap_roster import examples
from sigap_roster.domain.leaving import StillPlanned
from sigap_roster.schemas.imports import ImportedOut
from sigap_roster.schemas.staff import StaffOut
from sigap_roster.use_cases.imports import Imported

MOST_STILL_PLANNED = 1000


class StillPlannedOut(BaseModel):
    """A shift to come of a person who is not active."""

    roster_id: UUID
    staff_id: UUID
    day: date
    shift: str
    is_published: bool = Field(description="By the published plan: the seat is offered as an open shift")
    in_draft: bool = Field(description="By the draft, which cannot be published with it")


StillPlannedRows = Annotated[
    list[StillPlannedOut],
    Field(description=f"What people who are not active still have, by roster and time; at most {MOST_STILL_PLANNED}"),
]


class ReplacedStaffOut(StaffOut):
    """A person's entry, and the shifts that the person still has, if not active."""

    model_config = like(examples.REPLACED_STAFF)

    still_planned: StillPlannedRows

    @classmethod
    def leaving(cls, seen: StaffOut, left: Sequence[StillPlanned]) -> Self:
        return cls(**seen.model_dump(), still_planned=_out(left))


class ImportedStaffOut(ImportedOut):
    """What the rows of a file did. If a row makes a person inactive, the shifts that the person still has."""

    model_config = like(examples.IMPORTED_STAFF)

    still_planned: StillPlannedRows

    @classmethod
    def of(cls, done: Imported) -> Self:
        counts = {name: getattr(done, name) for name in ImportedOut.model_fields}
        return cls(**counts, still_planned=_out(done.still_planned))


def _out(left: Sequence[StillPlanned]) -> list[StillPlannedOut]:
    return [StillPlannedOut.model_validate(one, from_attributes=True) for one in left[:MOST_STILL_PLANNED]]
