"""Jobs: each sweep has a row of its own."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import false

from sigap_common.messaging.jobs import DeletionSweep
from sigap_common.regency.in_force import PacksInForce
from sigap_testing.kit import started
from sigap_testing.sample.main import doors, service


def no_doors(_: PacksInForce) -> DeletionSweep:
    """A sweep under the name of one that every service has."""
    return DeletionSweep("inbox", doors, lambda _: false())


async def test_two_sweeps_of_one_name_are_refused(tmp_path: Path) -> None:
    """They would share a row: whichever comes second would never be due."""
    with pytest.raises(ValueError, match="inbox"):
        async with started(replace(service, sweeps=(no_doors,)), f"sqlite+aiosqlite:///{tmp_path / 'own'}", tmp_path):
            pass
