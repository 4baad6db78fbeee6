"""The rules that say which tokens may see which data. Each service has one policy, and all code that shows data asks
it.

A list gets its condition in SQL (`rows`). A single object is checked by `sees`. A timeline asks whether personal data
is opened (`opens`), and a live stream which form of an event is shown (`variant`). So each rule is written once.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from re import compile as regex
from typing import Any

from sqlalchemy import ColumnElement, Table, or_, true

from sigap_common.auth import Access, Role
from sigap_common.contracts.base import Event
from sigap_common.contracts.event_view import event_view
from sigap_common.contracts.need import Need, read_need
from sigap_common.core.formats import FORMATS
from sigap_common.messaging.received import ReceivedEvent

_REGENCY = regex(FORMATS["regency_code"])


def regencies_of(access: Access) -> frozenset[str] | None:
    """The regencies that the token covers; None: all of them.

    A token may contain any text. PostgreSQL refuses NUL and SQLite lone surrogates, so a text that is not a regency's
    code is left out.
    """
    return None if access.everywhere else frozenset(filter(_REGENCY.fullmatch, access.regencies))


def of_either(access: Access, table: Table) -> ColumnElement[bool]:
    """The rows between two regencies, `regency` and `to_regency`, of which the token covers one or both."""
    regencies = regencies_of(access)
    if regencies is None:
        return true()
    known = sorted(regencies)
    return or_(table.c.regency.in_(known), table.c.to_regency.in_(known))


class Variant(StrEnum):
    """The forms in which an event is shown. A live stream renders each once, for all who see it."""

    OPENED = "opened"
    WITHOUT_PERSONAL_DATA = "without_personal_data"
    HIDDEN = "hidden"
    """Of a protected aggregate, to whom it does not concern: that something happened, and when."""


class Policy:
    """What tokens may see of one service's data. This base class shows the rows and events of the token's regencies.

    A service derives its own and overrides what differs. `rows` and `sees` are the same rule in two forms: change both.
    """

    def __init__(self, *, opened_to: Sequence[Role] = ()) -> None:
        """`opened_to`: the roles to which personal data is opened."""
        self.opened_to = tuple(opened_to)

    def opens(self, access: Access) -> bool:
        """Whether the token's owner is shown personal data."""
        return access.may(*self.opened_to)

    def rows(self, access: Access, table: Table) -> ColumnElement[bool]:
        """The rows of a table that the token may see, as a condition of SQL."""
        return self.covered(access, table)

    def sees(self, access: Access, one: Any) -> bool:
        """Whether the token may see one object that was read. The same rule as `rows`."""
        return access.covers(one.regency)

    def variant(self, heard: ReceivedEvent, access: Access) -> Variant | None:
        """The form of an event that the token sees on the service's live stream. None: the event is not shown.

        It is asked for each event and each listener, so it must be cheap.
        """
        return self._variant(access) if access.covers(heard.envelope.regency) else None

    def need_of(self, one: Any) -> Need | None:  # noqa: ARG002  a service says what it protects
        """Who may see an aggregate, if it is protected."""
        return None

    def needs(self, need: Need, access: Access, now: datetime) -> bool:
        """Whether the token's owner has this need. The token must cover the regency besides."""
        supervises, dispatches = access.may(Role.supervisor), access.may(Role.dispatcher)
        return need.covers(access.subject, supervises=supervises, dispatches=dispatches, now=now)

    hidden_as: Variant | None = Variant.HIDDEN
    """The form of a protected aggregate's events for those who have no need of it. None: they are not shown."""

    def seen_as(self, heard: ReceivedEvent, access: Access, now: datetime, need: str | None) -> Variant | None:
        """The form of an event that the token sees on the live stream at this moment. `need`: the newest that is known
        of its subject, which may be newer than the event.
        """
        variant = self.variant(heard, access)
        if variant is None or need is None or self.needs(read_need(need), access, now):
            return variant
        return self.hidden_as

    def event(self, heard: ReceivedEvent, access: Access) -> dict[str, Any] | None:
        """The fields of an event that the token sees on the service's live stream. None: the event is not shown."""
        variant = self.variant(heard, access)
        return None if variant is None else shown_as(heard.event, variant)

    def view(self, event: Event, access: Access) -> dict[str, Any]:
        """The fields of an event that the token may see at all; personal data is null unless it is opened."""
        return shown_as(event, self._variant(access))

    def _variant(self, access: Access) -> Variant:
        return Variant.OPENED if self.opens(access) else Variant.WITHOUT_PERSONAL_DATA

    def covered(self, access: Access, table: Table) -> ColumnElement[bool]:
        """The rows of the token's regencies."""
        regencies = regencies_of(access)
        return true() if regencies is None else self.regency(table).in_(sorted(regencies))

    def regency(self, table: Table) -> ColumnElement[Any]:
        """The column that says which regency a row belongs to."""
        return table.c.regency


def shown_as(event: Event, variant: Variant) -> dict[str, Any]:
    """The fields of an event in this form, as JSON values."""
    if variant is Variant.HIDDEN:
        return {"at": event.at, "recorded_at": event.recorded_at}
    return event_view(event, opened=variant is Variant.OPENED)
