"""Dispatch's subscriptions."""

from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.calls import CallClassified, CallerDescribed, CallLocated, CallNoted, CallReclassified
from sigap_common.contracts.regencies import RegencyApplied, RegencyRefused
from sigap_common.messaging.subscriptions import on, on_batch
from sigap_dispatch.use_cases.agencies import FOLLOWED, follow_agencies
from sigap_dispatch.use_cases.alarms import keep_alarms
from sigap_dispatch.use_cases.calls import add_note, correct_class, describe_caller, move, open_or_join
from sigap_dispatch.use_cases.regencies import keep_answers

SUBSCRIPTIONS = (
    on(CallClassified, open_or_join),
    on(CallReclassified, correct_class),
    on(CallLocated, move),
    on(CallNoted, add_note),
    on(CallerDescribed, describe_caller),
    on_batch(FOLLOWED, follow_agencies),
    on_batch((RegencyApplied, RegencyRefused), keep_answers),
    on_batch((AlarmRaised, AlarmCleared), keep_alarms),
)
