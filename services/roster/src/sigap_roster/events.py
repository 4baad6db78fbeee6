"""Roster has no subscriptions of its own. The common library handles regencies' packs in every service."""

from sigap_common.messaging.subscriptions import Subscribed
from sigap_roster.repository import RosterTransaction

SUBSCRIPTIONS: tuple[Subscribed[RosterTransaction], ...] = ()
