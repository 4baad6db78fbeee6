"""The glass that hides a protected incident, which a person may break for a limited time; and lifting protection."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sigap_common.contracts.incidents import IncidentUpdated
from sigap_common.contracts.protection import GlassBroken, GlassSeen, ProtectionLifted
from sigap_common.core.errors import NotAllowed
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.alarms import raise_once
from sigap_dispatch.domain.commands import Command
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.forwarding import revise
from sigap_dispatch.domain.state.alarms import AlarmKind
from sigap_dispatch.domain.state.incident import Incident
from sigap_dispatch.domain.updates import PROTECTION


@dataclass(frozen=True, slots=True)
class BreakGlass(Command):
    """A person who has no need opens a protected incident."""

    reason: str


@dataclass(frozen=True, slots=True)
class SeeGlass(Command):
    """A supervisor has seen who broke the glass."""


@dataclass(frozen=True, slots=True)
class LiftProtection(Command):
    reason: str


@dataclass(frozen=True, slots=True)
class Protect(Command):
    """An incident of the same event or the same caller is protected: a fact."""


def break_glass(decision: IncidentDecision, command: BreakGlass) -> None:
    """Opens the incident for the pack's `service_levels.glass_open_s`. A glass that is open stays as it is. Raises
    NotAllowed if the incident is not protected.
    """
    incident, now, by = decision.incident, decision.moment.now, decision.moment.by
    _require_protected(incident)
    if any(glass.is_open(by, now) for glass in incident.glasses):
        return
    open_for = timedelta(seconds=decision.moment.pack.service_levels.glass_open_s)
    glass_id, until = decision.moment.new_id(), now + open_for
    decision.emit(GlassBroken(**decision.stamp(), glass_id=glass_id, reason=Sealed(command.reason), until=until))
    # No number: the alarm is listed for those, too, who may not see the incident.
    raise_once(decision, incident.id, AlarmKind.GLASS_BROKEN)


def see_glass(decision: IncidentDecision, _: SeeGlass) -> None:
    """Notes that a supervisor has seen all glasses that were broken so far."""
    unseen = tuple(glass.id for glass in decision.incident.glasses if not glass.seen)
    if unseen:
        decision.emit(GlassSeen(**decision.stamp(), glasses=unseen))


def lift_protection(decision: IncidentDecision, command: LiftProtection) -> None:
    """Raises NotAllowed if the incident is not protected."""
    _require_protected(decision.incident)
    decision.emit(ProtectionLifted(**decision.stamp(), reason=Sealed(command.reason)))


def protect(decision: IncidentDecision, _: Protect) -> None:
    """Protects the incident, also a closed one: whoever finds it learns of the same caller. Its agencies are told,
    because they are shown less from now on. A repetition changes nothing.
    """
    if not decision.incident.protected:
        decision.emit(IncidentUpdated(**decision.stamp(), changes=(PROTECTION,)))
        revise(decision, "noted", list(decision.incident.open_forwardings()))


def _require_protected(incident: Incident) -> None:
    if not incident.protected:
        raise NotAllowed("incident-not-protected", state=incident.state)


DECISIONS: dict[type, Callable[[IncidentDecision, Any], None]] = {
    BreakGlass: break_glass,
    SeeGlass: see_glass,
    LiftProtection: lift_protection,
    Protect: protect,
}
