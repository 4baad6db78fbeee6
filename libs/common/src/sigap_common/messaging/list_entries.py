"""The list entry of an aggregate, which is written into its row when the aggregate is recorded.

A list of hundreds does not open hundreds of documents: it reads one JSON text for each row and, for tokens that may see
personal data, one sealed text. Rows that were written before their entries were stored, or in an earlier form of them,
are rendered from the document when they are read; the next time that they are recorded they have entries.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel
from pydantic_core import from_json, to_json, to_jsonable_python
from sqlalchemy import Column, Integer, Text

from sigap_common.core.aggregate import Aggregate
from sigap_common.personal_data import KeyRing

A = TypeVar("A", bound=Aggregate)


def list_entry_columns() -> list[Column[Any]]:
    """The columns of an aggregate's table that store its entry in lists."""
    return [
        Column("list_form", Integer, nullable=False, server_default="0"),
        Column("list_version", Integer, nullable=False, server_default="0"),
        Column("list_entry", Text),
        Column("list_personal", Text),
    ]


LIST_ENTRY = tuple(column.name for column in list_entry_columns())
"""The names of these columns."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The list entry of an aggregate. `plain` has no personal data. `personal` has the fields that hold personal data,
    in the form for tokens that may see it.
    """

    plain: BaseModel
    personal: dict[str, Any]


class ListEntries(Generic[A]):
    """The list entries of one kind of aggregate."""

    def __init__(self, form: int, show: Callable[[A], Shown]) -> None:
        """`form`: the version of the entries, at least 1. Raise it if `show` gives another result than before: then
        stored entries of the earlier version are not used.
        """
        self.form, self._show = form, show

    def columns(self, one: A, ring: KeyRing) -> dict[str, Any]:
        """The values of `list_entry_columns`. Every field that personal data changes lies in the sealed text."""
        shown = self._show(one)
        personal = {name: value for name, value in shown.personal.items() if value != getattr(shown.plain, name)}
        sealed = ring.seal(to_json(personal).decode(), _context(one.id)) if personal else None
        entry = {"list_form": self.form, "list_version": one.version, "list_entry": shown.plain.model_dump_json()}
        return entry | {"list_personal": sealed}

    def is_stored(self, row: Any) -> bool:
        """Whether the row has an entry of the current form and of the aggregate's newest version.

        During an upgrade a process of the earlier release may still record the aggregate. It changes the document and
        the version, but not the entry.
        """
        return bool(row.list_form == self.form and row.list_version == row.version)

    def read(self, row: Any, ring: KeyRing, *, opened: bool) -> dict[str, Any]:
        """The stored entry of a row, as JSON values. Raises CannotOpen."""
        entry: dict[str, Any] = from_json(row.list_entry)
        if opened and row.list_personal:
            entry |= from_json(ring.open(row.list_personal, _context(row.id)))
        return entry

    def shown(self, one: A, *, opened: bool) -> dict[str, Any]:
        """The entry as JSON values, rendered now."""
        shown = self._show(one)
        entry = shown.plain.model_dump(mode="json")
        return entry | to_jsonable_python(shown.personal) if opened else entry


def _context(aggregate_id: object) -> str:
    return f"list_personal/{aggregate_id}"
