"""The counters of the two promises: each case once, in whatever order its events come."""

from itertools import permutations

from sigap_testing.kit import Kit

from .conftest import History, Tell


def counted(kit: Kit, promise: str) -> tuple[float, float]:
    """Kept, and cases."""
    registry = kit.runtime.metrics.registry

    def value(name: str) -> float:
        found = registry.get_sample_value(name, {"promise": promise})
        assert found is not None
        return found

    return value("sigap_promise_kept_total"), value("sigap_promise_cases_total")


async def test_before_any_event_both_promises_stand_at_zero(kit: Kit) -> None:
    assert counted(kit, "answered") == (0, 0)
    assert counted(kit, "told") == (0, 0)


async def test_a_call_is_a_case_when_it_is_answered_or_given_up(kit: Kit, history: History, tell: Tell) -> None:
    history.call("10:00:00", answered=15)
    history.call("10:01:00", answered=15.001)
    history.call("10:02:00", abandoned=4)
    history.call("10:03:00")
    history.call("10:04:00", answered=3, drill=True)
    history.call("10:05:00", backfilled=True)
    await tell(history)
    assert counted(kit, "answered") == (1, 3)
    await tell(history)
    assert counted(kit, "answered") == (1, 3), "events that come again count once"


async def test_a_second_answer_of_one_call_is_no_case_of_its_own(kit: Kit, history: History, tell: Tell) -> None:
    call = history.call("10:00:00", answered=3)
    await tell(history)
    history.answer(call, history.moment("10:00:00"), 40)
    await tell(history)
    assert counted(kit, "answered") == (1, 1)


async def test_an_incident_is_a_case_at_once_and_is_kept_by_its_first_delivery_alone(
    kit: Kit, history: History, tell: Tell
) -> None:
    incident = history.incident("10:00:10", answered="10:00:00")
    first, second = history.forward(incident, "10:00:11"), history.forward(incident, "10:00:11", "polisi")
    await tell(history)
    assert counted(kit, "told") == (0, 1)
    history.deliver(incident, first, "10:00:30")
    await tell(history)
    history.deliver(incident, second, "10:00:12")
    await tell(history)
    assert counted(kit, "told") == (1, 1)


async def test_what_is_told_late_or_never_is_missed(kit: Kit, history: History, tell: Tell) -> None:
    late = history.incident("10:00:10", answered="10:00:00")
    history.deliver(late, history.forward(late, "10:00:11"), "10:00:30.001")
    history.incident("10:02:10", answered="10:02:00")
    drill = history.incident("10:03:10", answered="10:03:00", drill=True)
    history.deliver(drill, history.forward(drill, "10:03:11"), "10:03:12")
    history.incident("10:04:10")
    await tell(history)
    assert counted(kit, "told") == (0, 2)


async def test_the_order_of_topics_does_not_matter(kit: Kit, history: History, tell: Tell) -> None:
    orders = list(permutations(range(3)))
    for order in orders:
        history.heard.clear()
        incident = history.incident("10:00:10", answered="10:00:00")
        history.deliver(incident, history.forward(incident, "10:00:11"), "10:00:12")
        said = list(history.heard)
        for n in order:
            history.heard[:] = [said[n]]
            await tell(history)
    assert counted(kit, "told") == (len(orders), len(orders))
