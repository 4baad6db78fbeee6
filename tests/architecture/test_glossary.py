"""docs/glossary.md gives one meaning to each term, and names what the code names: states and the nouns of events."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

import sigap_agency_gateway.domain
import sigap_analytics.domain
import sigap_common.contracts
import sigap_dispatch.domain
import sigap_intake.domain
import sigap_roster.domain
from sigap_common.contracts.registry import event_types

PAGE = Path(__file__).parents[2] / "docs/glossary.md"
DOMAINS = (
    sigap_agency_gateway.domain,
    sigap_analytics.domain,
    sigap_common.contracts,
    sigap_dispatch.domain,
    sigap_intake.domain,
    sigap_roster.domain,
)
LIKE_STATES = {"Outcome", "Overtaken", "AlarmKind"}
"""StrEnums whose names do not end in State, and whose values are states all the same."""


def sections() -> list[str]:
    return PAGE.read_text().split("\n## ")[1:]


def rows(section: str) -> list[tuple[str, str]]:
    """Term and Indonesian of each row of the section's table, without its head."""
    cells = [line.split("|") for line in section.splitlines() if line.startswith("| ")]
    return [(row[1].strip().strip("`"), row[2].strip()) for row in cells[1:]]


def enums_named(section: str) -> list[str]:
    line = next((line for line in section.splitlines() if line.startswith("Code: ")), "")
    return re.findall(r"`([\w.]+)`", line)


def state_sections() -> list[str]:
    return [section for section in sections() if enums_named(section)]


def terms() -> list[str]:
    return [term for section in sections() if not enums_named(section) for term, _ in rows(section)]


def enums() -> Iterator[type[StrEnum]]:
    """Every StrEnum that a service's domain, or a contract, declares."""
    for package in DOMAINS:
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            for value in vars(importlib.import_module(found.name)).values():
                if isinstance(value, type) and issubclass(value, StrEnum) and value.__module__ == found.name:
                    yield value


def state_enums() -> list[type[StrEnum]]:
    return [enum for enum in enums() if enum.__name__.endswith("State") or enum.__name__ in LIKE_STATES]


def name_of(enum: type[StrEnum]) -> str:
    return f"{enum.__module__}.{enum.__name__}"


def catalogue_words(package: str) -> dict[str, str]:
    loaded = yaml.safe_load((files(package) / "texts/id.yaml").read_text())
    words: dict[str, str] = loaded.get("words", {})
    return words


def test_no_term_is_there_twice() -> None:
    assert sorted(terms()) == sorted(set(terms()))


def test_each_term_has_indonesian() -> None:
    for section in sections():
        assert [term for term, indonesian in rows(section) if indonesian in {"", "-"}] == []


def test_each_enum_of_states_has_a_table() -> None:
    named = [name for section in state_sections() for name in enums_named(section)]
    assert sorted(named) == sorted(name_of(enum) for enum in state_enums())


@pytest.mark.parametrize("section", state_sections(), ids=lambda section: section.splitlines()[0])
def test_a_table_has_the_states_of_its_enums_and_no_other(section: str) -> None:
    values = {value.value for enum in state_enums() if name_of(enum) in enums_named(section) for value in enum}
    assert sorted(state for state, _ in rows(section)) == sorted(values)


@pytest.mark.parametrize("section", state_sections(), ids=lambda section: section.splitlines()[0])
def test_the_indonesian_of_a_state_is_that_of_the_catalogue(section: str) -> None:
    packages = {name.partition(".")[0] for name in enums_named(section)}
    packages = {"sigap_dispatch" if package == "sigap_common" else package for package in packages}
    words = {key: text for package in packages for key, text in catalogue_words(package).items()}
    own = [name for name in enums_named(section) if not name.endswith((".Overtaken", ".AlarmKind"))]
    differing = {state: words[state] for state, text in rows(section) if own and words.get(state, text) != text}
    assert differing == {}


def test_the_noun_of_each_event_is_there() -> None:
    """The noun is an event name's first word: `call` of CallReceived, `answered` of AnsweredElsewhere."""
    known = set(terms()) | {state for section in state_sections() for state, _ in rows(section)}
    nouns = {re.findall(r"[A-Z][a-z]*", event.__name__)[0].lower() for event in event_types()}
    assert nouns - known == set()
