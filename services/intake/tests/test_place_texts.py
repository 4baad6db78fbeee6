"""What people paste and type as a place, and what is read of it."""

import pytest

from sigap_common.contracts.fixes import FixSource
from sigap_intake.domain.place_texts import read
from sigap_intake.domain.positions import NoPosition

BENGKULU = (-3.7956, 102.2592)
LAT, LON = -3.79558, 102.25917


@pytest.mark.parametrize(
    "text",
    [
        "-3.79558, 102.25917",
        "-3.79558 102.25917",
        "-3.79558;102.25917",
        "(-3.79558, 102.25917)",
        "lokasi saya di -3.79558, 102.25917 tolong cepat",
        "\u22123.79558\u00a0102.25917",
        "-3,79558 102,25917",
        "-3,79558; 102,25917",
        "-3,79558, 102,25917",
        "-3,79558,102,25917",
        "3,79558 LS 102,25917 BT",
        "3.79558\u00b0 LS, 102.25917\u00b0 BT",
        "LS 3.79558 BT 102.25917",
        "3.79558 Lintang Selatan 102.25917 Bujur Timur",
        "3.79558 S 102.25917 E",
        "S 3.79558, E 102.25917",
        "102.25917 BT, 3.79558 LS",
        "E102.25917 S3.79558",
        "lat: -3.79558, lon: 102.25917",
        "Longitude 102.25917 Latitude -3.79558",
        "3\u00b047'44.1\"S 102\u00b015'33.0\"E",
        "3\u00b047\u203244.1\u2033LS 102\u00b015\u203233.0\u2033BT",
        "3\u00b0 47' 44,1\" LS; 102\u00b0 15' 33,0\" BT",
        "3 47 44.1 S 102 15 33.0 E",
        "3\u00b047.735'S, 102\u00b015.550'E",
    ],
)
def test_coordinates_in_any_usual_notation(text: str) -> None:
    found = read(text, None)
    assert found is not None
    source, position = found
    assert source is FixSource.COORDINATES
    assert (position.lat, position.lon) == pytest.approx((LAT, LON), abs=2e-4)
    assert 10 <= position.uncertainty_m < 50


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("https://maps.google.com/?q=-3.79558,102.25917", 25),
        ("https://maps.google.com/maps?q=-3.79558%2C102.25917&z=17&hl=id", 25),
        ("https://www.google.com/maps/search/?api=1&query=-3.79558,102.25917", 25),
        ("https://www.google.com/maps/@-3.79558,102.25917,17z", 250),
        ("https://www.google.com/maps/place/Masjid+Jamik/@-3.8,102.3,17z/data=!3m1!4b1!8m2!3d-3.79558!4d102.25917", 25),
        ("https://www.google.com/maps/dir//-3.79558,102.25917", 25),
        ("https://www.google.co.id/maps/search/-3.79558,+102.25917?sa=X", 25),
        ("https://www.openstreetmap.org/?mlat=-3.79558&mlon=102.25917#map=17/-3.9/102.3", 25),
        ("https://www.openstreetmap.org/#map=17/-3.79558/102.25917", 250),
        ("https://maps.apple.com/?ll=-3.79558,102.25917&q=Pasar", 25),
        ("https://waze.com/ul?ll=-3.79558,102.25917&navigate=yes", 25),
        ("geo:-3.79558,102.25917", 25),
        ("geo:-3.79558,102.25917;u=120", 120),
        ("geo:-3.79558,102.25917,14;crs=wgs84;u=12.5", 12.5),
        ("GEO:0,0?q=-3.79558,102.25917(Pasar Minggu)", 25),
        ("geo:0,0?q=-3.79558%2C102.25917", 25),
        ("Lokasi saya: https://maps.google.com/?q=-3.79558,102.25917. Cepat!", 25),
    ],
)
def test_a_pasted_map_link(text: str, wanted: float) -> None:
    found = read(text, None)
    assert found is not None
    source, position = found
    assert (source, position.lat, position.lon) == (FixSource.MAP_LINK, LAT, LON)
    assert position.uncertainty_m == wanted


@pytest.mark.parametrize(
    "text",
    ["6P846735+QM", "6p846735+qm", "kami di 6P846735+QM dekat pasar", "6735+QM", "6735+QM Bengkulu"],
)
def test_plus_codes_full_and_short(text: str) -> None:
    found = read(text, BENGKULU)
    assert found is not None
    source, position = found
    assert source is FixSource.PLUS_CODE
    assert (position.lat, position.lon) == pytest.approx((-3.7956, 102.2592), abs=2e-3)
    assert position.uncertainty_m < 25


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("102.25917, -3.79558", "coordinates_swapped"),
        ("102,25917 -3,79558", "coordinates_swapped"),
        ("https://maps.google.com/?q=102.25917,-3.79558", "coordinates_swapped"),
        ("geo:102.25917,-3.79558", "coordinates_swapped"),
    ],
)
def test_swapped_coordinates_are_asked_back_with_both_readings(text: str, code: str) -> None:
    with pytest.raises(NoPosition) as refused:
        read(text, None)
    assert refused.value.code == code
    assert refused.value.readings == ((LON, LAT), (LAT, LON))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0.000, 0.000", "position_null"),
        ("geo:0,0", "position_null"),
        ("https://maps.google.com/?q=0,0", "position_null"),
        ("200.55, 300.55", "position_off_earth"),
        ("-95.5512, 182.4412", "position_off_earth"),
        ("3\u00b077'10\"S 102\u00b015'33\"E", "position_off_earth"),
        ("3.79558 LS 102.25917 LU", "position_off_earth"),
        ("https://maps.app.goo.gl/aBcDeF123", "link_without_position"),
        ("https://example.org/berita?id=3.5,4", "link_without_position"),
        ("geo:rumah", "link_without_position"),
        ("6735+QM", "plus_code_short"),
    ],
)
def test_what_was_meant_as_a_position_and_is_none(text: str, code: str) -> None:
    with pytest.raises(NoPosition) as refused:
        read(text, None)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Jl. Suprapto 12, 15",
        "Jl. Sudirman No. 7, RT 03/RW 05",
        "depan Masjid Jamik",
        "0812-3456-7890",
        "+62 736 21234",
        "0736 21.234",
        "jam 10.30, 11.45.20",
        "C+C Mart",
        "1+1=2",
        "9" * 5000,
        "-" * 5000,
        "1,2" * 2000,
        "LS" * 3000,
    ],
)
def test_a_name_is_no_position(text: str) -> None:
    assert read(text, BENGKULU) is None
