"""A pack by its sections, as it is published and stored."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from sigap_common.regency.model import SECTIONS, Pack
from sigap_common.regency.parts.base import Part


@dataclass(frozen=True, slots=True)
class SectionText:
    """A section as it is stored and sent.

    `content` is a JSON object of the section's keys, without those that have their default. Equal digests mean equal
    contents.
    """

    name: str
    digest: str
    content: str


def split(pack: Pack) -> dict[str, SectionText]:
    """The sections of a whole pack by name; one in which every key has its default is left out."""
    found = {}
    for name, section in SECTIONS.items():
        content = pack.model_dump_json(include=set(section.model_fields), exclude_defaults=True)
        if content != EMPTY:
            found[name] = section_text(name, content)
    return found


EMPTY = "{}"
"""The content of a section in which every key has its default."""


def section_text(name: str, content: str) -> SectionText:
    """The section with its digest, which is the SHA-256 of the content."""
    return SectionText(name, hashlib.sha256(content.encode()).hexdigest(), content)


def document_of(contents: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The pack's document, from the contents of all its sections: its keys in the order of the model."""
    merged = {key: value for content in contents for key, value in content.items()}
    return {key: merged[key] for key in Pack.model_fields if key in merged}


def read(text: SectionText) -> Part:
    """The section as a model. Raises ValidationError for content that breaks the contract.

    Equal contents are read once and give the same object, as long as the process still uses it. Most regencies have
    equal contents in most sections, and on a single host five services share all of them.
    """
    key = (text.name, text.digest)
    found = _in_use.get(key)
    if found is None:
        found = _in_use[key] = SECTIONS[text.name].model_validate_json(text.content)
    return found


_in_use: WeakValueDictionary[tuple[str, str], Part] = WeakValueDictionary()


def default(name: str) -> Part:
    """The section with its default in every key. Raises ValidationError for the identity, which has no defaults."""
    return read(section_text(name, EMPTY))


def pack_of(sections: Iterable[Part]) -> Pack:
    """A pack of these sections alone: reading a key of another one raises AttributeError, which names the section.

    So a service that names too few sections in its manifest fails at the first read, instead of using defaults.
    """
    values = {key: value for section in sections for key, value in section.__dict__.items()}
    pack = Pack.model_construct(**values)
    for key in Pack.model_fields.keys() - values.keys():
        del pack.__dict__[key]
    return pack
