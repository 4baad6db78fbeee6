"""Texts for people in two languages."""

from collections.abc import Iterator

import pytest

from sigap_common.core.texts import MissingText, Texts, language


@pytest.fixture
def strict() -> Iterator[None]:
    before, Texts.strict = Texts.strict, True
    yield
    Texts.strict = before


@pytest.mark.parametrize(
    ("header", "spoken"),
    [
        (None, "id"),
        ("", "id"),
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("id-ID,id;q=0.9,en;q=0.8", "id"),
        ("en;q=0.9, id;q=0.8", "en"),
        ("en;q=0.8, id;q=0.8", "id"),
        ("en;q=0", "id"),
        ("de, *;q=0.5", "id"),
        ("en;q=nonsense", "id"),
        (";;;,=,", "id"),
    ],
)
def test_indonesian_unless_english_is_preferred(header: str | None, spoken: str) -> None:
    assert language(header) == spoken


def test_both_languages_say_the_same_things() -> None:
    assert Texts.load("sigap_common").differences() == []
    broken = Texts({"id": {"a": "{x}", "b": "ya"}, "en": {"a": "{y}", "c": "no"}})
    assert broken.differences() == ["b", "c", "a"]


def test_a_text_is_filled_and_labels_come_in_both_languages() -> None:
    texts = Texts.load("sigap_common")
    assert texts.get("validation.string_too_long", "id", max_length=5) == "Paling banyak 5 karakter."
    assert texts.labels("problems.not-found.title") == {"id": "Tidak ditemukan", "en": "Not found"}


def test_numbers_have_the_decimal_sign_of_the_language() -> None:
    texts = Texts({"id": {"rest": "{hours} jam"}, "en": {"rest": "{hours} h"}})
    said = {hours: (texts.get("rest", "id", hours=hours), texts.get("rest", "en", hours=hours)) for hours in (8.5, 0.0)}
    assert said == {8.5: ("8,5 jam", "8.5 h"), 0.0: ("0 jam", "0 h")}
    assert texts.get("rest", "id", hours=[1.5, 2]) == "1,5, 2 jam"


def test_what_is_missing_is_raised_in_tests(strict: None) -> None:
    texts = Texts.load("sigap_common")
    with pytest.raises(MissingText):
        texts.get("no.such.key", "id")
    with pytest.raises(MissingText):
        texts.get("validation.string_too_long", "id")


def test_what_is_missing_never_stops_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Texts, "strict", False)
    texts = Texts.load("sigap_common")
    assert texts.get("no.such.key", "id") == "no.such.key"
    assert "karakter" in texts.get("validation.string_too_long", "id")


def test_a_package_without_texts_has_none() -> None:
    assert Texts.load("sigap_common.auth").keys() == set()


def test_of_a_long_accept_language_only_the_beginning_counts() -> None:
    assert language("en," + "," * 60_000) == "en"
    assert language("," * 60_000 + "en") == "id"
