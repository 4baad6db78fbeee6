"""Intake's background workers."""

from datetime import timedelta

from sigap_common.app.background import watch_due
from sigap_intake.domain.callback import SHORTEST_DEADLINE
from sigap_intake.domain.presence import STALE_AFTER
from sigap_intake.models.blocks import blocks
from sigap_intake.models.callbacks import callbacks
from sigap_intake.models.calls import calls
from sigap_intake.models.presences import presences
from sigap_intake.use_cases import blocks as block_use_cases
from sigap_intake.use_cases import callbacks as callback_use_cases
from sigap_intake.use_cases import deadlines
from sigap_intake.use_cases.duty_telephones import watch_alarms
from sigap_intake.use_cases.exchanges import take_in
from sigap_intake.use_cases.presence import miss_beats
from sigap_intake.use_cases.room import watch_room
from sigap_intake.use_cases.screening import watch_numbers

BACKGROUND = (
    watch_due(calls, deadlines.pass_time, shortest=timedelta(seconds=1)),  # no pack has offers lapse sooner
    take_in,
    watch_due(blocks, block_use_cases.pass_time, shortest=timedelta()),
    watch_numbers,
    watch_due(callbacks, callback_use_cases.meet_due, shortest=SHORTEST_DEADLINE),
    watch_due(presences, miss_beats, shortest=STALE_AFTER),
    watch_room,
    watch_alarms,
)
