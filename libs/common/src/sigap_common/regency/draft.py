"""The readable parts of a pack's document, even if other parts are wrong, so that one error does not hide another."""

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticUndefined

from sigap_common.regency.findings import pointer
from sigap_common.regency.model import Pack


class Draft:
    """The readable parts of a pack. Entries of lists keep their index; unreadable ones are left out. The codes of
    unreadable entries are known too, so that a reference to one is not reported as a second error.
    """

    def __init__(self, document: dict[str, Any], pack: Pack | None) -> None:
        self._document = document
        self._pack = pack

    def value(self, field: str) -> Any:
        """The field's value; None if it is unreadable."""
        if self._pack is not None:
            return getattr(self._pack, field)
        try:
            return _adapter(field).validate_python(self._document[field])
        except KeyError:
            default = Pack.model_fields[field].default
            return None if default is PydanticUndefined else default
        except ValidationError:
            return None

    def items(self, field: str) -> Iterator[tuple[str, Any]]:
        """Each readable entry of a list with its pointer."""
        if self._pack is not None:
            for index, item in enumerate(getattr(self._pack, field)):
                yield pointer(field, index), item
            return
        for index, raw in enumerate(self._raw(field)):
            try:
                yield pointer(field, index), _adapter(field, item=True).validate_python(raw)
            except ValidationError:
                continue

    def inside(self, field: str, key: str) -> Iterator[tuple[str, Any]]:
        """Each readable entry of a list that is a part of the field, with its pointer."""
        whole = self.value(field)
        if whole is not None:
            for index, item in enumerate(getattr(whole, key)):
                yield pointer(field, key, index), item
            return
        part = self._document[field]
        raws = part.get(key) if isinstance(part, dict) else None
        for index, raw in enumerate(raws if isinstance(raws, list | tuple) else ()):
            try:
                yield pointer(field, key, index), _entry_of(field, key).validate_python(raw)
            except ValidationError:
                continue

    def codes(self, field: str, key: str = "code") -> list[tuple[str, str]]:
        """Pointer and code of each entry in the document that has one, readable or not."""
        return [
            (pointer(field, index, key), raw[key])
            for index, raw in enumerate(self._raw(field))
            if isinstance(raw, dict) and isinstance(raw.get(key), str)
        ]

    def _raw(self, field: str) -> list[Any]:
        raw = self._document.get(field)
        return list(raw) if isinstance(raw, list | tuple) else []


@cache
def _entry_of(field: str, key: str) -> TypeAdapter[Any]:
    part = Pack.model_fields[field].annotation
    return TypeAdapter(get_args(part.model_fields[key].annotation)[0])  # type: ignore[union-attr]  # a part of a pack


@cache
def _adapter(field: str, item: bool = False) -> TypeAdapter[Any]:
    info = Pack.model_fields[field]
    if item:
        return TypeAdapter(get_args(info.annotation)[0])
    return TypeAdapter(info.rebuild_annotation())
