"""The parts of an agency's report beside its step: text, a question, a request for help, an outcome, units."""

from enum import StrEnum

from pydantic import Field

from sigap_common.contracts.base import Contract
from sigap_common.personal_data import Sealed


class PartOutcome(StrEnum):
    """How an agency's part went."""

    HANDLED = "handled"
    FALSE_ALARM = "false_alarm"
    NOT_FOUND = "not_found"


class HelpAskedFor(Contract):
    """The help that an agency asks for: exactly one of the three."""

    agency: str | None = Field(default=None, description="`<regency>/<code>`")
    capability: str | None = Field(default=None, description="A kind or a capability of agencies, such as ambulance")
    alarm_level: int | None = None


class SaidBeside(Contract):
    """The parts of an agency's report beside its step."""

    text: Sealed | None = None
    question: Sealed | None = Field(default=None, description="To the dispatcher, who answers it")
    asks_for: HelpAskedFor | None = None
    outcome: PartOutcome | None = Field(default=None, description="How its part went; only if it is done")
    units: tuple[str, ...] = Field(default=(), description="The callsigns of the units that it sends for this step")
    release: bool = Field(default=False, description="Those of them that worked for another incident leave that one")

    @property
    def beside(self) -> dict[str, object]:
        """All that was said beside the step, by field."""
        return {name: getattr(self, name) for name in SaidBeside.model_fields}

    def says_the_same(self, other: "SaidBeside") -> bool:
        """Whether both say the same. Whether a unit leaves another incident makes no difference."""
        mine, others = self.beside | {"release": False}, other.beside | {"release": False}
        return mine == others


NOTHING_BESIDE = SaidBeside()
