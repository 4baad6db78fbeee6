"""The rank of a dropped call: points for each sign that it was a real emergency, with the reason."""

from collections.abc import Iterator
from dataclasses import dataclass

from sigap_common.contracts.callbacks import Ranked, RankPart, RankReason
from sigap_common.regency import CallbackWeights
from sigap_intake.domain.callback import Callback, CallbackState

MOST_AGAIN = 5
MOST_SHARED = 3
"""Further ones count no more: hundreds of hang-ups of one number do not make it surer than five."""
_CUT_OFF = 1_000_000
_SAMPLED = 1_000_000
_DRILL = 10_000_000
"""Beyond all points, so that these order before points do."""


@dataclass(frozen=True, slots=True)
class Signs:
    """The circumstances of a dropped call. `others`: callbacks of other numbers in the same place."""

    others: int = 0
    night: bool = False
    incident_near: bool = False
    screened: bool = False
    """Nobody has heard more of the caller than the recorded message for a blocked number."""


def ranked(weights: CallbackWeights, signs: Signs, *, calls: int, tried: int, place_known: bool) -> Ranked:
    parts = tuple(_parts(weights, signs, calls, tried, place_known))
    return Ranked(points=sum(part.points for part in parts), parts=parts)


def ranked_again(
    callback: Callback,
    weights: CallbackWeights,
    *,
    others: int | None = None,
    tried: int = 0,
    incident_near: bool = False,
) -> Ranked:
    """The rank of a callback with other neighbours, after further tries, or with an incident nearby; what else was
    known stands.
    """
    counts = {part.reason: part.count for part in callback.ranked.parts}
    known = counts.get(RankReason.PLACE_SHARED, 0)
    signs = Signs(
        others=known if others is None else others,
        night=RankReason.NIGHT in counts,
        incident_near=incident_near or RankReason.INCIDENT_NEAR in counts,
        screened=RankReason.SCREENED in counts,
    )
    place_known = callback.place is not None
    return ranked(weights, signs, calls=callback.call_count, tried=callback.tried + tried, place_known=place_known)


def _parts(weights: CallbackWeights, signs: Signs, calls: int, tried: int, place_known: bool) -> Iterator[RankPart]:
    again, others = min(calls - 1, MOST_AGAIN), min(signs.others, MOST_SHARED)
    if again:
        yield RankPart(reason=RankReason.AGAIN, points=again * weights.again, count=calls - 1)
    if others:
        yield RankPart(reason=RankReason.PLACE_SHARED, points=others * weights.place_shared, count=signs.others)
    if place_known:
        yield RankPart(reason=RankReason.PLACE_KNOWN, points=weights.place_known)
    if signs.night:
        yield RankPart(reason=RankReason.NIGHT, points=weights.night)
    if signs.incident_near:
        yield RankPart(reason=RankReason.INCIDENT_NEAR, points=weights.incident_near)
    if tried:
        yield RankPart(reason=RankReason.TRIED, points=-tried * weights.tried, count=tried)
    if signs.screened:
        yield RankPart(reason=RankReason.SCREENED, points=-weights.screened)


def position(callback: Callback) -> int | None:
    """The place in the list, the highest first: cut-off calls, then by points, then the sample, drills last; None if it
    is over.
    """
    if not callback.is_work:
        return None
    first = _CUT_OFF if callback.cut_off else 0
    last = _SAMPLED if callback.state is CallbackState.SAMPLED else 0
    return callback.ranked.points + first - last - (_DRILL if callback.drill else 0)
