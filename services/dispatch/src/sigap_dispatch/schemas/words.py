"""Sentences of dispatch's catalogue for answers, by language."""

from collections.abc import Mapping

from sigap_common.core.texts import LANGUAGES, Language, Texts

_TEXTS = Texts.load("sigap_dispatch")
AGENCY_NAME = (
    "The agency's name; if it belongs to another regency, that regency's name follows. null if its pack no longer has "
    "the agency, and for the built-in drill agency (`<regency>/drill`)"
)
"""The description of a field that has the result of `timeline_words.agency_name`."""
ROLE_LABEL = "`role` in words, by language: id, en"
"""The description of a field that has the result of `timeline_words.role_label`."""


def has_words(key: str) -> bool:
    return key in _TEXTS


def in_words(key: str, **values: object) -> dict[str, str]:
    """The text in each language. A value may be a mapping by language, such as a label."""
    return {spoken: _TEXTS.get(key, spoken, **_told(values, spoken)) for spoken in LANGUAGES}


def _told(values: Mapping[str, object], spoken: Language) -> dict[str, object]:
    return {name: value[spoken] if isinstance(value, Mapping) else value for name, value in values.items()}
