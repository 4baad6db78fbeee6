"""The caller's number in all the ways that exchanges, apps and people write it: one subscriber is one caller."""

import pytest

from sigap_intake.domain.caller_numbers import PLACEHOLDER, SEVERAL, UNREADABLE, read

SAME: list[tuple[str, tuple[str, ...]]] = [
    (
        "+62811900123",
        (
            "0811900123",
            "62811900123",
            "62 811-900-123",
            "811900123",
            "0062811900123",
            "+0062811900123",
            "00162811900123",
            "00862811900123",
            "0101762811900123",
            "+6262811900123",
            "062811900123",
            "+620811900123",
            "+62(0)811900123",
            "+0811900123",
            "++62811900123",
            "62811900123.0",
            "\u202a+62811900123\u202c",
            "0811\u200b900\u2060123",
            "0811\u2011900\u2013123",
            "0811\u00a0900\u202f123",
            "\ufeff0811900123",
            "\uff10\uff18\uff11\uff11\uff19\uff10\uff10\uff11\uff12\uff13",
            "\uff0b62811900123",
            "\u0660\u0668\u0661\u0661\u0669\u0660\u0660\u0661\u0662\u0663",
            "'0811900123",
            '"Budi" <sip:0811900123@10.0.0.1>',
            "sip:%2B62811900123@ims.example;user=phone",
            "<tel:+62-811-900-123;phone-context=example>",
            "0811900123@pbx",
            "0811/900/123",
        ),
    ),
    ("+622133445566", ("02133445566", "(021)33445566", "622133445566", "(62-21)33445566", "021/33445566")),
    ("+6273652004", ("073652004", "(0736)52004", "6273652004", "62-736-52004", "0736/52004", "0736 - 52004")),
    ("+628953383255001", ("08953383255001", "628953383255001")),
    ("+62622433445", ("0622433445", "0622 433445", "+62622433445")),
    ("+60198765321", ("0060198765321", "+60 19-876 5321")),
    ("+6281234567890", ("081234567890", "6281234567890")),
]
TWO = (
    "0811900123/0811900124",
    "0811900123 / 02133445566",
    "0811900123;0811900124",
    "0811900123, 0811900124",
    "0811900123 0811900124",
    "0811900123 - 0811900124",
    "0811900123 atau 0811900124",
    "+62811900123+62811900124",
    "<sip:0811900123@a>, <sip:0811900124@a>",
    "anonymous, 0811900123, 0811900124",
)
NOBODY = (
    *("0000000000", "1111111111", "9999999999", "+6200000000", "+62000000000", "62 0000000", "0", "000"),
    *("080000000000", "+6280000000000", "+6288888888888", "+10000000000", "+19999999999", "1234567890", "0123456789"),
    *(
        "anonymous",
        "Anonymous",
        "ANONYMOUS\u200b",
        "unknown",
        "Private Number",
        "withheld",
        "restricted",
        "N/A",
        "null",
    ),
    *("Tidak Dikenal", "nomor pribadi", "sip:anonymous@anonymous.invalid", '"Anonymous" <sip:anonymous@host>'),
    *("+266696687", "266696687", "-", "?", "***", "+", "\u0660\u0660\u0660\u0660\u0660\u0660"),
    *("0\u200b000000000",),
)


@pytest.mark.parametrize(("e164", "ways"), SAME)
def test_every_way_to_write_a_subscribers_number_is_one_caller(e164: str, ways: tuple[str, ...]) -> None:
    assert {way: read(way).e164 for way in (e164, *ways)} == dict.fromkeys((e164, *ways), e164)
    assert {way: read(way).complaint for way in ways} == dict.fromkeys(ways)


def test_of_two_numbers_the_first_counts_and_never_one_made_of_both() -> None:
    assert {two: read(two).e164 for two in TWO} == dict.fromkeys(TWO, "+62811900123")
    assert {two: read(two).complaint for two in TWO} == dict.fromkeys(TWO, SEVERAL)


def test_one_number_written_twice_is_no_complaint() -> None:
    for twice in ("0811900123/62811900123", "+62811900123, 0811-900-123", "0811900123;ext=12"):
        assert (read(twice).e164, read(twice).complaint) == ("+62811900123", None)


def test_a_placeholder_is_nobody() -> None:
    assert {told: read(told) for told in NOBODY if read(told).e164 or read(told).complaint != PLACEHOLDER} == {}


def test_what_cannot_be_read_is_nobody_either_and_says_so() -> None:
    for told in ("112", "*#06#", "WA 0811900123", "asdf", "9" * 18 + "0", "/" * 100, ";" * 100, "<" * 100, "- " * 50):
        assert read(told).e164 is None, told
        assert read(told).complaint in (UNREADABLE, PLACEHOLDER), told


def test_a_fine_number_is_no_placeholder() -> None:
    for number in ("+628111111111", "+6281234567890", "+62215000000", "+6281100000"):
        assert read(number).e164 == number
