"""What roster listens to. The regencies' packs reach every service by the frame; presence it never hears of."""

from sigap_common.messaging.subscriptions import Subscribed
from sigap_roster.repository import RosterTransaction

SUBSCRIPTIONS: tuple[Subscribed[RosterTransaction], ...] = ()
