"""docs/forwarding-states.md names each state of a forwarding that the two services know, and no other."""

import re
from pathlib import Path

from sigap_agency_gateway.domain.forwarding import State
from sigap_dispatch.domain.state.forwarding import ForwardingState

PAGE = Path(__file__).parents[2] / "docs/forwarding-states.md"


BOARD = {state.value for state in ForwardingState}
LIST = {state.value for state in State}


def column(heading: str, number: int) -> set[str]:
    """The states in this column of the table below the heading; a dash names none."""
    section = PAGE.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1:-1] for line in section.splitlines() if line.startswith("| ")]
    return {found for row in rows for found in re.findall(r"`(\w+)`", row[number])}


def test_the_page_names_each_state_of_the_board() -> None:
    assert column("Both sides", 0) == BOARD


def test_the_page_names_each_state_of_the_list() -> None:
    assert column("Both sides", 1) == LIST


def test_the_page_says_what_people_see_in_each_state() -> None:
    assert column("What the dispatcher sees", 0) == BOARD
    assert column("What the agency sees", 0) == LIST
