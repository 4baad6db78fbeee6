"""How likely it is that two open incidents are one event: a score with reasons that people can read.

The score is a probability, from the ratio of two likelihoods. If the two are one event, their places differ by the
uncertainty of both positions, and the reports follow each other within minutes. If they are not, incidents of this kind
are spread over the area as densely as they are there at this moment: where much happens, near and soon proves less.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sigap_common.contracts.duplicates import DuplicateReason
from sigap_common.regency import Pack
from sigap_common.regency.geometry import Point, distance_m


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of the score. `gap_s`, `unknown_kind`, `other_category` and `suggested` were chosen on the
    dispatch log of Montgomery County, 2016 and 2017, by the share of repeats found less the share of other rows
    disturbed, at 50, 150 and 300 m (`python -m tests.load duplicates`). The results of 2018 were looked at several
    times meanwhile, with more than one seed: 2018 is no independent test of the choice. That log has no caller, words
    or road, and one pair of different kinds in one category: their weights are set by judgement.
    """

    scene_m: float = 10.0
    """How far from its middle reports put an event, apart from the uncertainty of their positions."""
    unknown_m: float = 300.0
    """The uncertainty of a position that names none."""
    gap_s: float = 700.0
    """The spread of the time from one report of an event to the next, as a standard deviation."""
    share: float = 0.07
    """The share of new incidents that are about an open one. Log: 0.065."""
    background: float = 0.02
    """How many unrelated incidents of one kind begin in a square kilometre and an hour, before the open ones around are
    counted. It is a town's rate: the log's mean over the whole county is 0.003.
    """
    same_category: float = -1.0
    """Added if the kinds are of one category but differ. This and all that follow are logarithms of a ratio."""
    unknown_kind: float = -4.0
    other_category: float = -8.0
    same_caller: float = 5.0
    same_road: float = 1.5
    common_word: float = 0.5
    common_words_at_most: int = 4
    anywhere_km2: float = 1000.0
    """The area over which an event may lie whose place has no coordinates."""
    window: timedelta = timedelta(hours=2)
    """Incidents whose last report is older are not compared."""
    suggested: float = 0.2
    """The lowest score that is suggested."""
    likely: float = 0.9
    """The lowest score that keeps forwardings waiting for an answer."""
    shown: int = 3
    """The most suggestions of one incident."""


PARAMETERS = Parameters()
RADIUS_M = 500.0
RADIUS_AT_MOST_M = 3000.0
_ALIKE = frozenset({"Fire", "CBRNE"})
"""Categories that one event often has both of, such as a smell of gas and a fire alarm."""
_NO_CATEGORY = "Other"
_WORD = re.compile(r"[^\W\d_]{4,}")
_NEVER = 1e-20
"""The probability per square metre that stands for none, since zero has no logarithm."""
_ROAD = re.compile(r"\b(?:jalan|jln|jl|gang|gg)\b\.?\s*([^\W\d_]{3,}(?:\s+[^\W\d_]{3,})?)", re.IGNORECASE)
_COMMON = frozenset(
    {"yang", "dari", "dekat", "depan", "belakang", "samping", "sebelah", "arah", "simpang", "jalan", "lokasi", "posisi"}
    | {"sudah", "belum", "akan", "tidak", "saja", "juga", "untuk", "dengan", "pada", "orang", "warga", "kejadian"}
    | {"tolong", "segera", "minta", "bantuan", "laporan", "melaporkan", "pelapor", "penelepon"}
)
"""Words of half of all notes, which say nothing about which event it is."""


class Kinship(StrEnum):
    """How near two kinds of incident are."""

    SAME = "same_kind"
    CATEGORY = "same_category"
    UNKNOWN = "unknown_kind"
    OTHER = "other_category"


@dataclass(frozen=True, slots=True)
class Scene:
    """What is compared of an incident: where, when, of which kind, and by whom and with which words it was reported."""

    id: UUID
    number: str
    incident_type: str | None
    point: Point | None
    reported_at: datetime
    """When it was reported the last time."""
    caller_hash: str | None = None
    words: frozenset[str] = frozenset()
    road: str | None = None
    agencies: frozenset[str] = frozenset()
    """The agencies that have a forwarding of it that stands."""
    settled: frozenset[UUID] = frozenset()
    """The incidents of which a person has said how they belong to it, and those that are suggested to it."""


@dataclass(frozen=True, slots=True)
class Match:
    """An open incident that may be the same event, with its score from 0 to 1."""

    scene: Scene
    score: float
    reasons: tuple[DuplicateReason, ...] = field(default=())


def matches(new: Scene, around: Sequence[Scene], pack: Pack, parameters: Parameters = PARAMETERS) -> list[Match]:
    """The open incidents that may be the same event as `new`, the likeliest first. `around`: all open incidents within
    `radius_m`, and those of the same caller; the density is counted from them.
    """
    scored = [_match(new, other, around, pack, parameters) for other in around]
    likely = sorted((m for m in scored if m.score >= parameters.suggested), key=lambda m: -m.score)
    return likely[: parameters.shown]


def radius_m(point: Point, parameters: Parameters = PARAMETERS) -> float:
    """How far around a place open incidents are compared, in metres."""
    uncertain = parameters.unknown_m if point.uncertainty_m is None else point.uncertainty_m
    return min(RADIUS_M + 2 * uncertain, RADIUS_AT_MOST_M)


