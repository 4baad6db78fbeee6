"""An endpoint: one way to reach an agency. It comes from a pack, is built in, or was made at /v1/endpoints."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sigap_common.regency import Pack

DESK = "desk"
DRILL = "drill"
DRILL_DOOR_PATH = "/v1/endpoints/drill-door"
SECRET_MISSING = "secret-missing"  # noqa: S105
GONE = "gone"


class Source(StrEnum):
    PACK = "pack"
    BUILTIN = "builtin"
    GATEWAY = "gateway"


class EndpointState(StrEnum):
    ENABLED = "enabled"
    DISABLED = "disabled"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint. `version` grows with each change; it is the ETag and the number of the endpoint's latest event."""

    id: UUID
    regency: str
    agency: str
    name: str
    channel: str
    source: Source
    created_at: datetime
    changed_at: datetime
    position: int = 0
    url: str | None = None
    secret_ref: str | None = None
    secret: str | None = field(default=None, repr=False)
    """Sealed."""
    options: Mapping[str, Any] = field(default_factory=dict)
    state: EndpointState = EndpointState.ENABLED
    disabled_reason: str | None = None
    version: int = 0

    @property
    def alarm_id(self) -> UUID:
        """The id of the endpoint's alarm. It never changes, so an endpoint has at most one alarm."""
        return uuid5(self.id, "endpoint_disabled")

    def but(self, **changes: Any) -> "Endpoint":
        return replace(self, **changes)

    def same_as(self, other: "Endpoint") -> bool:
        """Whether the two have the same definition."""
        return self._definition == other._definition

    @property
    def _definition(self) -> tuple[object, ...]:
        return (self.channel, self.position, self.url, self.secret_ref, dict(self.options), self.state)


def pack_endpoint_id(agency: str, name: str) -> UUID:
    """The id of a pack's endpoint, which is the same in every version of the pack."""
    return uuid5(NAMESPACE_URL, f"sigap:endpoints/{agency}/{name}")


def endpoints_of(pack: Pack, secret_ref: str, now: datetime) -> list[Endpoint]:
    """The endpoints that a pack defines, and the endpoint of the regency's drill agency, whose secret is
    `secret_ref`.
    """
    found = [
        Endpoint(
            id=pack_endpoint_id(f"{pack.code}/{agency.code}", one.name),
            regency=pack.code,
            agency=f"{pack.code}/{agency.code}",
            name=one.name,
            channel=one.channel,
            source=Source.PACK,
            created_at=now,
            changed_at=now,
            position=position,
            url=one.url,
            secret_ref=one.secret_ref,
            options=one.options,
        )
        for agency in pack.agencies
        for position, one in enumerate(agency.endpoints)
    ]
    return [*found, _drill_door(pack.code, secret_ref, now)]


def _drill_door(regency: str, secret_ref: str, now: datetime) -> Endpoint:
    agency = f"{regency}/{DRILL}"
    return Endpoint(
        id=pack_endpoint_id(agency, "drill-door"),
        regency=regency,
        agency=agency,
        name="drill-door",
        channel="webhook",
        source=Source.BUILTIN,
        created_at=now,
        changed_at=now,
        secret_ref=secret_ref,
    )


def the_desk(regency: str, agency: str, now: datetime) -> Endpoint:
    """The desk, as the endpoint of an agency without one. It has no row, because nothing about it can change."""
    return Endpoint(
        id=pack_endpoint_id(agency, DESK),
        regency=regency,
        agency=agency,
        name=DESK,
        channel=DESK,
        source=Source.BUILTIN,
        created_at=now,
        changed_at=now,
    )
