"""The entries of timelines as sentences, in both languages.

A service's catalogue has the sentences under `timeline.<event>`. Of these, an entry shows in the catalogue's order:

- `said`: always
- `<field>`: if the field has a value that is not false, zero or empty
- `<field>.<value>`: if the field has this value (`true`, `false`; `none` if it is absent); else `<field>.other`, if the
  field has any value

A sentence may name every field of the event as a parameter; `place_address` is the field `address` of `place`. It is
filled from what the reader sees of the event, so it shows no more than that.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache, partial
from typing import Any

from sigap_common.core.texts import LANGUAGES, Language, Texts
from sigap_common.regency.in_force import PacksInForce

LATER = timedelta(minutes=5)
"""If an entry is recorded so much later than it happened, its words say when."""

Label = Callable[[Any, str, PacksInForce], "Mapping[str, str] | str | None"]
"""Returns the words for the value of a field in the timeline of this regency: by language, or one text for all
languages. If it returns None, the value itself is shown.
"""
View = Mapping[str, Any]
"""An event's fields as its reader sees them."""

ALWAYS = "said"
_COMMON = Texts.load("sigap_common")


class TimelineWords:
    """The sentences of one service's timelines.

    `labels`: what people call the values of a field. `derived`: further fields, of an event's name and its view.
    """

    def __init__(
        self,
        package: str,
        labels: Mapping[str, Label] | None = None,
        derived: Callable[[str, View], View] = lambda _, __: {},
    ) -> None:
        self._package, self._labels, self._derived = package, labels or {}, derived

    def knows(self, event: str) -> bool:
        """Whether the catalogue has sentences for this event, by its name."""
        return bool(_parts(self._package, event))

    def of(self, event_type: str, view: View, regency: str, packs: PacksInForce) -> dict[str, str]:
        """The sentences of an entry by language: id, en. `event_type`: as in the envelope. `regency`: whose timeline it
        is.
        """
        event = event_type.split(".")[1]
        fields = _flat({**view, **self._derived(event, view)})
        keys = [part.key for part in _parts(self._package, event) if part.holds(fields)]
        sentences = partial(self._sentences, event, keys, fields)
        told = partial(self._told, regency=regency, packs=packs)
        return {
            spoken: " ".join(sentences({name: told(name, value, spoken) for name, value in fields.items()}, spoken))
            for spoken in LANGUAGES
        }

    def _sentences(self, event: str, keys: Sequence[str], fields: View, told: View, spoken: Language) -> Iterator[str]:
        """`told`: the fields as people read them."""
        texts = Texts.load(self._package)
        for key in keys:
            yield texts.get(key, spoken, **told)
        if not keys:
            yield _COMMON.get("timeline.other", spoken, event=event)
        if fields.get("by") and not any("by" in texts.parameters(key) for key in keys):
            yield _COMMON.get("timeline.by", spoken, by=fields["by"])
        if fields["recorded_at"] - fields["at"] > LATER:
            yield _COMMON.get("timeline.recorded_later", spoken, recorded_at=told["recorded_at"])

    def _told(self, name: str, value: Any, spoken: Language, regency: str, packs: PacksInForce) -> Any:
        if isinstance(value, list | tuple):
            return [self._told(name, one, spoken, regency, packs) for one in value]
        value = value.value if isinstance(value, Enum) else value
        if isinstance(value, datetime):
            return packs.local(regency, value)
        label = self._labels[name](value, regency, packs) if name in self._labels and value is not None else None
        if label is None:
            return value
        return label if isinstance(label, str) else label[spoken]


def type_label(kind: str | None, regency: str, packs: PacksInForce) -> dict[str, str] | None:
    """The label of an incident type in the regency's pack."""
    pack = packs.find(regency)
    known = pack.incident_type(kind) if pack and kind else None
    return known.label.model_dump() if known else None


def regency_name(code: str, _: str, packs: PacksInForce) -> str | None:
    return packs.name_of(code)


def word_of(package: str, group: str) -> Label:
    """The label of a code that a catalogue has under `<group>.<code>`."""
    texts = Texts.load(package)

    def label(code: Any, _: str, __: PacksInForce) -> Mapping[str, str] | None:
        return texts.labels(f"{group}.{code}") if f"{group}.{code}" in texts else None

    return label


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence of the catalogue: its key, the field on which it depends, and the value that the field must have.
    `listed`: the values of the field that have sentences.
    """

    key: str
    field: str
    value: str | None
    listed: frozenset[str]

    def holds(self, fields: View) -> bool:
        """Whether the sentence is part of an entry with these fields."""
        found = fields.get(self.field)
        if self.value is None:
            return self.field == ALWAYS or bool(found)
        has = _as_key(found)
        return has not in self.listed if self.value == "other" else has == self.value


@cache
def _parts(package: str, event: str) -> tuple[Part, ...]:
    """The sentences of an event, in the catalogue's order."""
    texts, prefix = Texts.load(package), f"timeline.{event}."
    parts = list[tuple[str, str, str | None]]()
    for key in texts.below(prefix):
        field, _, value = key.removeprefix(prefix).partition(".")
        parts.append((key, field, value or None))
    listed: dict[str, set[str]] = {}
    for _, field, having in parts:
        listed.setdefault(field, {"none"}).add(having or "")
    return tuple(Part(key, field, value, frozenset(listed[field])) for key, field, value in parts)


def _as_key(value: Any) -> str:
    value = value.value if isinstance(value, Enum) else value
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _flat(view: View, prefix: str = "") -> dict[str, Any]:
    """The fields, and those of objects in them as `<object>_<field>`."""
    found: dict[str, Any] = {}
    for name, value in view.items():
        found[f"{prefix}{name}"] = value
        if isinstance(value, Mapping):
            found |= _flat(value, f"{prefix}{name}_")
    return found
