"""Roles, and the rights of a verified token."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sigap_common.core.errors import RegencyForbidden

EVERYWHERE = "*"


class Role(StrEnum):
    operator = "operator"
    dispatcher = "dispatcher"
    supervisor = "supervisor"
    planner = "planner"
    staff = "staff"
    analyst = "analyst"
    agency = "agency"
    cti = "cti"
    recordings = "recordings"
    admin = "admin"


ENDPOINT_KEEPERS = (Role.supervisor, Role.admin)
"""The roles that see an agency's endpoints: at /v1/endpoints, and in a pack."""


@dataclass(frozen=True, slots=True)
class Access:
    """The content of a verified token. `regencies` may hold `*` for all; `agency` is `<regency>/<code>`."""

    subject: str
    roles: frozenset[Role]
    regencies: frozenset[str]
    agency: str | None
    expires_at: datetime
    name: str | None = None

    def may(self, *roles: Role) -> bool:
        """Whether the token has at least one of the roles."""
        return not self.roles.isdisjoint(roles)

    def covers(self, regency: str) -> bool:
        return regency in self.regencies or EVERYWHERE in self.regencies

    @property
    def everywhere(self) -> bool:
        return EVERYWHERE in self.regencies

    def require(self, regency: str) -> None:
        """Checks that the token covers the regency. Raises RegencyForbidden (403)."""
        if not self.covers(regency):
            raise RegencyForbidden(regency)
