"""A program in lines of JSON, from the service to the solving process: a head, and one line for each limit.

One text for all of it would keep the event loop waiting while it is written, for some tenths of a second.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sigap_roster.domain.program import Limit, Program, Tier
from sigap_roster.domain.program.limits import Price


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
    head |= {"days": program.days, "limits": len(program.limits)}
    return b"".join(json.dumps(told).encode() + b"\n" for told in (head, *program.limits))


def read_lines(lines: Iterable[bytes]) -> tuple[Program, Effort]:
    """Reads no further than the last limit."""
    told = iter(lines)
    head = json.loads(next(told))
    limits = [_limit(next(told)) for _ in range(head["limits"])]
    return Program(head["highest"], limits, head["hint"], head["days"]), Effort(**head["effort"])


def _limit(line: bytes) -> Limit:
    terms, most, (cost, unit, tier) = json.loads(line)
    return Limit(tuple((variable, factor) for variable, factor in terms), most, Price(cost, unit, Tier(tier)))
