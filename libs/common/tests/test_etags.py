"""Where two people can edit, whoever changes says what they read last."""

import pytest

from sigap_common.etags import Expected, etag
from sigap_common.problems import PreconditionFailed


@pytest.mark.parametrize("tags", [None, {'"3"'}, {'"2"', '"3"'}, {"*"}])
def test_what_was_read_last_may_be_changed(tags: set[str] | None) -> None:
    Expected(frozenset(tags) if tags is not None else None).check(3)


@pytest.mark.parametrize("tags", [{'"2"'}, {"3"}, {""}, set()])
def test_what_somebody_changed_since_is_not_overwritten(tags: set[str]) -> None:
    with pytest.raises(PreconditionFailed):
        Expected(frozenset(tags)).check(3)


def test_the_version_is_the_tag() -> None:
    assert etag(3) == {"ETag": '"3"'}
