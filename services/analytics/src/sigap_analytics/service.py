"""The use cases of analytics: counting events, and answering queries for figures.

Summing runs in a thread: a query about years must not hold up the calls that the same process serves.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sigap_analytics.domain.catalogue import FIGURES, GROUPS, Facts, Figure, Group
from sigap_analytics.domain.counted_facts import CountedFact
from sigap_analytics.domain.fact_updates import fact_updates
from sigap_analytics.domain.facts import FactUpdate, Kind
from sigap_analytics.domain.figures import Row, rows
from sigap_analytics.domain.periods import Grain, Period
from sigap_analytics.promises import count_promises
from sigap_analytics.questions import Asked
from sigap_analytics.repository import AnalyticsTransaction
from sigap_common.auth import Access
from sigap_common.core.errors import Fault, Invalid, NotFound
from sigap_common.core.workers import SUMS
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.visibility import regencies_of


@dataclass(frozen=True, slots=True)
class Scope:
    """The facts that a query covers: those of one regency, or of all regencies that the token covers."""

    regency: str | None
    period: Period
    drill: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a figure. They include all events that were handled by `as_of`."""

    figure: Figure
    rows: list[Row]
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Summary:
    total: Row
    groups: Mapping[Group, list[Row]]


async def count_events(tx: AnalyticsTransaction, heard: Sequence[ReceivedEvent]) -> None:
    """Merges a batch of events into the facts. Raises NotYet for a regency whose pack has not come."""
    said: dict[Kind, list[FactUpdate]] = defaultdict(list)
    for one in heard:
        for saying in fact_updates(one.event, one.envelope):
            said[saying.kind].append(saying)
    changed = {kind: await tx.facts.add(kind, said[kind]) for kind in Kind if kind in said}
    await count_promises(tx, changed)


def figure(code: str) -> Figure:
    """The figure with this code. Raises NotFound."""
    if (found := FIGURES.get(code)) is None:
        raise NotFound("unknown-figure")
    return found


async def answer(
    view: AnalyticsTransaction, access: Access, asked: Figure, scope: Scope, grain: Grain, group: Group | None
) -> Answer:
    """One figure of a period. Raises Invalid for a wrong period or a group that the figure does not have, NotFound,
    RegencyForbidden.
    """
    scope.period.check(grain)
    if group is not None and group not in asked.groups:
        raise Invalid(errors=[Fault(("query", "group"), "group_unknown", {"expected": list(asked.groups)})])
    question = _question(view, access, scope, grain, [group] if group else [])
    seen = await view.questions.seen(asked.facts, question)
    whole = grain is Grain.TOTAL and group is None
    found = await SUMS.run(_rows, asked, seen, group, whole=whole)
    return Answer(asked, found, view.now())


async def summarise(view: AnalyticsTransaction, access: Access, scope: Scope) -> dict[str, Summary]:
    """All figures of a period, with one query for each kind of facts. Raises the same errors as `answer`."""
    scope.period.check()
    seen = {
        facts: await view.questions.seen(facts, _question(view, access, scope, Grain.TOTAL, GROUPS[facts]))
        for facts in Facts
    }
    return await SUMS.run(_summaries, seen)


def _summaries(seen: Mapping[Facts, Sequence[CountedFact[Any]]]) -> dict[str, Summary]:
    return {code: _summary(figure, seen[figure.facts]) for code, figure in FIGURES.items()}


def _summary(asked: Figure, seen: Sequence[CountedFact[Any]]) -> Summary:
    total = _rows(asked, seen, None, whole=True)[0]
    return Summary(total, {group: _rows(asked, seen, group) for group in asked.groups})


def _rows(asked: Figure, seen: Sequence[CountedFact[Any]], group: Group | None, *, whole: bool = False) -> list[Row]:
    return rows(seen, asked.measure, asked.value, group=group, timed=asked.timed, whole=whole)


def _question(view: AnalyticsTransaction, access: Access, scope: Scope, grain: Grain, groups: Sequence[Group]) -> Asked:
    return Asked(_regencies(view, access, scope.regency), scope.period, view.now(), grain, groups, scope.drill)


def _regencies(view: AnalyticsTransaction, access: Access, regency: str | None) -> frozenset[str] | None:
    view.require_known(access, regency)
    return regencies_of(access) if regency is None else frozenset({regency})
