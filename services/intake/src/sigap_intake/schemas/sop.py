"""The HTTP schemas of the SOP: what operators ask and tell in a regency, and what was done of it in a call."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from sigap_common.contracts.calls import CallClass, Heard, TriageProposal, TriageReason
from sigap_common.core.texts import Texts
from sigap_common.http.schemas import like
from sigap_common.regency import Guidance, IncidentType, Pack, SilentStep, TriageAnswer, TriageQuestion, Words
from sigap_common.regency import Label as PackLabel
from sigap_intake.domain import Sop, branch_of, next_question, silent_steps_left
from sigap_intake.examples import sop as examples
from sigap_intake.schemas.reference import Label


class GivenOut(BaseModel):
    question: str
    answer: str


class ReasonOut(GivenOut):
    points: int = Field(description="For the proposed type")
    priority: int | None = Field(description="The priority that the answer proposes")
    in_words: Label | None = Field(description="Question and answer; null if the guidance in force has them no more")

    @classmethod
    def of(cls, reason: TriageReason, guidance: Guidance) -> Self:
        question = guidance.questions.get(reason.question)
        answer = guidance.answers.get(reason.question, {}).get(reason.answer)
        words = _joined(question.label, answer.label) if question and answer else None
        return cls(**reason.model_dump(), in_words=words)


class ProposalOut(BaseModel):
    """The operator decides: `call_class`, `incident_type` and `priority` of the call say what was chosen."""

    incident_type: str | None
    priority: int | None
    reasons: list[ReasonOut] = Field(description="The answers that count, in the order in which they were given")
    guidance: str | None = Field(description="The version of the guidance by which it was made")

    @classmethod
    def of(cls, proposal: TriageProposal, made_by: str | None, guidance: Guidance) -> Self:
        reasons = [ReasonOut.of(reason, guidance) for reason in proposal.reasons]
        kind, priority = proposal.incident_type, proposal.priority
        return cls(incident_type=kind, priority=priority, reasons=reasons, guidance=made_by)


class ToldOut(BaseModel):
    incident_type: str | None = Field(description="Whose words; null for those for a child")
    step: str
    at: datetime
    by: str | None


class StepTakenOut(BaseModel):
    step: str
    heard: Heard
    at: datetime
    by: str | None


class SopOut(BaseModel):
    """The steps of the SOP that were taken in a call."""

    model_config = like(examples.SOP)

    guidance: str = Field(
        description="The version in force; if the screen has another one, it reads the guidance again"
    )
    answers: list[GivenOut] = Field(description="In the order in which they were given")
    proposal: ProposalOut | None
    next_question: str | None = Field(description="The question to ask next")
    told: list[ToldOut] = Field(description="The words that the caller was told")
    silent_steps: list[StepTakenOut] = Field(description="The steps of the procedure for silent calls")
    silent_steps_left: list[str] = Field(description="Those that are missing before the class may be silent")
    probably_child: bool
    protected: bool = Field(description="A silent caller pressed a key: the incident is protected, whatever its type")

    @classmethod
    def of(cls, sop: Sop, guidance: Guidance) -> Self:
        return cls(
            guidance=guidance.version,
            answers=[GivenOut(question=one.question, answer=one.answer) for one in sop.answers],
            proposal=ProposalOut.of(sop.proposal, sop.guidance, guidance) if sop.proposal else None,
            next_question=next_question(guidance, sop.answers),
            told=[ToldOut(**one.model_dump()) for one in sop.told],
            silent_steps=[StepTakenOut(**one.model_dump()) for one in sop.silent_steps],
            silent_steps_left=silent_steps_left(sop, guidance),
            probably_child=sop.probably_child,
            protected=sop.protected,
        )


class WordsOut(BaseModel):
    code: str
    label: Label

    @classmethod
    def of(cls, code: str, words: Words) -> Self:
        return cls(code=code, label=_label(words))


class SilentStepOut(WordsOut):
    listen_s: int = Field(description="Seconds to listen after it")

    @classmethod
    def of_step(cls, code: str, step: SilentStep) -> Self:
        return cls(code=code, label=_label(step), listen_s=step.listen_s)


class HeardOut(BaseModel):
    code: Heard
    label: Label


class SilentCallOut(BaseModel):
    steps: list[SilentStepOut] = Field(description="In this order; each is recorded with what was heard after it")
    heard: list[HeardOut] = Field(description="What may be heard; a key press opens a protected incident at once")
    incident_type: str | None = Field(description="Its type")


class AnswerOut(BaseModel):
    code: str
    label: Label
    next: str | None = Field(description="The question that follows")
    weights: dict[str, int] = Field(description="Points for each type")
    priority: int | None

    @classmethod
    def of(cls, code: str, answer: TriageAnswer) -> Self:
        facts = {"next": answer.next, "weights": answer.weights, "priority": answer.priority}
        return cls(code=code, label=_label(answer.label), **facts)


class QuestionOut(BaseModel):
    code: str
    label: Label
    answers: list[AnswerOut]

    @classmethod
    def of(cls, question: TriageQuestion, answers: dict[str, TriageAnswer]) -> Self:
        shown = [AnswerOut.of(code, answer) for code, answer in answers.items()]
        return cls(code=question.code, label=_label(question.label), answers=shown)


class GuidedTypeOut(BaseModel):
    code: str
    label: Label
    priority: int
    protected: bool
    begins_with: str | None = Field(description="Where its own questions begin, if the caller has said what happened")
    words: list[WordsOut] = Field(description="What to tell the caller until help comes, in this order")

    @classmethod
    def of(cls, kind: IncidentType, guidance: Guidance) -> Self:
        words = [WordsOut.of(code, one) for code, one in guidance.words.get(kind.code, {}).items()]
        return cls(
            code=kind.code,
            label=_label(kind.label),
            priority=kind.priority,
            protected=kind.protected,
            begins_with=branch_of(guidance, kind.code),
            words=words,
        )


class ClassOut(BaseModel):
    code: CallClass
    label: Label
    key: str = Field(description="The key that classifies a call so, as KeyboardEvent.key names it")


class GuidanceOut(BaseModel):
    """All that a screen needs to lead an operator through a call."""

    model_config = like(examples.GUIDANCE)

    regency: str
    version: str = Field(description="The pack's version and a digest of the standard guidance; also the ETag")
    classes: list[ClassOut]
    questions: list[QuestionOut] = Field(description="The first opens the tree")
    incident_types: list[GuidedTypeOut]
    silent_call: SilentCallOut
    child_words: list[WordsOut] = Field(description="How to speak with a caller who is probably a child")

    @classmethod
    def of(cls, pack: Pack, guidance: Guidance) -> Self:
        texts = Texts.load("sigap_intake")
        return cls(
            regency=pack.code,
            version=guidance.version,
            classes=[
                ClassOut(code=code, label=Label(**texts.labels(f"call_classes.{code}")), key=guidance.class_keys[code])
                for code in CallClass
            ],
            questions=[QuestionOut.of(one, dict(guidance.answers[code])) for code, one in guidance.questions.items()],
            incident_types=[GuidedTypeOut.of(kind, guidance) for kind in pack.incident_types],
            silent_call=SilentCallOut(
                steps=[SilentStepOut.of_step(code, step) for code, step in guidance.silent_call.items()],
                heard=[HeardOut(code=code, label=Label(**texts.labels(f"heard.{code}"))) for code in Heard],
                incident_type=guidance.silent_type,
            ),
            child_words=[WordsOut.of(code, one) for code, one in guidance.child_words.items()],
        )


def _label(label: PackLabel) -> Label:
    return Label(id=label.id, en=label.en)


def _joined(question: PackLabel, answer: PackLabel) -> Label:
    return Label(id=f"{question.id} {answer.id}", en=f"{question.en} {answer.en}")