def words_of(texts: Sequence[str]) -> frozenset[str]:
    """The words by which two reports may be found to speak of the same thing, in lower case."""
    return frozenset(word for text in texts for word in _WORD.findall(text.lower()) if word not in _COMMON)


def road_in(texts: Sequence[str]) -> str | None:
    """The first road that the texts name, in lower case and without the word for road."""
    found = (match.group(1) for text in texts if (match := _ROAD.search(text)))
    return next((" ".join(name.lower().split()) for name in found), None)


def kinship(one: str | None, other: str | None, pack: Pack) -> Kinship:
    if one is not None and one == other:
        return Kinship.SAME
    mine, others = _category(one, pack), _category(other, pack)
    if _NO_CATEGORY in (mine, others):
        return Kinship.UNKNOWN
    return Kinship.CATEGORY if mine == others or {mine, others} == _ALIKE else Kinship.OTHER


def _category(kind: str | None, pack: Pack) -> str:
    known = pack.incident_type(kind) if kind else None
    return known.cap_category if known else _NO_CATEGORY


def _match(new: Scene, other: Scene, around: Sequence[Scene], pack: Pack, parameters: Parameters) -> Match:
    gap = abs((new.reported_at - other.reported_at).total_seconds())
    metres = _metres(new, other)
    kin = kinship(new.incident_type, other.incident_type, pack)
    density = _density(new, other, around, pack, parameters)
    said = list(_said(new, other, parameters))
    ratio = math.log(parameters.share) + _near(new, other, metres, parameters) + _soon(gap, parameters)
    ratio += _of_kind(kin, parameters) - math.log(density) + sum(weight for _, weight in said)
    reasons = [DuplicateReason(code="near", value=round(metres))] if metres is not None else []
    reasons += [DuplicateReason(code="soon", value=round(gap)), DuplicateReason(code=kin.value)]
    reasons += [reason for reason, _ in said]
    return Match(other, _probability(ratio), tuple(reasons))


def _probability(ratio: float) -> float:
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, ratio))))


def _metres(new: Scene, other: Scene) -> float | None:
    return distance_m(new.point, other.point) if new.point and other.point else None


def _near(new: Scene, other: Scene, metres: float | None, parameters: Parameters) -> float:
    """The logarithm of the probability per square metre that one event is told of at these two positions: each may lie
    anywhere in its circle, so it is the area that the circles share, divided by the area of both.
    """
    if metres is None:
        return -math.log(parameters.anywhere_km2 * 1e6)
    one, two = (_circle_m(scene, parameters) for scene in (new, other))
    areas = math.pi**2 * one**2 * two**2
    return math.log(max(shared_area(one, two, metres), _NEVER * areas) / areas)


def _circle_m(scene: Scene, parameters: Parameters) -> float:
    uncertain = scene.point.uncertainty_m if scene.point else None
    return parameters.scene_m + (parameters.unknown_m if uncertain is None else uncertain)


def shared_area(one: float, two: float, apart: float) -> float:
    """The area that two circles share, from their radii and the distance of their centres."""
    small, large = sorted((one, two))
    if apart >= one + two:
        return 0.0
    if apart <= large - small:
        return math.pi * small**2
    to_chord = (apart**2 + large**2 - small**2) / (2 * apart)
    angle_large, angle_small = math.acos(to_chord / large), math.acos((apart - to_chord) / small)
    half_chord = math.sqrt(max(0.0, large**2 - to_chord**2))
    return large**2 * angle_large + small**2 * angle_small - apart * half_chord


def _soon(gap_s: float, parameters: Parameters) -> float:
    """The logarithm of the probability per second that the next report of one event comes after this gap: the positive
    half of a normal distribution. Its tail is short, because an event that nobody reports for an hour is mostly over.
    """
    spread = parameters.gap_s
    return math.log(math.sqrt(2 / math.pi) / spread) - gap_s**2 / (2 * spread**2)


def _density(new: Scene, other: Scene, around: Sequence[Scene], pack: Pack, parameters: Parameters) -> float:
    """How many unrelated incidents of this kind begin here, in a square metre and a second."""
    density = parameters.background / (1e6 * 3600)
    if new.point is None:
        return density
    near = {Kinship.SAME, Kinship.CATEGORY}
    others = sum(
        1 for one in around if one.id != other.id and kinship(new.incident_type, one.incident_type, pack) in near
    )
    area = math.pi * radius_m(new.point, parameters) ** 2
    return density + others / (area * parameters.window.total_seconds())


def _of_kind(kin: Kinship, parameters: Parameters) -> float:
    weights = {Kinship.SAME: 0.0, Kinship.CATEGORY: parameters.same_category, Kinship.UNKNOWN: parameters.unknown_kind}
    return weights.get(kin, parameters.other_category)


def _said(new: Scene, other: Scene, parameters: Parameters) -> Iterator[tuple[DuplicateReason, float]]:
    if new.caller_hash is not None and new.caller_hash == other.caller_hash:
        yield DuplicateReason(code="same_caller"), parameters.same_caller
    if new.road is not None and new.road == other.road:
        yield DuplicateReason(code="same_road"), parameters.same_road
    if common := len(new.words & other.words):
        weight = parameters.common_word * min(common, parameters.common_words_at_most)
        yield DuplicateReason(code="common_words", value=common), weight
