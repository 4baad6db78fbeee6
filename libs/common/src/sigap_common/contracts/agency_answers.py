"""The result of all answers of an agency: one rule for the dispatchers' board and for the agency's own list.

Each side receives the other's answers later, and in another order than they were given. Both must get the same result.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sigap_common.contracts.agencies import Response

STEPS = (
    Response.ACKNOWLEDGED,
    Response.EN_ROUTE,
    Response.ON_SCENE,
    Response.UNDER_CONTROL,
    Response.DONE,
)
"""The steps forward, in order. The furthest that the agency reported counts."""
MOST_REPEATS = 100
"""How many further answers with the same response are kept of one part, so that it does not grow without bound. A first
acknowledgement of a revision, and an agency that comes after all, are always kept.
"""
ATTENDED = frozenset({Response.ON_SCENE, Response.UNDER_CONTROL, Response.DONE})


class AnswerLike(Protocol):
    """What this module needs of an answer of the agency, by whatever channel it came."""

    @property
    def response(self) -> Response: ...

    @property
    def at(self) -> datetime: ...


def standing(answers: Sequence[AnswerLike]) -> Response | None:
    """The state of the agency's part that follows from its answers; None: it has not answered.

    Of two answers that contradict each other, the one given later holds. If the agency has been on scene, it has not
    declined.
    """
    reached = counting(answers)
    if answers and not reached:
        return Response.DECLINED
    return max(reached, key=STEPS.index, default=None)


def counting(answers: Sequence[AnswerLike]) -> frozenset[Response]:
    """The steps that count. A decline cancels the steps before it, except on scene and later ones."""
    declined_at = last_at(answers, Response.DECLINED)
    came = [answer for answer in answers if answer.response is not Response.DECLINED]
    return frozenset(
        answer.response
        for answer in came
        if declined_at is None or answer.at > declined_at or answer.response in ATTENDED
    )


def last_at(answers: Sequence[AnswerLike], response: Response | None = None) -> datetime | None:
    """When the agency last gave this response; without `response`: when it last answered."""
    return max((answer.at for answer in answers if response in (None, answer.response)), default=None)
