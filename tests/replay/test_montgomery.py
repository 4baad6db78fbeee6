"""The dispatch log of a county is read whole, as calls of one regency."""

import os
from pathlib import Path

import pytest

from sigap_cli.replay.mapping import load_map
from sigap_cli.replay.rows import Row, read_rows
from sigap_common.regency import Pack, load_pack

HERE = Path(__file__).parent
DATA = Path(os.environ.get("SIGAP_TEST_DATA", HERE.parents[2] / "shared" / "data"))
LOG = DATA / "calls" / "montgomery-34-days.csv"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(HERE / "montgomery.yaml")


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    if not LOG.exists():
        pytest.skip(f"the county's log is not at {LOG}; set SIGAP_TEST_DATA")
    return read_rows(LOG, load_map(HERE / "montgomery.map.yaml"))


def test_every_row_is_a_call_of_its_own(rows: list[Row]) -> None:
    assert len({row.id for row in rows}) == len(rows) == 3051
    assert len({row.at.date() for row in rows}) >= 34


def test_every_kind_is_known_and_some_agency_is_told_of_it(rows: list[Row], pack: Pack) -> None:
    kinds = {(row.incident_type, kind.priority) for row in rows if (kind := pack.incident_type(row.incident_type))}
    assert {row.incident_type for row in rows} == {kind for kind, _ in kinds}
    assert all(pack.plan_for(kind, priority) for kind, priority in kinds)


def test_every_row_lies_in_the_zone(rows: list[Row]) -> None:
    assert all(-75.72 < (row.lon or 0) < -75.02 and 39.97 < (row.lat or 0) < 40.43 for row in rows)
