"""The events that intake subscribes to. The frame brings the regencies' packs to every service."""

from sigap_common.messaging.subscriptions import Subscribed
from sigap_intake.repository import IntakeTransaction

SUBSCRIPTIONS: tuple[Subscribed[IntakeTransaction], ...] = ()
