"""Events made from their contracts alone: each field has a value that its type allows."""

from datetime import UTC, date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel

from sigap_common.personal_data import Sealed

M = TypeVar("M", bound=BaseModel)

PERSONAL = "RAHASIA"
"""The clear text of every personal value of a sample."""
MOMENT = datetime(2024, 2, 19, 5, 0, tzinfo=UTC)
_PLAIN: dict[Any, Any] = {
    datetime: MOMENT,
    date: MOMENT.date(),
    UUID: UUID("018dc000-0000-7000-8000-00000000000b"),
    str: "kode",
    int: 2,
    float: 2.0,
    bool: True,
    Sealed: Sealed(PERSONAL),
    Any: None,
}


def a_sample(contract: type[M], /, *, full: bool = True, **given: Any) -> M:
    """An object of the contract. `full`: optional fields have values too, personal ones the text PERSONAL."""
    fields = {
        name: _value(field.annotation, full)
        for name, field in contract.model_fields.items()
        if name not in given and (full or field.is_required())
    }
    return contract.model_construct(**{**fields, **given})


def _value(annotation: Any, full: bool) -> Any:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return _value(next(one for one in arguments if one is not NoneType), full) if full else None
    if origin is Literal:
        return arguments[0]
    if origin is tuple:
        return (_value(arguments[0], full),) if full else ()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return a_sample(annotation, full=full)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return next(iter(annotation))
    return _PLAIN[origin or annotation]
