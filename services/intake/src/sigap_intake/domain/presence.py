"""Who is present in a regency's room, and what each does now.

Presence is what operators say of themselves. It keeps nobody from answering: it shows the room who is there, and by it
the leader learns that the screen of somebody with a caller on the line has fallen silent.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID, uuid5

from sigap_common.contracts import Event
from sigap_common.contracts.decision import Decision, NoBranch
from sigap_common.contracts.operators import PresenceChanged, PresenceState
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.clock import is_over
from sigap_common.core.errors import NotAllowed
from sigap_common.personal_data import Sealed

HEARTBEAT = timedelta(seconds=15)
"""The time after which a screen should say again that it is there."""
STALE_AFTER = timedelta(seconds=45)
"""Since the last heartbeat; two of them may be lost."""
SIGNED_OFF = "signed_off"
_IDS = UUID("5b0c1c0e-6a53-5d0e-9b1a-6f3f6f0f4a11")


def presence_id(regency: str, operator: str) -> UUID:
    """The id of an operator's presence in a regency: always the same."""
    return uuid5(_IDS, f"{regency}/{operator}")


class Presence(Aggregate):
    operator: str
    name: Sealed | None = None
    state: PresenceState | None
    """None: signed off."""
    since: datetime
    signed_on_at: datetime
    heard_at: datetime
    """The last heartbeat. It is no event, so it is not in the history."""
    stale: bool = False

    @property
    def stale_at(self) -> datetime | None:
        """When the screen counts as fallen silent; None if it does so already, or if the operator is signed off."""
        return None if self.state is None or self.stale else self.heard_at + STALE_AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class Enter:
    """An operator signs on, or changes state."""

    by: str
    name: Sealed | None = None
    state: PresenceState


@dataclass(frozen=True, slots=True)
class Leave:
    """An operator signs off."""

    by: str


@dataclass(frozen=True, slots=True)
class Beat:
    """The operator's screen says that it is there."""

    by: str


@dataclass(frozen=True, slots=True)
class MissBeats:
    """The time for the next heartbeat may be over."""


PresenceCommand = Enter | Leave | Beat | MissBeats


def decide(presence: Aggregate, command: PresenceCommand, now: datetime) -> Decision[Presence]:
    """What follows from a command; `presence`: a bare aggregate if the operator never signed on.

    Raises NotAllowed for a heartbeat or a sign-off without a sign-on before it.
    """
    return Decision(presence, evolve, _events(presence, command, now))


def _events(before: Aggregate, command: PresenceCommand, now: datetime) -> list[Event]:
    known = before if isinstance(before, Presence) else None
    match command:
        case Enter():
            return _enter(known, command, now)
        case Leave():
            if known is None:
                raise NotAllowed("not-signed-on", state=SIGNED_OFF)
            return [_changed(known, now, by=command.by, state=None, stale=False)] if known.state else []
        case Beat():
            if known is None or known.state is None:
                raise NotAllowed("not-signed-on", state=SIGNED_OFF)
            return [_changed(known, now, by=command.by)] if known.stale else []
        case MissBeats():
            return [_changed(known, now, stale=True)] if known and _is_silent(known, now) else []
        case _:
            assert_never(command)


def _enter(known: Presence | None, command: Enter, now: datetime) -> list[Event]:
    said = {"operator": command.by, "name": command.name, "state": command.state}
    if known and not known.stale and said == {name: getattr(known, name) for name in said}:
        return []
    since = known.since if known and known.state == command.state else now
    return [PresenceChanged(at=now, recorded_at=now, by=command.by, since=since, **said)]


def _is_silent(known: Presence, now: datetime) -> bool:
    return known.stale_at is not None and is_over(known.stale_at, known.heard_at, now)


def _changed(known: Presence, now: datetime, *, by: str | None = None, **changes: object) -> PresenceChanged:
    said = {name: getattr(known, name) for name in ("operator", "name", "state", "since")}
    if "state" in changes:
        said["since"] = now
    return PresenceChanged(at=now, recorded_at=now, by=by, **said | changes)


def evolve(presence: Aggregate, event: Event) -> Presence:
    """The presence after the event."""
    if not isinstance(event, PresenceChanged):
        raise NoBranch(event)
    known = presence if isinstance(presence, Presence) else None
    was_on = known is not None and known.state is not None
    return Presence(
        id=presence.id,
        regency=presence.regency,
        version=presence.version,
        operator=event.operator,
        name=event.name,
        state=event.state,
        since=event.since,
        signed_on_at=known.signed_on_at if known and was_on else event.at,
        heard_at=known.heard_at if known and event.by is None else event.at,
        stale=event.stale,
    )
