"""What intake listens to. The regencies' packs reach every service by the frame."""

from sigap_common.messaging.subscriptions import Subscribed
from sigap_intake.repository import IntakeTransaction

SUBSCRIPTIONS: tuple[Subscribed[IntakeTransaction], ...] = ()
