"""What analytics listens to: everything that figures follow from, in batches."""

from sigap_analytics.domain.sayings import HEARD
from sigap_analytics.service import take_in
from sigap_common.subscriptions import on_batch

SUBSCRIPTIONS = (on_batch(HEARD, take_in, blocking=False),)
"""Later events of a key pass one that waits: facts come out the same in any order."""
