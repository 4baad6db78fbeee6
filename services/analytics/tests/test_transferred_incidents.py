"""An incident that another regency handed over counts there, and here only as received by transfer."""

from random import Random
from uuid import UUID, uuid4

import pytest

from sigap_common.contracts.incidents import ReceivedFrom

from .conftest import EAST, WEST, Ask, History, Tell, share


def taken_over(history: History, at: str, incident: UUID, kind: str = "fire") -> UUID:
    came_from = ReceivedFrom(offer_id=uuid4(), regency=WEST, incident_id=incident, number="T-1")
    return history.incident(at, kind=kind, received_from=came_from)


@pytest.mark.parametrize("shuffled", [None, Random(7)])
async def test_the_nation_counts_it_once_and_each_regency_its_own_part(
    history: History, eastern: History, tell: Tell, ask: Ask, shuffled: Random | None
) -> None:
    sent = history.incident("10:00:10", answered="10:00:00")
    history.incident("10:05:10", answered="10:05:00")
    taken_over(eastern, "12:01:00", sent)
    eastern.incident("12:10:10", answered="12:10:00", kind="medical")
    await tell(history, eastern, shuffled=shuffled)
    for regency, own, received in ((WEST, 2, 0), (EAST, 1, 1), (None, 3, 1)):
        (incidents,) = await ask("incidents", regency=regency)
        (by_transfer,) = await ask("incidents_received_by_transfer", regency=regency)
        assert (share(incidents), share(by_transfer)) == ((own, own), (received, received)), regency


async def test_it_is_in_no_figure_of_answered_calls_here_and_counts_by_kind(
    eastern: History, tell: Tell, ask: Ask
) -> None:
    incident = taken_over(eastern, "12:01:00", uuid4())
    eastern.forward(incident, "12:01:05")
    await tell(eastern)
    (row,) = await ask("incidents_received_by_transfer", regency=EAST, group="kind")
    assert (row["group"], share(row)) == ("fire", (1, 1))
    (promise,) = await ask("promise_30s", regency=EAST)
    assert share(promise) == (0, 0)
    (forwardings,) = await ask("forwardings", regency=EAST)
    assert share(forwardings) == (1, 1)


async def test_one_that_was_merged_into_an_own_incident_is_not_counted_beside_it(
    eastern: History, tell: Tell, ask: Ask
) -> None:
    own = eastern.incident("12:00:10", answered="12:00:00")
    eastern.merge(taken_over(eastern, "12:01:00", uuid4()), own, "12:02:00", "12:00:00")
    await tell(eastern)
    counts = [share((await ask(code, regency=EAST))[0]) for code in ("incidents", "incidents_received_by_transfer")]
    assert counts == [(1, 1), (0, 0)]
