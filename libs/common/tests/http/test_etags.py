"""Where two people can edit, whoever changes says what they read last."""

import pytest

from sigap_common.core.errors import BadRequest, PreconditionFailed, PreconditionRequired
from sigap_common.http.etags import Expected, etag, expected


@pytest.mark.parametrize("tags", [None, {'"3"'}, {'"2"', '"3"'}, {"*"}])
def test_what_was_read_last_may_be_changed(tags: set[str] | None) -> None:
    Expected(frozenset(tags) if tags is not None else None).check(3)


@pytest.mark.parametrize("tags", [{'"2"'}, {"3"}, {""}, set()])
def test_what_somebody_changed_since_is_not_overwritten(tags: set[str]) -> None:
    with pytest.raises(PreconditionFailed):
        Expected(frozenset(tags)).check(3)


@pytest.mark.parametrize("if_match", ['"3"', 'W/"3"', '"1", W/"3"', "*"])
def test_a_tag_that_an_edge_made_weak_is_the_same(if_match: str) -> None:
    expected(if_match).check(3)
    expected(if_match).require().check(3)


def test_who_does_not_say_what_they_read_is_asked_where_it_is_demanded() -> None:
    expected(None).check(3)
    with pytest.raises(PreconditionRequired) as refused:
        expected(None).require("regency-exists")
    assert refused.value.reason == "regency-exists"


def test_the_version_is_the_tag() -> None:
    assert etag(3) == {"ETag": '"3"'}


@pytest.mark.parametrize("if_match", ["3", "abc", '"3", 4', ""])
def test_what_is_no_tag_is_no_tag_rather_than_a_change_of_somebody_elses(if_match: str) -> None:
    with pytest.raises(BadRequest):
        expected(if_match)
