"""Analytics' subscriptions: all events that figures depend on, in batches."""

from sigap_analytics.domain.fact_updates import HEARD
from sigap_analytics.service import count_events
from sigap_common.messaging.subscriptions import on_batch

SUBSCRIPTIONS = (on_batch(HEARD, count_events, blocking=False),)
"""Not blocking: the order of events does not matter for facts, so later events of a key need not wait."""
