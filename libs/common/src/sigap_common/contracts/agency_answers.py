"""What an agency's words come to: one rule for the dispatchers' board and the agency's own list.

Each hears the other's words later and in another order than they were said; both must come to the same.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sigap_common.contracts.agencies import Response

STEPS = (Response.ACKNOWLEDGED, Response.EN_ROUTE, Response.ON_SCENE, Response.DONE)
"""On the way on: the furthest that was said counts."""
ATTENDED = frozenset({Response.ON_SCENE, Response.DONE})


class Word(Protocol):
    """An answer of the agency, by whatever way it came."""

    @property
    def response(self) -> Response: ...

    @property
    def at(self) -> datetime: ...


def standing(words: Sequence[Word]) -> Response | None:
    """How the agency stands to its part; None: it has said nothing.

    Of two words that contradict each other the one said later holds; who has been there has not declined.
    """
    reached = counting(words)
    if words and not reached:
        return Response.DECLINED
    return max(reached, key=STEPS.index, default=None)


def counting(words: Sequence[Word]) -> frozenset[Response]:
    """The steps that hold: none that the agency turned back from when it declined."""
    declined_at = last_at(words, Response.DECLINED)
    came = [word for word in words if word.response is not Response.DECLINED]
    return frozenset(
        word.response for word in came if declined_at is None or word.at > declined_at or word.response in ATTENDED
    )


def last_at(words: Sequence[Word], response: Response | None = None) -> datetime | None:
    """When the agency said it last; none: when it said anything."""
    return max((word.at for word in words if response in (None, word.response)), default=None)
