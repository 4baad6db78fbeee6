"""A program in lines of JSON, from the service to the solving process: a head, and one line for each limit.

One text for all of it would keep the event loop waiting while it is written, for some tenths of a second.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields

from sigap_roster.domain.program import Limit, Program, RequirementKind, Requirements, Tier
from sigap_roster.domain.program.limits import MUST, Price
from sigap_roster.domain.program.requirements import GIVEN_UP_FIRST

SEATS = GIVEN_UP_FIRST.index(RequirementKind.SEATS)
"""The rank of seats."""
_OF_ASSIGNMENTS = ("days", "places", "people", "made_of")


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to search. `steps`: the solver's own count of its work, about one for each second of a slow core. If
    they are used up before `seconds` of the clock, the answer depends on the program and the seed alone.
    """

    steps: float
    seconds: float
    seed: int = 0


def lines_of(program: Program, effort: Effort) -> bytes:
    head: dict[str, object] = {"effort": asdict(effort), "highest": program.highest, "hint": program.hint}
    head |= {name: getattr(program, name) for name in _OF_ASSIGNMENTS} | {"limits": len(program.limits)}
    return b"".join(json.dumps(told).encode() + b"\n" for told in (head, *program.limits))


def read_lines(lines: Iterable[bytes]) -> tuple[Program, Effort]:
    """Reads no further than the last limit."""
    told = iter(lines)
    head = json.loads(next(told))
    limits = [_limit(next(told)) for _ in range(head["limits"])]
    told_of = {name: head[name] for name in _OF_ASSIGNMENTS}
    return Program(head["highest"], limits, head["hint"], **told_of), Effort(**head["effort"])


def _limit(line: bytes) -> Limit:
    terms, most, (cost, unit, tier) = json.loads(line)
    return Limit(tuple((variable, factor) for variable, factor in terms), most, Price(cost, unit, Tier(tier)))


@dataclass(frozen=True, slots=True)
class Question:
    """Why some seats stay open: what cannot hold together. Days are numbers from the roster's first one, 0.

    `limits`: each with its requirement, or -1. `ranks`: of each requirement, in which order to do without it; 0 is of
    seats, and each rule has a rank. `day_of`: the day of seats, or of a rule in a shift, else -1. `stands`: the
    variables of assignments that are not free. `weekday`: of the first day, Monday 0. `open`: the requirements to ask
    about: of seats that are open, and of rules in a shift that are broken.
    """

    highest: Sequence[int]
    days: Sequence[int]
    limits: Sequence[tuple[Limit, int]]
    ranks: Sequence[int]
    day_of: Sequence[int]
    stands: Sequence[int]
    weekday: int
    open: Sequence[int]


def question_of(wanted: Requirements, asked: Sequence[int]) -> Question:
    ranks = [GIVEN_UP_FIRST.index(one.kind) + (one.policy or 0) for one in wanted.all]
    stays = (RequirementKind.STANDS, RequirementKind.LOCKED)
    held = {number for number, one in enumerate(wanted.all) if one.kind in stays and one.shift is not None}
    return Question(
        wanted.highest,
        wanted.days,
        wanted.limits,
        ranks,
        [wanted.number_of_day(one) for one in wanted.all],
        [limit.terms[0][0] for limit, of in wanted.limits if of in held],
        wanted.first_day.weekday(),
        asked,
    )


def question_lines(question: Question, effort: Effort) -> bytes:
    head = {one.name: getattr(question, one.name) for one in fields(question)}
    head |= {"effort": asdict(effort), "limits": len(question.limits)}
    limits = ((limit.terms, limit.most, of) for limit, of in question.limits)
    return b"".join(json.dumps(told).encode() + b"\n" for told in (head, *limits))


def read_question(lines: Iterable[bytes]) -> tuple[Question, Effort]:
    """Reads no further than the last limit."""
    told = iter(lines)
    head = json.loads(next(told))
    effort = Effort(**head.pop("effort"))
    limits = [_owned(next(told)) for _ in range(head.pop("limits"))]
    return Question(limits=limits, **head), effort


def _owned(line: bytes) -> tuple[Limit, int]:
    terms, most, of = json.loads(line)
    return Limit(tuple((variable, factor) for variable, factor in terms), most, MUST), of
