"""docs/glossary.md gives one meaning to each term, and names each state of a forwarding."""

from pathlib import Path

from sigap_agency_gateway.domain.forwarding import State
from sigap_dispatch.domain.state import ForwardingState

PAGE = Path(__file__).parents[2] / "docs/glossary.md"


def terms() -> list[str]:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    return [row.split("|")[1].strip().strip("`") for row in rows]


def test_no_term_is_there_twice() -> None:
    assert sorted(terms()) == sorted(set(terms()))


def test_each_state_of_a_forwarding_is_there() -> None:
    states = {state.value for state in [*ForwardingState, *State]}
    assert states - set(terms()) == set()
