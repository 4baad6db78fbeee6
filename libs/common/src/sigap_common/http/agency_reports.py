"""The body of an agency's report: the agency sends it, or a person of the centre records it for the agency."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from sigap_common.contracts.agency_reports import HelpAskedFor, PartOutcome, SaidBeside
from sigap_common.core.callsigns import callsign
from sigap_common.http.schemas import Body
from sigap_common.http.types import AgencyPath, Code, PersonalText, Text
from sigap_common.regency import Pack, wanted_label


class AsksFor(Body):
    """The help that an agency asks for: exactly one of the three."""

    agency: AgencyPath | None = Field(default=None, description="An agency of the incident's regency")
    capability: Code | None = Field(
        default=None, description="A kind or a capability of agencies in the pack, such as ambulance"
    )
    alarm_level: Annotated[int, Field(ge=2, le=9)] | None = Field(default=None, description="A higher alarm level")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise PydanticCustomError("asks_for_one", "Ask for an agency, a capability or an alarm level: one of them")
        return self

    @property
    def help(self) -> HelpAskedFor:
        return HelpAskedFor(agency=self.agency, capability=self.capability, alarm_level=self.alarm_level)


Callsign = Annotated[str, Text(40, one_line=True), AfterValidator(callsign)]
Units = Annotated[tuple[Callsign, ...], Field(max_length=20)]


class WithUnits(Body):
    """The units that an agency sends."""

    units: Units = Field(
        default=(),
        description="The callsigns of the units that it sends; without any, the step is all its units'",
    )
    release: bool = Field(
        default=False, description="true: a unit that works for another incident leaves that one; false: it is refused"
    )


class WithReport(WithUnits):
    """A step's words, question, request for help and outcome."""

    text: PersonalText | None = Field(default=None, description="What the agency says, such as: padam, 1 luka")
    question: PersonalText | None = Field(
        default=None, description="To the dispatcher: it stands on the board until a person answers it"
    )
    asks_for: AsksFor | None = Field(
        default=None, description="The help that the agency wants; the dispatcher gets it as a proposal"
    )
    outcome: PartOutcome | None = Field(default=None, description="How the agency's part went; only with done")

    @property
    def beside(self) -> SaidBeside:
        asks_for = self.asks_for.help if self.asks_for else None
        words = {"text": self.text, "question": self.question, "asks_for": asks_for, "outcome": self.outcome}
        return SaidBeside(**words, units=self.units, release=self.release)


class HelpAskedForOut(BaseModel):
    agency: str | None
    agency_name: str | None = Field(default=None, description="null if the incident's regency no longer has it")
    capability: str | None
    capability_label: dict[str, str] | None = Field(
        default=None, description="`capability` in the words of the incident's regency, by language: id, en"
    )
    alarm_level: int | None

    @classmethod
    def of(cls, asked: HelpAskedFor | None, pack: Pack | None) -> Self | None:
        """`pack`: that of the incident's regency; None if the words are added later."""
        if asked is None:
            return None
        return cls(**asked.model_dump(), **help_in_words(asked.agency, asked.capability, pack))


def help_in_words(agency: str | None, capability: str | None, pack: Pack | None) -> dict[str, Any]:
    """The fields of `HelpAskedForOut` that have words. `pack`: that of the incident's regency."""
    known = pack.agency(agency.partition("/")[2]) if pack and agency else None
    words = wanted_label(capability, pack).model_dump() if pack and capability else None
    return {"agency_name": known.name if known else None, "capability_label": words}


def require_outcome_with_done(*, done: bool, outcome: PartOutcome | None) -> None:
    """Raises PydanticCustomError, for a validator."""
    if outcome is not None and not done:
        raise PydanticCustomError("outcome_and_done", "An outcome goes only with done")
