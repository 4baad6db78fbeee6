"""A call from its arrival to its end: what may happen to it, and what follows. Pure."""

from sigap_intake.domain.call import Call, CallState, Classification, evolve
from sigap_intake.domain.caller_history import HISTORY_DEPTH, CallerHistory
from sigap_intake.domain.commands import Answer, Classify, Command, End, Locate, MissClass, Receive, WriteNote
from sigap_intake.domain.decisions import decide, place_meant, receive
from sigap_intake.domain.exchange_ids import is_told_again

__all__ = [
    "HISTORY_DEPTH",
    "Answer",
    "Call",
    "CallState",
    "CallerHistory",
    "Classification",
    "Classify",
    "Command",
    "End",
    "Locate",
    "MissClass",
    "Receive",
    "WriteNote",
    "decide",
    "evolve",
    "is_told_again",
    "place_meant",
    "receive",
]
