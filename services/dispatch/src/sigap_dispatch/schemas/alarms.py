"""The HTTP schemas of alarms."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.core.texts import LANGUAGES, Language
from sigap_common.http.schemas import like
from sigap_common.regency.in_force import PacksInForce
from sigap_dispatch import examples
from sigap_dispatch.domain.alarm_groups import Severity, kind_of_alarm
from sigap_dispatch.models import AlarmGroup, RaisedAlarm
from sigap_dispatch.schemas.words import ROLE_LABEL, has_words, in_words
from sigap_dispatch.timeline_words import Names, agency_label


class SingleAlarm(BaseModel):
    """One alarm of a group."""

    id: UUID
    service: str = Field(description="The service that raised it")
    kind: str
    about: str = Field(description="The path of the object that it is about, below /v1")
    label: str | None = Field(
        description="What names it: the number, and the agency if the alarm is about one; of an offer the other "
        "regency. `in_words` has names instead of codes"
    )
    role: str | None = Field(description="What no agency fills, if the alarm is about a role")
    role_label: dict[str, str] | None = Field(description=ROLE_LABEL)
    raised_at: datetime
    in_words: dict[str, str] | None = Field(
        description="What has happened and what to do, by language: id, en; null for an unknown kind"
    )
    acts: list[str] = Field(description="The requests that deal with it: method and path")

    @classmethod
    def of(cls, alarm: RaisedAlarm, regency: str, packs: PacksInForce) -> Self:
        """`regency`: whose people read it."""
        label = alarm.label or alarm.about
        label = packs.name_of(label) or label  # of an offer: the other regency
        named = agency_label(alarm.agency, regency, packs) if alarm.agency else None
        labels = {s: label.replace(alarm.agency or "", named[s]) if named else label for s in LANGUAGES}
        role = Names(regency, packs).role(alarm.role)
        key = f"alarms.{alarm.kind}"
        return cls(
            **{name: getattr(alarm, name) for name in ("id", "service", "kind", "about", "label", "role", "raised_at")},
            role_label=role,
            in_words=in_words(key, label=_with_role(labels, alarm.role, role)) if has_words(key) else None,
            acts=[_below(alarm.about, act) for act in kind_of_alarm(alarm.kind).acts],
        )


class AlarmOut(SingleAlarm):
    """A group of alarms: those of one agency, or a single other one. `kind`, `about`, `label`, `role`, `role_label`,
    `raised_at` and `acts` are those of its most severe alarm.
    """

    model_config = like(examples.ALARM)

    group: UUID
    regency: str
    agency: str | None = Field(description="`<regency>/<code>`, if the alarms are about one agency")
    drill: bool
    severity: Severity
    since: datetime = Field(
        description="From when it stands. It stays if the group comes back within two minutes: sound for a new one"
    )
    count: int = Field(description="How many alarms stand")
    alarms: list[SingleAlarm] = Field(description="At most 20 of them, the most severe and then the oldest first")

    @classmethod
    def of_group(cls, group: AlarmGroup, alarms: Sequence[RaisedAlarm], packs: PacksInForce) -> Self:
        """`alarms`: those of the group that are shown, at least one."""
        shown = [SingleAlarm.of(one, group.regency, packs) for one in alarms]
        of_group = {name: getattr(group, name) for name in ("regency", "agency", "drill", "since", "count")}
        told = shown[0].model_dump() | of_group | {"group": group.id, "alarms": shown}
        if group.count > 1:
            named = agency_label(group.agency, group.regency, packs) if group.agency else None
            told["in_words"] = in_words("alarms.several", agency=named or group.agency, count=group.count)
        return cls(**told, severity=list(Severity)[group.rank])


class AlarmList(BaseModel):
    items: list[AlarmOut]
    next: str | None


def _with_role(
    labels: Mapping[Language, str], role: str | None, words: Mapping[str, str] | None
) -> Mapping[Language, str]:
    """The label by language, with the role in words if it names one between the number and the agency."""
    if role is None or words is None:
        return labels
    return {spoken: label.replace(f" {role} ", f", {words[spoken]}, ", 1) for spoken, label in labels.items()}


def _below(about: str, act: str) -> str:
    method, _, path = act.partition(" ")
    return f"{method} /v1/{about}{path}"
