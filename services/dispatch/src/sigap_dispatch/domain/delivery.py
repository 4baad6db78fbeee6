"""What the gateway said of the delivery of one forwarding."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    delivered_at: datetime | None = None
    """When the agency first had it, in any revision: the promise counts to here.

    The earliest of the deliveries and of the agency's answers, which prove that it has it.
    """
    delivered_by: str | None = None
    delivered_revision: int = 0
    failures: int = 0
    failed_at: datetime | None = None
    failure: str | None = None
