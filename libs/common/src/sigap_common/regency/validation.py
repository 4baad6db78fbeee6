"""Validates a pack: it is accepted as a whole, or refused with each error and its place."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from annotated_types import MaxLen
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sigap_common.core.errors import faults
from sigap_common.core.formats import is_storable
from sigap_common.core.limits import Unnamed
from sigap_common.regency.assumed import check_assumptions
from sigap_common.regency.checks import check
from sigap_common.regency.draft import Draft
from sigap_common.regency.findings import MOST_ERRORS, InvalidPack, PackError, pointer
from sigap_common.regency.flood import surplus, without_flood
from sigap_common.regency.model import Pack

# Errors that have a better text for packs than for other documents.
_KINDS = {
    "string_type": "pack.text_wanted",
    "union_tag_not_found": "pack.zone_type",
    "union_tag_invalid": "pack.zone_type",
}
# Errors that only follow from another error.
_CONSEQUENCES = ("default_factory_not_called", "too_short")


def validate_pack(document: object) -> Pack:
    """The pack that a document (as read from YAML or JSON) describes.

    Raises InvalidPack with all errors: those of shape first, then those of parts with each other.
    """
    if not isinstance(document, dict):
        raise InvalidPack([PackError("", "pack.not_a_mapping")])
    if too_long := list(_too_long(document)):
        raise InvalidPack(too_long)
    _refuse_surplus(document)
    if unstorable := list(islice(_unstorable(document, ()), MOST_ERRORS)):
        raise InvalidPack(unstorable)
    pack, errors, unnamed = _shape(without_flood(document))
    found = chain(check(Draft(document, pack)), check_assumptions(pack) if pack is not None else ())
    errors += islice(found, MOST_ERRORS)
    unnamed += sum(1 for _ in found)
    if errors or unnamed or pack is None:
        raise InvalidPack(errors, unnamed)
    return pack


def pack_schema() -> dict[str, Any]:
    """The JSON Schema of a pack's document (2020-12); unknown keys are refused."""
    schema = Pack.model_json_schema()
    for part in (schema, *schema["$defs"].values()):
        if part.get("type") == "object":
            part["additionalProperties"] = False
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _refuse_surplus(document: dict[str, Any]) -> None:
    """Refuses very many unknown names at once, because pydantic would make an error for each. A few are reported later,
    with all other errors.
    """
    found = surplus(document)
    named = list(islice(found, MOST_ERRORS))
    unnamed = sum(1 for _ in found)
    if unnamed or any(error.kind != "extra_forbidden" for error in named):
        named = [replace(error, kind=_kind(error.kind, (error.pointer,))) for error in named]
        raise InvalidPack(named, unnamed)


def _too_long(document: dict[str, Any]) -> Iterator[PackError]:
    """Errors for lists that are too long. Checked first, so that a flood of wrong entries costs nothing."""
    for field, info in Pack.model_fields.items():
        value = document.get(field)
        limits = [rule.max_length for rule in info.metadata if isinstance(rule, MaxLen)]
        if limits and isinstance(value, list | tuple | dict) and len(value) > limits[0]:
            yield PackError(pointer(field), "too_long", {"max_length": limits[0]})


def _unstorable(value: object, place: tuple[str | int, ...]) -> Iterator[PackError]:
    """Errors for texts and keys that PostgreSQL refuses (NUL) or no driver encodes (lone surrogates). A pack is stored
    unchanged, so one such text would make the whole write fail.
    """
    if isinstance(value, str) and not is_storable(value):
        yield PackError(pointer(*place), "text_with_nul" if "\x00" in value else "string_unicode")
    elif isinstance(value, dict):
        for name, inner in value.items():
            if not is_storable(str(name)):
                yield PackError(pointer(*place), "pack.key_unstorable")
            elif name != "coordinates":  # of the zone: numbers, perhaps a hundred thousand
                yield from _unstorable(inner, (*place, name))
    elif isinstance(value, list | tuple):
        for n, inner in enumerate(value):
            yield from _unstorable(inner, (*place, n))


def _shape(document: dict[str, Any]) -> tuple[Pack | None, list[PackError], int]:
    """The pack or None, its errors, and the number of errors that are not named."""
    try:
        return Pack.model_validate(document, extra="forbid"), [], 0
    except ValidationError as error:
        details = error.errors(include_url=False)
    named = [detail for detail in details if not isinstance(detail["input"], Unnamed)]
    unnamed = sum(detail["input"].count for detail in details if isinstance(detail["input"], Unnamed))
    return None, _shape_errors(named), unnamed


def _shape_errors(details: list[ErrorDetails]) -> list[PackError]:
    places = [_place(detail["loc"]) for detail in details]
    containers = {place[:length] for place in places for length in range(len(place))}
    return [
        PackError(pointer(*place), _kind(fault.kind, place), fault.params)
        for place, fault in zip(places, faults(details), strict=True)
        if not (fault.kind in _CONSEQUENCES and (place in containers or place == ("prefix",)))
    ]


def _place(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Without the name of the geometry, which pydantic puts in but the document doesn't have."""
    return (loc[0], *loc[2:]) if loc[0] == "zone" else loc


def _kind(kind: str, place: tuple[int | str, ...]) -> str:
    if kind == "extra_forbidden" and "secret" in str(place[-1]).lower():
        return "pack.secret_reference"
    return _KINDS.get(kind, kind)
