"""Regencies are called by their names, and lend each other their agencies if both packs say so."""

import pytest

from sigap_common.regency import Pack
from sigap_common.regency.by_section import split
from sigap_testing.packs import in_force


def a_pack(code: str, name: str = "Kota Contoh", **told: object) -> Pack:
    return Pack.model_validate({"code": code, "name": name, "time_zone": "Asia/Jakarta", "prefix": "CTH", **told})


def test_a_regency_has_its_name_and_its_code_only_if_another_one_has_the_same_name() -> None:
    packs = in_force(a_pack("99.01"), a_pack("99.02", "Kota Tetangga"))
    assert (packs.name_of("99.01"), packs.name_of("99.02")) == ("Kota Contoh", "Kota Tetangga")
    packs = in_force(a_pack("99.01"), a_pack("99.02"))
    assert (packs.name_of("99.01"), packs.name_of("99.02")) == ("Kota Contoh (99.01)", "Kota Contoh (99.02)")


def test_a_name_is_told_without_its_code_again_once_another_regency_gave_it_up() -> None:
    packs = in_force(a_pack("99.01"), a_pack("99.02"))
    packs.keep(2, "99.02", split(a_pack("99.02", "Kota Tetangga")))
    assert (packs.name_of("99.01"), packs.name_of("99.02")) == ("Kota Contoh", "Kota Tetangga")
    packs.keep(3, "99.02", split(a_pack("99.02")))
    packs.keep(3, "99.02", split(a_pack("99.02", "Kota Tetangga")))
    assert (packs.name_of("99.01"), packs.name_of("99.02")) == ("Kota Contoh (99.01)", "Kota Contoh (99.02)")
    packs.keep(2, "99.01", split(a_pack("99.01")))
    packs.keep(4, "99.02", split(a_pack("99.02", "Kota Baru")))
    assert (packs.name_of("99.01"), packs.name_of("99.02")) == ("Kota Contoh", "Kota Baru")


def test_what_is_no_code_of_a_regency_has_no_name() -> None:
    packs = in_force(a_pack("99.01"))
    assert [packs.name_of(text) for text in ("99.66", "", "Kota Contoh", "99.01/fire")] == [None] * 4


@pytest.mark.parametrize(
    ("here", "there", "retired", "lends"),
    [
        (["99.02"], ["99.01"], False, ["99.02"]),
        (["99.02"], ["99.01"], True, []),
        (["99.02"], [], False, []),
        ([], ["99.01"], False, []),
    ],
)
def test_a_regency_in_service_lends_its_agencies_if_both_packs_name_each_other(
    here: list[str], there: list[str], retired: bool, lends: list[str]
) -> None:
    own = a_pack("99.01", mutual_aid=here)
    packs = in_force(own, a_pack("99.02", mutual_aid=there, retired=retired))
    assert [pack.code for pack in packs.lenders(own)] == lends
