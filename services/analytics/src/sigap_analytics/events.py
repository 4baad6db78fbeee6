"""What analytics listens to: everything that figures follow from, in batches."""

from sigap_analytics.domain.fact_updates import HEARD
from sigap_analytics.service import count_events
from sigap_common.messaging.subscriptions import on_batch

SUBSCRIPTIONS = (on_batch(HEARD, count_events, blocking=False),)
"""Later events of a key pass one that waits: facts come out the same in any order."""
