"""Places by their names, as one types them."""

import random
from pathlib import Path
from typing import Any

import pytest

from sigap_common.regency import Place, load_pack
from sigap_common.regency.geometry import Point
from sigap_intake.domain.gazetteer import COMPARED, Gazetteer, plain, radius_of


def a_place(name: str, kind: str = "landmark", lat: float = -3.79, lon: float = 102.26, **told: Any) -> Place:
    return Place.model_validate({"name": name, "kind": kind, "lat": lat, "lon": lon, **told})


PLACES = (
    a_place("Masjid Jamik Bengkulu", aliases=["Masjid Soekarno"]),
    a_place("Jalan Suprapto", "road"),
    a_place("Jalan Soekarno-Hatta", "road"),
    a_place("Pasar Minggu"),
    a_place("Pasar Panorama"),
    a_place("Kecamatan Ratu Samban", "kecamatan"),
    a_place("Kelurahan Anggut Atas", "kelurahan"),
    a_place("Rumah Sakit M. Yunus", aliases=["RSUD M Yunus"]),
    a_place("RT 03 RW 05 Anggut Atas", "rt"),
    a_place("RT 13 RW 05 Anggut Atas", "rt"),
    a_place("Café Éxcelso"),
)
GAZETTEER = Gazetteer(PLACES)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("masjid jam", "Masjid Jamik Bengkulu"),
        ("mesjid jamik", "Masjid Jamik Bengkulu"),
        ("jamik", "Masjid Jamik Bengkulu"),
        ("masjid sukarno", "Masjid Jamik Bengkulu"),
        ("jl supr", "Jalan Suprapto"),
        ("Jl. Suprato", "Jalan Suprapto"),
        ("jln.soekarno hatta", "Jalan Soekarno-Hatta"),
        ("psr mingg", "Pasar Minggu"),
        ("panorma", "Pasar Panorama"),
        ("kec ratu samban", "Kecamatan Ratu Samban"),
        ("anggut atas", "Kelurahan Anggut Atas"),
        ("rs yunus", "Rumah Sakit M. Yunus"),
        ("rsud m yunus", "Rumah Sakit M. Yunus"),
        ("rt 3/rw 5 anggut", "RT 03 RW 05 Anggut Atas"),
        ("RT.013 RW.05", "RT 13 RW 05 Anggut Atas"),
        ("cafe excel", "Café Éxcelso"),
        ("minggu pasar", "Pasar Minggu"),
    ],
)
def test_the_first_is_the_one_that_is_meant(typed: str, name: str) -> None:
    assert GAZETTEER.search(typed, 5)[0].place.name == name


@pytest.mark.parametrize("typed", ["", " ", "zzzz qqq", "\u0000", "...", "x" * 10_000])
def test_what_is_like_nothing_finds_nothing(typed: str) -> None:
    assert GAZETTEER.search(typed, 5) == []
    assert Gazetteer(()).search("pasar", 5) == []


def test_a_place_is_found_once_by_its_best_name() -> None:
    found = GAZETTEER.search("masjid", 10)
    assert [match.place.name for match in found].count("Masjid Jamik Bengkulu") == 1


def test_of_equal_names_the_nearer_comes_first() -> None:
    two = Gazetteer([a_place("Pasar Baru", lat=-3.5), a_place("Pasar Baru", lat=-3.79)])
    assert [match.place.lat for match in two.search("pasar baru", 5, Point(-3.79, 102.26))] == [-3.79, -3.5]
    assert [match.place.lat for match in two.search("pasar baru", 5, Point(-3.5, 102.26))] == [-3.5, -3.79]


def test_a_name_is_found_among_very_many_that_are_alike() -> None:
    many = [a_place(f"Gang Mawar {n}", "road") for n in range(20 * COMPARED)]
    found = Gazetteer([*many, a_place("Gang Mawar Putih", "road")]).search("gg mawar puti", 3)
    assert found[0].place.name == "Gang Mawar Putih"


def test_with_a_slip_anywhere_most_names_are_still_first() -> None:
    chance = random.Random(112)
    syllables = ["su", "ma", "ra", "ti", "an", "do", "ka", "pu", "lo", "bi", "ne", "ga"]
    names = sorted({"Jalan " + "".join(chance.choices(syllables, k=4)).title() for _ in range(2_000)})
    gazetteer, right = Gazetteer([a_place(name, "road") for name in names]), 0
    for name in chance.sample(names, 200):
        at = chance.randrange(6, len(name))
        slipped = name[:at] + name[at + 1 :]
        right += name in [match.place.name for match in gazetteer.search(slipped, 5)]
    assert right >= 190


def test_the_radius_is_the_packs_or_that_of_its_kind() -> None:
    assert radius_of(a_place("Pasar")) == 100
    assert radius_of(a_place("Kecamatan", "kecamatan")) == 5_000
    assert radius_of(a_place("Pantai", "beach")) == 500
    assert radius_of(a_place("Pantai", "beach", radius_m=1_200)) == 1_200


def test_names_are_compared_without_case_accents_and_abbreviations() -> None:
    assert plain("  JL. Jend.  Sudirman, RT.003/RW 010 ") == "jalan jend sudirman rt 3 rw 10"


KECAMATAN = {"14.71": 15, "17.71": 9, "18.72": 5, "64.74": 3}


@pytest.mark.parametrize("file", sorted((Path(__file__).parents[3] / "regencies").glob("*.yaml")), ids=lambda f: f.stem)
def test_each_name_of_a_shipped_pack_is_found_and_says_how_uncertain_it_is(file: Path) -> None:
    """Nobody has measured these places, so none has the small circle that is usual for its kind."""
    pack = load_pack(file)
    gazetteer = Gazetteer(pack.gazetteer)
    for place in pack.gazetteer:
        assert radius_of(place) >= 500, place.name
        for name in (place.name, *place.aliases):
            assert place in [match.place for match in gazetteer.search(name, 2)], name
    kinds = [place.kind for place in pack.gazetteer]
    assert kinds.count("kecamatan") == KECAMATAN[pack.code]
    assert {"kecamatan", "landmark"} <= set(kinds)
