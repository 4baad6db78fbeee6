"""The domain of calls: commands, decisions and the state of a call. It has no input or output."""

from sigap_intake.domain.call import Call, CallState, Classification, evolve
from sigap_intake.domain.caller_history import HISTORY_DEPTH, CallerHistory
from sigap_intake.domain.commands import Answer, Classify, Command, End, Locate, MissClass, Receive, Tell, WriteNote
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
    "End",
    "Locate",
    "MissClass",
    "NotUnderstood",
    "Receive",
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
