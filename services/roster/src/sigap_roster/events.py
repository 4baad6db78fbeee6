"""What roster listens to. The regencies' packs reach every service by the frame; presence it never hears of."""

from sigap_common.messaging.subscriptions import Subscribed

SUBSCRIPTIONS: tuple[Subscribed, ...] = ()
