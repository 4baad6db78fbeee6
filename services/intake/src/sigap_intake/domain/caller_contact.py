"""Whether and how a number may be called back: what its silent and protected calls, and its caller, demand."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sigap_common.contracts import Event
from sigap_common.contracts.callbacks import CallerContactChanged
from sigap_common.contracts.decision import Decision, NoBranch
from sigap_common.core.aggregate import Aggregate
from sigap_common.personal_data import Sealed


class CallerContact(Aggregate):
    """Correcting the class of a silent or protected call does not end that its number is guarded: a supervisor does."""

    caller_hash: str | None = None
    guarded: bool = False
    lifted: bool = False
    lifted_at: datetime | None = None
    """None also for one that was lifted before this was kept."""
    declined: bool = False
    contact_note: Sealed | None = None
    changed_at: datetime

    @property
    def withheld(self) -> bool:
        """Whether the number may not be called as it is: a safe-contact note, or a supervisor, is needed first."""
        return self.declined or (self.guarded and self.contact_note is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SayContact:
    """New facts about a number; a field that is None stays as it is. `by`: None if the class of a call says it."""

    call_id: UUID
    by: str | None = None
    guarded: bool | None = None
    declined: bool | None = None
    contact_note: Sealed | None = None


def say_first(begun: Aggregate, caller_hash: str, command: SayContact, now: datetime) -> Decision[CallerContact]:
    """Nothing was known of the number; `begun` has the id."""
    nothing = CallerContact(**begun.model_dump(), caller_hash=caller_hash, changed_at=now)
    return Decision(begun, evolve, [_changed(nothing, command, now)])


def say(contact: CallerContact, command: SayContact, now: datetime) -> Decision[CallerContact]:
    """Nothing follows where it was known before."""
    event = _changed(contact, command, now)
    same = all(getattr(event, name) == getattr(contact, name) for name in _SAID)
    return Decision(contact, evolve, [] if same else [event])


_SAID = ("guarded", "lifted", "declined", "contact_note")


def _changed(known: CallerContact, command: SayContact, now: datetime) -> CallerContactChanged:
    guarded = known.guarded if command.guarded is None else command.guarded
    return CallerContactChanged(
        at=now,
        recorded_at=now,
        by=command.by,
        call_id=command.call_id,
        caller_hash=known.caller_hash,
        guarded=guarded,
        lifted=not guarded and (known.lifted or known.guarded),
        declined=known.declined if command.declined is None else command.declined,
        contact_note=command.contact_note or known.contact_note,
    )


def evolve(contact: Aggregate, event: Event) -> CallerContact:
    """The contact after the event, which has all of it."""
    if not isinstance(event, CallerContactChanged):
        raise NoBranch(event)
    said = {name: getattr(event, name) for name in ("caller_hash", *_SAID)}
    about = {name: getattr(contact, name) for name in Aggregate.model_fields}
    known = contact if isinstance(contact, CallerContact) else None
    lifted_at = known.lifted_at if known and known.lifted else event.at
    return CallerContact(**about, **said, changed_at=event.at, lifted_at=lifted_at if event.lifted else None)
