"""Intake's background workers."""

from sigap_common.app.background import watch_due
from sigap_intake.domain.call import CLASSIFY_WITHIN
from sigap_intake.domain.presence import STALE_AFTER
from sigap_intake.models import calls, presences
from sigap_intake.use_cases.calls import miss_class
from sigap_intake.use_cases.exchanges import take_in
from sigap_intake.use_cases.presence import miss_beats
from sigap_intake.use_cases.room import watch_room

BACKGROUND = (
    watch_due(calls, miss_class, shortest=CLASSIFY_WITHIN),
    take_in,
    watch_due(presences, miss_beats, shortest=STALE_AFTER),
    watch_room,
)
