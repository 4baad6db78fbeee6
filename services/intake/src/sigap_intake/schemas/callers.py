"""The HTTP schemas of who calls, and from where."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from sigap_common.contracts.fixes import FixSource
from sigap_common.core.errors import Fault, Invalid
from sigap_common.core.formats import FORMATS
from sigap_common.http.schemas import Body, PlaceOut, Where, like
from sigap_common.http.types import PersonalLine, Utc
from sigap_common.http.zones import ZoneOut
from sigap_common.personal_data import Sealed
from sigap_intake.domain import Call, Describe, caller_numbers
from sigap_intake.domain.fixes import Fix, FixOf, best
from sigap_intake.examples import callers as examples

Language = Annotated[str, Field(pattern=FORMATS["language"], max_length=3, examples=["jv"])]


class DescribeCaller(Body):
    """A field that is left out stays as it is; null removes the value."""

    model_config = like(examples.DESCRIBE_CALLER)

    caller_name: PersonalLine | None = None
    callback_number: PersonalLine | None = Field(
        default=None, description="Where the caller can be called back, in any notation"
    )
    language: Language | None = Field(default=None, description="ISO 639 code of the language that the caller speaks")
    at: Annotated[Utc | None, Field(description="When it happened; of a backfilled call only")] = None

    def command(self, by: str) -> Describe:
        """Raises Invalid for a number that cannot be called back."""
        said: dict[str, Sealed | None] = {
            "caller_name": self.caller_name,
            "callback_number": _e164(self.callback_number),
            "language": Sealed(self.language) if self.language else None,
        }
        return Describe(by=by, at=self.at, said={n: value for n, value in said.items() if n in self.model_fields_set})


def _e164(told: Sealed | None) -> Sealed | None:
    if told is None:
        return None
    found = caller_numbers.read(told.clear)
    if found.complaint or found.e164 is None:
        raise Invalid(errors=[Fault(("body", "callback_number"), found.complaint or caller_numbers.UNREADABLE, {})])
    return Sealed(found.e164)


class PositionCaller(Where):
    """A position of the caller."""

    model_config = like(examples.POSITION_CALLER)

    source: FixSource
    chosen: bool = Field(default=False, description="This is the caller's place, whatever else is told (not for cti)")
    found_at: Utc | None = Field(default=None, description="When the caller was there; none: now")
    at: Annotated[Utc | None, Field(description="When it happened; of a backfilled call only")] = None


class FixOut(BaseModel):
    """A place that was found for a call."""

    of: FixOf
    at: datetime = Field(description="When it was true")
    by: str | None = Field(description="The subject of the token that told it; null: it came with the call")
    source: FixSource | None = Field(description="What it was found by; null: nobody told it")
    place: PlaceOut
    zone: ZoneOut | None
    chosen: bool = Field(description="A person says that this is the place")
    best: bool = Field(description="It is the place that counts, of the caller or of the emergency")

    @classmethod
    def all_of(cls, call: Call) -> list[Self]:
        """The fixes of a call in the order in which they came; none until one was told beside that of the arrival."""
        fixes = call.fixes
        counting = [best([fix for fix in fixes if fix.of is whose]) for whose in FixOf]
        return [cls._of(fix, is_best=any(fix is one for one in counting)) for fix in fixes]

    @classmethod
    def _of(cls, fix: Fix, *, is_best: bool) -> Self:
        place, zone = PlaceOut.of(fix.place), ZoneOut.of(fix.zone)
        assert place is not None
        said = {name: getattr(fix, name) for name in ("of", "at", "by", "source", "chosen")}
        return cls(**said, place=place, zone=zone, best=is_best)
