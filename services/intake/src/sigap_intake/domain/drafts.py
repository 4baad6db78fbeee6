"""Drafts: what is typed into a field of a call before it is entered.

Nothing that was typed is written over by another: each draft follows the one that its writer's screen wrote before. It
takes the place of that one alone; what anybody else wrote into the same field stays beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sigap_common.personal_data import Sealed

MOST_DRAFTS = 200
"""Of one call. Each screen has one for each field, so this many is no typing any more."""


@dataclass(frozen=True, slots=True)
class Draft:
    """`version` counts all drafts of a call, so that one number says what a screen has seen."""

    version: int
    field: str
    by: str
    name: Sealed | None
    """The writer's name, if the token had it."""
    at: datetime
    text: Sealed


@dataclass(frozen=True, slots=True)
class Writing:
    """A draft to be kept. `replaces`: the version of the one whose place it takes."""

    draft: Draft
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class DraftedField:
    """The drafts of one field: the one that was written last, and what others wrote before it."""

    field: str
    latest: Draft
    earlier: tuple[Draft, ...]
    """The newest first; without empty ones."""


def write(drafts: Sequence[Draft], new: Draft, follows: int | None) -> Writing | None:
    """The draft to keep if `new` is written; `drafts` are those of the call. None: it is there already.

    `follows`: the version that the writer's screen wrote or read last in this field. `new` has the version that is next
    if nothing else was written.
    """
    before = [draft for draft in drafts if draft.field == new.field]
    if before and _is_same(max(before, key=_version), new):
        return None
    own = next((draft for draft in before if draft.version == follows and draft.by == new.by), None)
    return Writing(new, replaces=own.version if own else None)


def next_version(drafts: Iterable[Draft]) -> int:
    return max((draft.version for draft in drafts), default=0) + 1


def by_field(drafts: Iterable[Draft]) -> list[DraftedField]:
    """The fields, the one that was written last first."""
    fields: dict[str, list[Draft]] = {}
    for draft in sorted(drafts, key=_version, reverse=True):
        fields.setdefault(draft.field, []).append(draft)
    return [
        DraftedField(field, latest, tuple(draft for draft in others if draft.text.clear))
        for field, (latest, *others) in fields.items()
    ]


def _version(draft: Draft) -> int:
    return draft.version


def _is_same(latest: Draft, new: Draft) -> bool:
    return (latest.text, latest.by) == (new.text, new.by)
