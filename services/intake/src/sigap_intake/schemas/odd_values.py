"""Request bodies that are accepted even if optional fields are wrong. A wrong value is left out, with a complaint.

Exchanges and apps cannot correct what they send, and a person who calls cannot wait for a correction. A body that is
well formed costs nothing more. If pydantic refuses a body, the fields that it names are left out, and the body is
validated again.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from re import compile as regex
from typing import Any, ClassVar, Self, cast
from urllib.parse import quote, unquote

from pydantic import ConfigDict, ModelWrapValidatorHandler, PrivateAttr, ValidationError, model_validator

from sigap_common.contracts.calls import Complaint
from sigap_common.core.errors import Fault, Invalid
from sigap_common.core.limits import MOST_FAULTS
from sigap_common.http.schemas import Body
from sigap_common.personal_data import Sealed

UNKNOWN = "extra_forbidden"
MOST_COMPLAINTS = 20
LONGEST_VALUE = 500
MOST_MEMBERS = 50
_LONGEST_NAME = 100
_MOST_ROUNDS = 8

Place = tuple[str, ...]
Repair = Callable[[str], str]
# PostgreSQL refuses NUL, and no driver can encode a lone surrogate.
_UNSTORABLE = regex("[\x00\ud800-\udfff]")
# Line breaks and control characters.
_NOT_IN_A_LINE = regex("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def text_of(most: int, *, one_line: bool = False) -> Repair:
    """A repair that keeps the usable part of a refused text, at most `most` characters; empty if nothing is usable."""

    def repaired(told: str) -> str:
        text = _UNSTORABLE.sub("", told)
        return (_NOT_IN_A_LINE.sub(" ", text) if one_line else text).strip()[:most].strip()

    return repaired


def forgiving(example: dict[str, Any]) -> ConfigDict:
    """A model config as `like` gives it. It also says in the OpenAPI that optional fields are never refused."""
    return ConfigDict(json_schema_extra={"example": example, "x-optional-fields-are-never-refused": True})


class Forgiving(Body):
    """A body that leaves out optional fields with wrong values. For fields in REPAIRS it keeps the usable part."""

    REPAIRS: ClassVar[Mapping[Place, Repair]] = {}
    _complaints: tuple[Complaint, ...] = PrivateAttr(default=())
    _unknown: tuple[str, ...] = PrivateAttr(default=())
    """Names of fields that the model does not have."""

    @property
    def complaints(self) -> tuple[Complaint, ...]:
        """The complaints in the order of the fields, at most the first MOST_COMPLAINTS."""
        return self._complaints

    def refuse_unknown_fields(self) -> None:
        """Raises Invalid if the body has an unknown field, with all other complaints as well. An unknown field is most
        likely a misspelt name, such as that of `drill`, and the person who sent it can correct it.
        """
        if self._unknown:
            unknown = [Fault(("body", name[:_LONGEST_NAME]), UNKNOWN, {}) for name in self._unknown[:MOST_FAULTS]]
            other = [Fault(_steps(c.pointer), c.code, {}) for c in self._complaints if not _is_unknown_field(c)]
            raise Invalid(errors=[*unknown, *other], unnamed=len(self._unknown) - len(unknown))

    @model_validator(mode="wrap")
    @classmethod
    def _without_what_is_odd(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        # Pydantic would report one fault for each of very many members, so it does not get such a body at first.
        if not (isinstance(data, dict) and (_is_flood(data) or any(map(_is_flood, data.values())))):
            try:
                return handler(data)
            except ValidationError:
                if not isinstance(data, dict):
                    raise
        return cls._forgiven(data, handler)

    @classmethod
    def _forgiven(cls, told: dict[str, Any], handler: ModelWrapValidatorHandler[Self]) -> Self:
        unknown = tuple(name for name in told if name not in cls.model_fields)
        left, complaints = _without_unknown_fields(told, unknown)
        for name in [name for name in left if cls._is_optional([name]) and _is_flood(left[name])]:
            complaints += cls._put_right(left, (name,), "too_long")
        for _ in range(_MOST_ROUNDS):
            try:
                taken = handler(left)
            except ValidationError as refused:
                odd = [error for error in refused.errors(include_url=False) if cls._is_optional(error["loc"])]
                if not odd:
                    raise
            else:
                taken._complaints, taken._unknown = tuple(complaints[:MOST_COMPLAINTS]), unknown
                return taken
            for error in odd:
                complaints += cls._put_right(left, _place(left, error["loc"]), error["type"])
        return handler(left)  # raises ValidationError for the faults that are left

    @classmethod
    def _is_optional(cls, place: Sequence[int | str]) -> bool:
        field = cls.model_fields.get(str(place[0])) if place else None
        return field is not None and not field.is_required()

    @classmethod
    def _put_right(cls, left: dict[str, Any], place: Place, code: str) -> Iterator[Complaint]:
        """Repairs or removes the value in `left`, and yields its complaint. If an earlier fault removed the value, it
        yields none.
        """
        inner = left
        for step in place[:-1]:
            inner[step] = dict(inner[step])  # a copy, so that the client's document is not changed
            inner = inner[step]
        if place[-1] not in inner:
            return
        value = inner.pop(place[-1])
        yield complaint_of(place, code, value)
        repair = cls.REPAIRS.get(place)
        if repair and isinstance(value, str) and (kept := repair(value)) and kept != value:
            inner[place[-1]] = kept


def complaint_of(place: Sequence[str], code: str, value: object) -> Complaint:
    return Complaint(pointer="#" + "".join(f"/{_escaped(step)}" for step in place), code=code, value=_as_told(value))


def _as_told(value: object) -> Sealed:
    """The value as text, at most LONGEST_VALUE characters. Characters that a database refuses are escaped."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = text[:LONGEST_VALUE].encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
    return Sealed(text[:LONGEST_VALUE])


def _is_flood(value: object) -> bool:
    """Whether a value has too many members to be repaired. Each fault is repaired one by one, and a hundred thousand
    would hold up every other request.
    """
    return isinstance(value, dict | list) and len(value) > MOST_MEMBERS


def _without_unknown_fields(told: Mapping[str, Any], unknown: Sequence[str]) -> tuple[dict[str, Any], list[Complaint]]:
    """The body without its unknown fields, and their complaints. This comes first, because a body may have a hundred
    thousand unknown fields.
    """
    complaints = [complaint_of([name[:_LONGEST_NAME]], UNKNOWN, told[name]) for name in unknown[:MOST_COMPLAINTS]]
    gone = frozenset(unknown)
    return {name: value for name, value in told.items() if name not in gone}, complaints


def _is_unknown_field(complaint: Complaint) -> bool:
    return complaint.code == UNKNOWN and complaint.pointer.count("/") == 1


def _place(told: Mapping[str, Any], steps: Sequence[int | str]) -> Place:
    """The innermost existing place on the path of an error: an error may also name a missing member, or a rule."""
    place: list[str] = []
    inner: object = told
    for step in steps:
        if not isinstance(inner, Mapping) or step not in inner:
            break
        place.append(cast(str, step))
        inner = inner[cast(str, step)]
    return tuple(place)


def _escaped(step: str) -> str:
    return quote(step.replace("~", "~0").replace("/", "~1"), safe="~", errors="replace")


def _steps(pointer: str) -> tuple[str, ...]:
    steps = pointer.removeprefix("#/").split("/")
    return ("body", *(unquote(step).replace("~1", "/").replace("~0", "~") for step in steps))
