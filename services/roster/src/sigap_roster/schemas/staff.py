"""The HTTP schemas of staff."""

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from sigap_common.http.schemas import Body, like
from sigap_common.http.types import AgencyPath, Code, Personal, PersonalLine, RegencyCode, Rows, Text
from sigap_common.personal_data import Sealed
from sigap_common.regency import Employment
from sigap_roster import examples
from sigap_roster.domain import Sex, Skill, StaffMember
from sigap_roster.schemas.shared import Day

Subject = Annotated[str, Text(100, one_line=True)]
Number = Annotated[Sealed, Personal(40, one_line=True)]


class SkillIn(Body):
    """A skill, or a certificate."""

    code: Code
    until: Day | None = Field(default=None, description="The last day on which it is valid; null: it does not expire")


class SkillOut(BaseModel):
    code: str
    until: date | None


class StaffEntry(Body):
    model_config = like(examples.STAFF_ENTRY)

    name: PersonalLine
    contact: PersonalLine | None = Field(default=None, description="Telephone or e-mail address")
    number: Number | None = Field(
        default=None, description="The person's staff number, which duty plans use; unique in a regency"
    )
    subject: Subject | None = Field(default=None, description="`sub` of the person's tokens; unique in a regency")
    agency: AgencyPath | None = Field(default=None, description="null: the person works for the centre itself")
    active: bool = Field(default=True, description="Whether the person can be rostered")
    employment: Employment | None = Field(
        default=None, description="The person's employment, which decides the law that applies"
    )
    sex: Sex | None = Field(default=None, description="Only if a rule of the regency's pack needs it")
    no_nights_until: Day | None = Field(
        default=None,
        description="Until this day no shift may lie between 23:00 and 07:00; the reason is not stored",
    )
    skills: Annotated[list[SkillIn], Rows(50)] = Field(
        default_factory=list, description="Each once; rules of the pack name them by their codes, such as leader"
    )

    weekly_hours: Annotated[float, Field(gt=0, le=60)] | None = Field(
        default=None, description="Hours of a week by the person's own contract, such as part time; null: by the rules"
    )
    overtime_agreed_on: Day | None = Field(
        default=None, description="The day on which the person agreed to overtime in writing; null: none is planned"
    )

    @model_validator(mode="after")
    def _skills_once(self) -> Self:
        if len({skill.code for skill in self.skills}) < len(self.skills):
            raise PydanticCustomError("skill_twice", "A skill is named twice")
        return self

    def told(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in StaffEntry.model_fields}
        told |= {"skills": tuple(Skill(code=skill.code, until=skill.until) for skill in self.skills)}
        return told | {"no_nights_until": Sealed(str(self.no_nights_until)) if self.no_nights_until else None}


class CreateStaff(StaffEntry):
    model_config = like(examples.CREATE_STAFF)

    regency: RegencyCode


class StaffOut(BaseModel):
    model_config = like(examples.STAFF)

    id: UUID
    regency: str
    version: int
    name: str
    contact: str | None
    number: str | None
    subject: str | None
    agency: str | None
    active: bool
    employment: Employment | None
    sex: Sex | None
    no_nights_until: date | None = Field(description="Shown only to planners and to the person")
    skills: list[SkillOut]
    weekly_hours: float | None
    overtime_agreed_on: date | None

    @classmethod
    def of(cls, member: StaffMember, *, restrictions: bool) -> Self:
        told = {name: getattr(member, name) for name in cls.model_fields}
        told["skills"] = [SkillOut.model_validate(skill, from_attributes=True) for skill in member.skills]
        told |= {} if restrictions else {"no_nights_until": None}
        return cls(**{name: value.clear if isinstance(value, Sealed) else value for name, value in told.items()})


class StaffList(BaseModel):
    items: list[StaffOut]
    next: str | None
