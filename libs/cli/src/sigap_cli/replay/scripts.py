"""Scripts: the requests of a simulated operator for each call, which are computed before the replay begins."""

import hashlib
import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sigap_cli.replay.mapping import ReplayMap
from sigap_cli.replay.rows import Row

# Seconds after the call came in: a plausible handling, the same for every row.
ANSWERED, LOCATED, CLASSIFIED, ENDED = 5, 25, 35, 60

WITH_NUMBER = 0.8
"""Share of generated calls that show a number."""

OTHER_CLASSES = (
    "non_emergency",
    "information",
    "prank",
    "wrong_number",
    "silent",
    "out_of_zone",
    "line_test",
)
TALK = {
    "non_emergency": "Lampu jalan padam sejak kemarin",
    "information": "Bertanya jam buka puskesmas",
    "prank": "Tertawa lalu menutup telepon",
}
SILENT = {"step": "greet", "heard": "hung_up"}
"""The procedure for silent calls ends when the caller hangs up."""

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One request about a call. `done` tells from the call, as the API shows it, whether the request is no longer
    needed.
    """

    what: str
    body: Body
    done: Callable[[Body], bool]


@dataclass(frozen=True, slots=True)
class Script:
    """The requests of one call. `due`: seconds after the beginning of the replay. `row`: 0 for a generated call.
    `place`: its position in the order.
    """

    id: str
    row: int
    place: float
    due: float
    receive: Body
    steps: tuple[Step, ...]

    @property
    def incident_type(self) -> str | None:
        """The kind of incident that the call is classified as; None for a generated call, which is no emergency."""
        return next((step.body.get("incident_type") for step in self.steps if step.what == "classification"), None)

    def key(self, what: str, body: Body) -> str:
        """The Idempotency-Key of a request. It is the same in every run, and differs for different contents."""
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:12]
        return f"{self.id}-{what}-{digest}"


def of_rows(rows: Sequence[Row], how: ReplayMap, regency: str, due: Sequence[float]) -> list[Script]:
    return [_of_row(place, row, how, regency, at) for place, (row, at) in enumerate(zip(rows, due, strict=True))]


def _of_row(place: int, row: Row, how: ReplayMap, regency: str, due: float) -> Script:
    own = {"number": row.caller_number, "caller_name": row.caller_name}
    receive = {
        "regency": regency,
        "channel": how.channel,
        "exchange_id": row.id,
        **({"received_at": row.at.isoformat(), "backfilled": True, "notify": how.notify} if how.backfilled else {}),
        **{name: value for name, value in own.items() if value},
    }

    def at(seconds: int) -> Body:
        return {"at": (row.at + timedelta(seconds=seconds)).isoformat()} if how.backfilled else {}

    # Tables write 0,0 for an unknown position. As coordinates it would be refused.
    lat, lon = (row.lat, row.lon) if row.lat or row.lon else (None, None)
    where = {"lat": lat, "lon": lon, "address": row.address}
    known = {name: value for name, value in where.items() if value is not None}
    kind = {"call_class": "emergency", "incident_type": row.incident_type}
    steps = (
        Step("answer", at(ANSWERED), _answered),
        *([Step("location", known | at(LOCATED), _located)] if known else []),
        Step("classification", kind | at(CLASSIFIED), _classified),
        Step("end", {"ended_by": "caller"} | at(ENDED), _ended),
    )
    return Script(row.id, row.number, place, due, receive, steps)


def generated(count: int, seed: int, regency: str, among: Sequence[Script], run: str) -> list[Script]:
    """`count` calls of every class but emergency, not backfilled, each just after a script drawn from `among`.

    `run` names the file they are mixed into: the same file and seed give the same calls.
    """
    draw = random.Random(f"{run}-{seed}")  # noqa: S311
    return [_of_chance(n, draw, regency, draw.choice(among), f"mix-{run}-{seed}-{n + 1}") for n in range(count)]


def _of_chance(n: int, draw: random.Random, regency: str, after: Script, script_id: str) -> Script:
    call_class = OTHER_CLASSES[n % len(OTHER_CLASSES)]
    receive = {"regency": regency, "channel": "telephone", "exchange_id": script_id}
    if draw.random() < WITH_NUMBER:
        receive["number"] = f"+62812{draw.randrange(10**7, 10**8)}"
    note = TALK.get(call_class)
    steps = (
        Step("answer", {}, _answered),
        *([Step("notes", {"text": note}, lambda call: bool(call["notes"]))] if note else []),
        *([Step("silent-steps", SILENT, lambda call: bool(call.get("sop")))] if call_class == "silent" else []),
        Step("classification", {"call_class": call_class}, _classified),
        Step("end", {"ended_by": draw.choice(("caller", "operator"))}, _ended),
    )
    return Script(script_id, 0, after.place + 0.5, after.due, receive, steps)


def in_order(*scripts: Iterable[Script]) -> list[Script]:
    return sorted((script for some in scripts for script in some), key=lambda script: script.place)


def _answered(call: Body) -> bool:
    return call["answered_at"] is not None


def _located(call: Body) -> bool:
    return call["location"] is not None


def _classified(call: Body) -> bool:
    return call["call_class"] is not None


def _ended(call: Body) -> bool:
    return call["ended_at"] is not None
