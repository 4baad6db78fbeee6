"""Who sees what of callbacks. The number of one that may not be called as it is, is shown to supervisors alone."""

from typing import Any

from sigap_common.auth import Access, Role
from sigap_common.contracts.base import Event
from sigap_common.contracts.callbacks import (
    CallbackAttempted,
    CallbackCallAdded,
    CallbackClaimed,
    CallbackContactChanged,
    CallbackExpired,
    CallbackNoted,
    CallbackOfferDeclined,
    CallbackOffered,
    CallbackOpened,
    CallbackRanked,
    CallbackReleased,
    CallbackResolved,
)
from sigap_common.contracts.event_view import event_view
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.visibility import Policy, Variant
from sigap_intake.domain.callback import Callback
from sigap_intake.visibility.calls import SPEAKERS

LISTED = (
    *(CallbackOpened, CallbackCallAdded, CallbackRanked, CallbackClaimed, CallbackReleased, CallbackAttempted),
    *(CallbackOffered, CallbackOfferDeclined),
    *(CallbackNoted, CallbackResolved, CallbackExpired, CallbackContactChanged),
)


class CallbackVisibility(Policy):
    """Callbacks of the token's regencies."""

    def variant(self, heard: ReceivedEvent, access: Access) -> Variant | None:
        if not isinstance(heard.event, LISTED):
            return None
        seen = super().variant(heard, access)
        return Variant.WITHOUT_PERSONAL_DATA if seen and _is_withheld(heard.event, access) else seen

    def view(self, event: Event, access: Access) -> dict[str, Any]:
        """What tells the number is opened to supervisors alone: it may have become one that is withheld since."""
        tells_number = isinstance(event, CallbackOpened | CallbackCallAdded) and not access.may(Role.supervisor)
        return event_view(event, opened=self.opens(access) and not tells_number)

    def opens_number(self, callback: Callback, access: Access) -> bool:
        """Whether the token is shown the number, and where the caller was."""
        return self.opens(access) and (not callback.withheld or access.may(Role.supervisor))


def _is_withheld(event: Event, access: Access) -> bool:
    return bool(getattr(event, "withheld", False)) and not access.may(Role.supervisor)


CALLBACK_POLICY = CallbackVisibility(opened_to=SPEAKERS)
