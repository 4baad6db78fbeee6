"""What was done of the SOP in a call: questions, words for the caller, the procedure for silent calls, the mark of a
child.
"""

from datetime import datetime
from typing import Any

from sigap_common.contracts import Contract
from sigap_common.contracts.calls import (
    CallerMarked,
    CallerTold,
    CallSilentStepTaken,
    CallTriaged,
    GivenAnswer,
    Heard,
    TriageProposal,
)


class ToldWords(Contract):
    """Words that the caller was told. `incident_type` is None for those for a child."""

    incident_type: str | None
    step: str
    at: datetime
    by: str | None


class SilentStepTaken(Contract):
    """A step of the procedure for silent calls."""

    step: str
    heard: Heard
    at: datetime
    by: str | None


class Sop(Contract):
    answers: tuple[GivenAnswer, ...] = ()
    """In the order in which they were given."""
    proposal: TriageProposal | None = None
    guidance: str | None = None
    """The version of the questions by which the proposal was made."""
    told: tuple[ToldWords, ...] = ()
    silent_steps: tuple[SilentStepTaken, ...] = ()
    """The newest of each step, and each key press."""
    probably_child: bool = False

    @property
    def protected(self) -> bool:
        """Whether a silent caller pressed a key for help."""
        return any(test.heard is Heard.KEY_PRESS for test in self.silent_steps)


SopEvent = CallTriaged | CallerTold | CallSilentStepTaken | CallerMarked


def sop_after(sop: Sop, event: SopEvent) -> Sop:
    return sop.model_copy(update=_changed(sop, event))


def _changed(sop: Sop, event: SopEvent) -> dict[str, Any]:
    match event:
        case CallTriaged():
            return {"answers": event.answers, "proposal": event.proposal, "guidance": event.guidance}
        case CallerTold():
            words = (event.incident_type, event.step)
            others = tuple(one for one in sop.told if (one.incident_type, one.step) != words)
            now = ToldWords(incident_type=event.incident_type, step=event.step, at=event.at, by=event.by)
            return {"told": others if event.taken_back else (*others, now)}
        case CallSilentStepTaken():
            # A key press counts although a later try of the same step hears nothing.
            kept = (one for one in sop.silent_steps if one.step != event.step or one.heard is Heard.KEY_PRESS)
            return {
                "silent_steps": (*kept, SilentStepTaken(step=event.step, heard=event.heard, at=event.at, by=event.by))
            }
        case CallerMarked():
            return {"probably_child": event.probably_child}
