"""Alarms about calls. Each has one id for its call and kind, so that it is raised once and cleared by the same id."""

from datetime import datetime
from typing import Any
from uuid import uuid5

from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_intake.domain.call import Call


def raised(call: Call, kind: str, now: datetime, label: str | None = None) -> AlarmRaised:
    return AlarmRaised(at=now, recorded_at=now, label=label, **_alarm(call, kind))


def cleared(call: Call, kind: str, now: datetime) -> AlarmCleared:
    return AlarmCleared(at=now, recorded_at=now, **_alarm(call, kind))


def _alarm(call: Call, kind: str) -> dict[str, Any]:
    return {"alarm_id": uuid5(call.id, kind), "kind": kind, "about": f"calls/{call.id}"}
