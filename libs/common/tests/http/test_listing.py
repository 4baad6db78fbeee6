"""A list searches by every filter that it declares, and by regencies that are codes."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import Column, MetaData, String, Table

from sigap_common.auth import Access
from sigap_common.http.listing import Listing
from sigap_common.http.paging import Keyset
from sigap_common.messaging.visibility import Policy, regencies_of

things = Table("things", MetaData(), Column("id", String, primary_key=True), Column("regency", String))


def _access(*regencies: str) -> Access:
    return Access("s", frozenset(), frozenset(regencies), None, datetime(2030, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, kw_only=True)
class Filters:
    regency: str | None = None
    colour: str | None = None


def test_a_filter_that_nothing_searches_for_is_refused_when_the_list_is_declared() -> None:
    with pytest.raises(ValueError, match="things for colour"):
        Listing(things, order=Keyset(things.c.id), policy=Policy(), filters=Filters)


def test_a_filter_that_is_no_column_says_how_to_search() -> None:
    Listing(things, order=Keyset(things.c.id), policy=Policy(), filters=Filters, where={"colour": things.c.id.contains})


def test_only_codes_of_regencies_go_on_to_the_database() -> None:
    assert regencies_of(_access("17.71", "\x00", "\ud800", "17.71\n")) == frozenset({"17.71"})
    assert regencies_of(_access("*", "\x00")) is None
