"""The week of Lebaran by the rules of each city's own pack, from spreadsheets to the wall. What is published is counted
apart from the rules and the solver. `python -m tests.load lebaran` does the same for the whole month.
"""

from datetime import date
from pathlib import Path

import pytest
from services.roster.tests.lebaran import PACKS, pack_of, published

from sigap_testing.kit import Kit

WEEK = (date(2027, 3, 8), date(2027, 3, 14))


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
async def test_the_week_of_lebaran_is_full_and_legal_in_each_city(kit: Kit, path: Path) -> None:
    plan = await published(kit, pack_of(path), 5, WEEK)
    assert plan.broken == set()
    assert plan.open_seats == 0
    assert "Tidak ada tempat kosong" in plan.page
    assert "8 Nyepi (Tahun Baru Saka 1949); 9 Cuti bersama Idulfitri 1448 H; 10–11 Idulfitri 1448 H" in plan.page


async def test_nobody_has_overtime_who_did_not_agree_to_it(kit: Kit) -> None:
    metro = next(path for path in PACKS if "metro" in path.stem)
    plan = await published(kit, pack_of(metro), 5, WEEK)
    nights = plan.nights()
    assert nights["Nurhayati"] == 0, "a night of nine hours has two of overtime"
    assert sum(nights.values()) == 14, "the others have all of them"
