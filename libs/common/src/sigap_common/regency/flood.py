"""Packs with very many errors: the first are named and the others counted, at little cost."""

from collections.abc import Iterator
from functools import cache, partial
from typing import Any

from pydantic import TypeAdapter

from sigap_common.core.limits import CHUNK, few_wrong_rows
from sigap_common.regency.findings import PackError, pointer
from sigap_common.regency.model import Pack
from sigap_common.regency.parts.base import Part

MOST_IN_LIST = 100
"""The most entries of a list inside an entry. The lists of the pack itself have limits of their own."""
MOST_IN_MAPPING = 1000
_FREE = frozenset({"options", "params", "weights", "population", "zone", "class_keys"})
"""Mappings whose keys are free. A zone has only two keys and may be of any size."""

Place = tuple[str | int, ...]


def surplus(document: dict[str, Any]) -> Iterator[PackError]:
    """An error for each unknown name, and for each mapping or list inside an entry that is larger than any may be.

    A name is unknown here if no part of a pack has it. A name in the wrong part is found later.
    """
    left: list[tuple[Place, Any]] = [((), document)]
    while left:
        place, value = left.pop()
        if isinstance(value, dict | list) and (most := _limit(place, value)) is not None and len(value) > most:
            yield PackError(pointer(*place), "too_long", {"max_length": most})
        elif isinstance(value, list):
            left += [((*place, index), inner) for index, inner in enumerate(value) if isinstance(inner, dict | list)]
        elif isinstance(value, dict) and not (place and place[-1] in _FREE):
            yield from (PackError(pointer(*place, name), "extra_forbidden") for name in value if name not in _names())
            left += [((*place, name), inner) for name, inner in value.items() if isinstance(inner, dict | list)]


def without_flood(document: dict[str, Any]) -> dict[str, Any]:
    """The document, with only the first wrong entries of its lists, and an Unnamed for the others."""
    return {field: _few(field, value) for field, value in document.items()}


def _limit(place: Place, value: object) -> int | None:
    """The most entries; None for the outermost mapping, whose unknown names are counted, and for the outermost lists,
    which have limits of their own.
    """
    if isinstance(value, dict):
        return MOST_IN_MAPPING if place else None
    return MOST_IN_LIST if len(place) > 1 and "zone" not in place else None


def _few(field: str, value: Any) -> Any:
    if field not in Pack.model_fields or not isinstance(value, list) or len(value) <= CHUNK:
        return value
    shape: TypeAdapter[Any] = TypeAdapter(Pack.model_fields[field].annotation or object)
    rows = few_wrong_rows(value, partial(shape.validate_python, extra="forbid"))
    return value if rows is None else rows


@cache
def _names() -> frozenset[str]:
    """Every name that a part of a pack has."""
    return frozenset(name for model in _kinds_of(Part) for name in model.model_fields)


def _kinds_of(part: type[Part]) -> Iterator[type[Part]]:
    """All classes that derive from this one."""
    for kind in part.__subclasses__():
        yield kind
        yield from _kinds_of(kind)
