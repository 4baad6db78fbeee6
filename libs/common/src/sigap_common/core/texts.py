"""Texts for people, in Indonesian and English.

A package keeps its texts in `texts/id.yaml` and `texts/en.yaml` beside its code: nested mappings whose leaves
are `str.format` templates. A key is the path to a leaf, joined by dots (`problems.not-found.title`). Both files must
have the same keys and the same parameters. A test checks that `Texts.differences()` is empty.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from importlib.resources import files
from string import Formatter
from typing import ClassVar, Literal, Self

import yaml

Language = Literal["id", "en"]
LANGUAGES: tuple[Language, ...] = ("id", "en")
LONGEST_HEADER = 500

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Word:
    """A parameter that is a text of a catalogue itself. It is shown in the language of the sentence around it."""

    package: str
    key: str


class MissingText(LookupError):
    """A key or parameter that a catalogue does not have; raised only where `Texts.strict` is set."""


class Texts:
    """The catalogue of one package.

    `strict` is for tests (set it once, on the class): a missing key or parameter raises MissingText.
    Otherwise the key or the unfilled template is shown, and the log says what was missing.
    """

    strict: ClassVar[bool] = False

    def __init__(self, catalogues: Mapping[Language, Mapping[str, str]]) -> None:
        self._catalogues = catalogues

    @classmethod
    def load(cls, package: str) -> Self:
        """The catalogue of `package`, read once in a process; empty if the package has none."""
        return cls(_read(package))

    def __contains__(self, key: str) -> bool:
        return key in self._catalogues["id"]

    def keys(self) -> set[str]:
        return set(self._catalogues["id"]) | set(self._catalogues["en"])

    def below(self, prefix: str) -> tuple[str, ...]:
        """The keys that begin with `prefix`, in the order of the catalogue."""
        return tuple(key for key in self._catalogues["id"] if key.startswith(prefix))

    def parameters(self, key: str) -> set[str]:
        """The parameters of a text that the catalogue has."""
        return _parameters(self._catalogues["id"][key])

    def get(self, key: str, language: Language, **params: object) -> str:
        """The text filled with `params`. A list is shown as its items, a time on the clock of its own zone, a day with
        the name of its month, a number with the language's decimal sign.
        """
        template = self._catalogues[language].get(key)
        if template is None:
            return self._lacking(key, f"no text {key!r} in {language!r}")
        try:
            return template.format(**{name: _told(value, language) for name, value in params.items()})
        except (KeyError, IndexError, ValueError) as error:
            return self._lacking(template, f"text {key!r} lacks a parameter: {error!r}")

    def labels(self, key: str) -> dict[str, str]:
        """The text without parameters in every language, for code lists: `{"id": ..., "en": ...}`."""
        return {language: self.get(key, language) for language in LANGUAGES}

    def differences(self) -> list[str]:
        """The keys that only one language has, and those whose parameters differ."""
        first, second = self._catalogues["id"], self._catalogues["en"]
        missing = sorted(first.keys() ^ second.keys())
        common = sorted(first.keys() & second.keys())
        return missing + [key for key in common if _parameters(first[key]) != _parameters(second[key])]

    def _lacking(self, instead: str, what: str) -> str:
        if self.strict:
            raise MissingText(what)
        _log.warning(what)
        return instead


def language(accept_language: str | None) -> Language:
    """The language for an Accept-Language header (RFC 9110, 12.5.4): English if preferred to Indonesian.

    Only its first LONGEST_HEADER characters count.
    """
    # Only short headers are cached. Otherwise 512 long ones could stay in memory for ever.
    return _preferred(accept_language[:LONGEST_HEADER]) if accept_language else "id"


@lru_cache(maxsize=512)
def _preferred(accept_language: str) -> Language:
    weights = dict(_weighed(part) for part in accept_language.split(","))
    return "en" if weights.get("en", 0.0) > weights.get("id", 0.0) else "id"


def _weighed(part: str) -> tuple[str, float]:
    tag, _, parameter = part.strip().partition(";")
    primary = tag.strip().lower().partition("-")[0]
    name, _, value = parameter.strip().partition("=")
    if name != "q":
        return primary, 1.0
    try:
        return primary, float(value)
    except ValueError:
        return primary, 0.0


@cache
def _read(package: str) -> dict[Language, dict[str, str]]:
    return {language: _flat(package, language) for language in LANGUAGES}


def _flat(package: str, language: Language) -> dict[str, str]:
    source = files(package) / "texts" / f"{language}.yaml"
    if not source.is_file():
        return {}
    tree = yaml.load(source.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return dict(_leaves(tree or {}, ""))


def _leaves(tree: Mapping[str, object], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, Mapping):
            found += _leaves(value, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", str(value).strip()))
    return found


def _told(value: object, language: Language) -> object:
    if isinstance(value, Word):
        return Texts.load(value.package).get(value.key, language)
    if isinstance(value, datetime):
        return _moment(value, language)
    if isinstance(value, date):
        return _day(value, language)
    if isinstance(value, float):
        told = repr(value).removesuffix(".0")
        return told.replace(".", ",") if language == "id" else told
    if not isinstance(value, list):
        return value
    items = ", ".join(str(_told(item, language)) for item in value)
    return items or Texts.load("sigap_common").get("empty_list", language)


def _moment(moment: datetime, language: Language) -> str:
    clock = f"{moment:%H:%M:%S %Z}"
    return Texts.load("sigap_common").get("moment", language, day=_day(moment, language), clock=clock)


def _day(day: date, language: Language) -> str:
    texts = Texts.load("sigap_common")
    return texts.get("day", language, day=day.day, month=texts.get(f"months.{day.month}", language), year=day.year)


def _parameters(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}
