"""Who needs to know of something protected: an incident (domestic violence, children), and what belongs to it."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from sigap_common.contracts.base import Contract


class OpenGlass(Contract):
    """A person who broke the glass, and when the glass is closed again."""

    by: str
    until: datetime


class Need(Contract):
    """The people who may see something protected. All of them must also cover its regency.

    It travels in the envelope of each event, so that a live stream decides without a question to the database.
    """

    people: tuple[str, ...] = ()
    """The subjects of those who took the call or worked on it."""
    glasses: tuple[OpenGlass, ...] = ()
    dispatchers: bool = False
    """Whether it waits for a dispatcher: then each dispatcher of the regency sees it."""

    def covers(self, subject: str, *, supervises: bool, dispatches: bool, now: datetime) -> bool:
        """Whether the person with this subject needs to know now. `supervises`, `dispatches`: the person's roles."""
        if supervises or (dispatches and self.dispatchers) or subject in self.people:
            return True
        return any(glass.by == subject and now < glass.until for glass in self.glasses)

    def ends(self) -> dict[str, datetime | None]:
        """When the need of each named person ends, by subject; None: it does not."""
        found: dict[str, datetime | None] = {}
        for glass in sorted(self.glasses, key=lambda one: one.until):
            found[glass.by] = glass.until
        return found | dict.fromkeys(self.people)

    @property
    def text(self) -> str:
        """The need in the form that an envelope carries."""
        return self.model_dump_json()


@lru_cache(maxsize=4096)
def read_need(text: str) -> Need:
    """The need in an envelope. A text that cannot be read is nobody's need but a supervisor's."""
    try:
        return Need.model_validate_json(text)
    except ValueError:
        return Need()


def with_person(people: tuple[str, ...], more: Iterable[str | None]) -> tuple[str, ...]:
    """The people and those who are new, each once."""
    return tuple(dict.fromkeys([*people, *filter(None, more)]))
