"""What a refusal says is wrong."""

import pytest

from sigap_common.core.errors import Fault, Invalid


def faults_of(refused: pytest.ExceptionInfo[Invalid]) -> list[Fault]:
    """The faults that are named, of a refusal that the domain raised: it has no finished texts."""
    found: list[Fault] = []
    for error in refused.value.errors:
        assert isinstance(error, Fault), error
        found.append(error)
    return found
