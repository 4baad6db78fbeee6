"""The domain of calls: commands, decisions and the state of a call. It has no input or output."""

from sigap_intake.domain.call import Call, CallState, Classification, evolve
from sigap_intake.domain.caller_history import HISTORY_DEPTH, CallerHistory
from sigap_intake.domain.commands import (
    Answer,
    AnswerTriage,
    Classify,
    Command,
    Describe,
    End,
    EndScreening,
    Locate,
    MarkCaller,
    MissClass,
    Position,
    Receive,
    TakeSilentStep,
    Tell,
    TellWords,
    WriteNote,
)
from sigap_intake.domain.decisions import decide, hear_first, place_meant, receive, source_meant
from sigap_intake.domain.exchange_ids import is_told_again
from sigap_intake.domain.guided import silent_steps_left
from sigap_intake.domain.sop import Sop
from sigap_intake.domain.telephone import is_told_of, under_a_used_id
from sigap_intake.domain.told import Adapter, NotUnderstood, TelephoneEvent, Told, believed
from sigap_intake.domain.triage import branch_of, next_question, triage

__all__ = [
    "HISTORY_DEPTH",
    "Adapter",
    "Answer",
    "AnswerTriage",
    "Call",
    "CallState",
    "CallerHistory",
    "Classification",
    "Classify",
    "Command",
    "Describe",
    "End",
    "EndScreening",
    "Locate",
    "MarkCaller",
    "MissClass",
    "NotUnderstood",
    "Position",
    "Receive",
    "Sop",
    "TakeSilentStep",
    "TelephoneEvent",
    "Tell",
    "TellWords",
    "Told",
    "WriteNote",
    "believed",
    "branch_of",
    "decide",
    "evolve",
    "hear_first",
    "is_told_again",
    "is_told_of",
    "next_question",
    "place_meant",
    "receive",
    "silent_steps_left",
    "source_meant",
    "triage",
    "under_a_used_id",
]
