"""Finds places by name, and reads a place from any text."""

from dataclasses import dataclass, field

from sigap_common.contracts.fixes import FixSource
from sigap_common.contracts.zones import Zone
from sigap_common.regency.geometry import Point
from sigap_intake.domain import place_texts
from sigap_intake.domain.gazetteer import Match
from sigap_intake.domain.positions import NoPosition, Position
from sigap_intake.repository import IntakeTransaction

NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says about a place: a position, or the reason why it has none, or names that it may mean."""

    source: FixSource | None = None
    position: Position | None = None
    zone: Zone | None = None
    problem: NoPosition | None = None
    names: list[Match] = field(default_factory=list)


async def search(
    view: IntakeTransaction, regency: str, typed: str, limit: int, near: tuple[float, float] | None
) -> list[Match]:
    """The places of the gazetteer that are most alike to `typed`. Raises NotFound if the regency is not configured,
    Unavailable.
    """
    gazetteer = await view.resources.gazetteer(view.packs, regency)
    return gazetteer.search(typed, limit, Point(*near) if near else None)


async def read_text(view: IntakeTransaction, regency: str, text: str, near: tuple[float, float] | None) -> Reading:
    """Reads a place from a text. A short plus code is resolved around `near` (None: the middle of the regency's zone),
    and names near to it come first.

    Raises NotFound if the regency is not configured, Unavailable.
    """
    view.packs.get(regency)
    try:
        found = place_texts.read(text, near or view.zoning.middle_of(regency))
    except NoPosition as problem:
        return Reading(problem=problem)
    if found is None:
        return Reading(names=await search(view, regency, text, NAMES_SHOWN, near))
    source, position = found
    point = Point(position.lat, position.lon, position.uncertainty_m)
    zone = view.zoning.zone_at(point, view.packs, view.packs.find(regency))
    return Reading(source, position, zone)
