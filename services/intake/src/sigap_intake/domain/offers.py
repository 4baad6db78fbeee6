"""A person offers what is in hand, a call or a callback, to a colleague by name.

It stays with that person until the colleague accepts. If the colleague declines or is silent, it simply stays.
"""

from enum import StrEnum

from sigap_common.core.errors import Fault, Invalid, NotAllowed


def is_new_offer(offered_to: str | None, *, by: str, to: str) -> bool:
    """Whether the offer changes anything. Raises Invalid if somebody offers it to himself or herself."""
    if to == by:
        raise Invalid(errors=[Fault(("body", "to"), "offer_to_oneself", {})])
    return offered_to != to


def require_offer(offered_to: str | None, by: str, state: StrEnum) -> None:
    """Raises NotAllowed if it is not offered to this person, or no longer."""
    if offered_to != by:
        raise NotAllowed("not-offered", state=state)
