"""Pages of a list: `{items, next}`. A cursor is the sort key of a page's last row; clients do not look into it. So if
rows are added or removed between two requests, no other row is repeated or left out.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Row, Select, literal, tuple_

from sigap_common.core.errors import Fault, Invalid

_LARGEST = 2**31 - 1


class Keyset:
    """The order of a list: by these columns. The last must be unique, and an index must have them in this order."""

    def __init__(self, *columns: Column[Any], newest_first: bool = False) -> None:
        self._columns, self._newest_first = columns, newest_first

    def page(self, statement: Select[Any], cursor: str | None, limit: int) -> Select[Any]:
        """The statement for one page and one row more. Raises Invalid for a cursor that is not ours."""
        if cursor is not None:
            key, last = tuple_(*self._columns), tuple_(*self._key(cursor))
            statement = statement.where(key < last if self._newest_first else key > last)
        order = [column.desc() if self._newest_first else column for column in self._columns]
        return statement.order_by(*order).limit(limit + 1)

    def cut(self, rows: Sequence[Row[Any]], limit: int) -> tuple[Sequence[Row[Any]], str | None]:
        """The rows of the page, and the cursor of the next one if there is any."""
        if len(rows) <= limit:
            return rows, None
        last = rows[limit - 1]._mapping
        key = [last[column.name] for column in self._columns]
        return rows[:limit], urlsafe_b64encode(json.dumps(key, default=str).encode()).decode()

    def _key(self, cursor: str) -> list[Any]:
        try:
            values = json.loads(urlsafe_b64decode(cursor))
            return [_bound(column, value) for column, value in zip(self._columns, values, strict=True)]
        except (ValueError, TypeError, AttributeError, OverflowError):
            raise Invalid(errors=[Fault(("query", "cursor"), "cursor_invalid", {})]) from None


def _bound(column: Column[Any], value: Any) -> Any:
    """The value in the column's type. A value that a client made up raises ValueError, TypeError, AttributeError or
    OverflowError.
    """
    kind = column.type.python_type
    if kind is datetime:
        value = datetime.fromisoformat(value).astimezone(UTC)
    elif kind is UUID:
        value = UUID(value)
    elif not isinstance(value, kind) or (isinstance(value, int) and abs(value) > _LARGEST):
        raise ValueError(f"not a value of type {kind}")
    return literal(value, column.type)
