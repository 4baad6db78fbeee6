"""The desk: the channel for an agency without a system of its own. When the agency sees the forwarding in its list, it
is delivered.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sigap_agency_gateway.channels.port import Attempt, Complaint
from sigap_agency_gateway.domain.delivery import Outcome
from sigap_agency_gateway.notice import Notice
from sigap_agency_gateway.settings import GatewaySettings


class Desk:
    pushes = False
    signs = False

    def complaints(self, url: str | None, options: Mapping[str, Any]) -> Sequence[Complaint]:  # noqa: ARG002
        return (Complaint("url", "desk_has_no_url"),) if url else ()

    def render(self, notice: Notice) -> bytes:
        raise NotImplementedError("the agency fetches")

    async def deliver(self, attempt: Attempt) -> Outcome:
        raise NotImplementedError("the agency fetches")

    async def close(self) -> None:
        return None


def channel(_: GatewaySettings) -> Desk:
    return Desk()
