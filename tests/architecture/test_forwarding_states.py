"""docs/forwarding-states.md names each state of a forwarding that the two services know, and no other."""

import re
from pathlib import Path

from sigap_agency_gateway.domain.forwarding import State
from sigap_dispatch.domain.state import ForwardingState

PAGE = Path(__file__).parents[2] / "docs/forwarding-states.md"


def column(number: int) -> set[str]:
    """The states in this column of the page's table; a dash names none."""
    rows = [line.split("|")[1:-1] for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    return {found for row in rows for found in re.findall(r"`(\w+)`", row[number])}


def test_the_page_names_each_state_of_the_board() -> None:
    assert column(0) == {state.value for state in ForwardingState}


def test_the_page_names_each_state_of_the_list() -> None:
    assert column(1) == {state.value for state in State}
