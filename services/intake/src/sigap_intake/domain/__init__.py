"""A call from its arrival to its end: what may happen to it, and what follows. Pure."""

from sigap_intake.domain.call import Call, CallState, Classification, evolve
from sigap_intake.domain.caller_history import HISTORY_DEPTH, CallerHistory
from sigap_intake.domain.commands import (
    Answer,
    Classify,
    Command,
    DeclineOffer,
    End,
    FindOperator,
    Locate,
    LoseOperator,
    MissClass,
    MoveUp,
    Offer,
    Reach,
    Receive,
    RingFurther,
    TakeOver,
    Tell,
    WriteNote,
)
from sigap_intake.domain.decisions import decide, hear_first, place_meant, receive
from sigap_intake.domain.exchange_ids import is_told_again
from sigap_intake.domain.telephone import is_told_of, under_a_used_id
from sigap_intake.domain.told import Adapter, NotUnderstood, TelephoneEvent, Told, believed

__all__ = [
    "HISTORY_DEPTH",
    "Adapter",
    "Answer",
    "Call",
    "CallState",
    "CallerHistory",
    "Classification",
    "Classify",
    "Command",
    "DeclineOffer",
    "End",
    "FindOperator",
    "Locate",
    "LoseOperator",
    "MissClass",
    "MoveUp",
    "NotUnderstood",
    "Offer",
    "Reach",
    "Receive",
    "RingFurther",
    "TakeOver",
    "TelephoneEvent",
    "Tell",
    "Told",
    "WriteNote",
    "believed",
    "decide",
    "evolve",
    "hear_first",
    "is_told_again",
    "is_told_of",
    "place_meant",
    "receive",
    "under_a_used_id",
]
