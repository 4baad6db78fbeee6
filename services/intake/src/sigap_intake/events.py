"""What intake listens to: dispatch's incidents and alarms, and its own calls. Packs reach each service by the frame."""

from sigap_common.contracts.alarms import AlarmGroupChanged
from sigap_common.contracts.blocks import BlockLifted
from sigap_common.messaging.subscriptions import Subscribed, on, on_batch
from sigap_intake.repository import IntakeTransaction
from sigap_intake.use_cases import blocks, dropped_calls, referrals
from sigap_intake.use_cases.duty_telephones import follow_alarm
from sigap_intake.use_cases.incidents import FOLLOWED, follow_incidents

SUBSCRIPTIONS: tuple[Subscribed[IntakeTransaction], ...] = (
    on_batch(FOLLOWED, follow_incidents),
    on_batch(dropped_calls.FOLLOWED, dropped_calls.follow_calls),
    on(BlockLifted, blocks.end_messages),
    on(AlarmGroupChanged, follow_alarm),
    on_batch(referrals.FOLLOWED, referrals.follow_referrals),
)
