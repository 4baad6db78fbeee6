"""What intake listens to. The regencies' packs reach every service by the frame."""

from sigap_common.messaging.subscriptions import Subscribed, on_batch
from sigap_intake.incident_numbers import FOLLOWED, keep_incident_numbers
from sigap_intake.repository import IntakeTransaction

SUBSCRIPTIONS: tuple[Subscribed[IntakeTransaction], ...] = (on_batch(FOLLOWED, keep_incident_numbers),)
