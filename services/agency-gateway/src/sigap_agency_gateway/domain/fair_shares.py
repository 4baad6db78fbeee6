"""Shares the room for deliveries in flight, so that no regency, agency or endpoint can take all of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Tenant:
    """The regency, agency and endpoint that use the room of a delivery in flight. `agency` is `<regency>/<code>`."""

    regency: str
    agency: str
    endpoint_id: UUID


class Room:
    """The room for deliveries in flight, shared by dynamic thresholds (Choudhury and Hahne, 1998).

    A regency may have as many deliveries in flight as there are free slots: one busy regency takes at most a half, two
    busy ones a third each. So there is always room left for another regency, however long the receivers of the others
    hang. The room of a regency is shared between its agencies in the same way, and the room of an agency between its
    endpoints. An endpoint also has a fixed limit, so that one receiver is not overloaded.
    """

    def __init__(self, slots: int, per_endpoint: int, in_flight: Iterable[Tenant] = ()) -> None:
        """`slots`: the most deliveries in flight. `per_endpoint`: the most of them to one endpoint."""
        self._free, self._per_endpoint = slots, per_endpoint
        self._count = Counter[str | UUID]()
        self._tenants = set[Tenant]()
        for tenant in in_flight:
            self._add(tenant)

    @property
    def free(self) -> int:
        return max(0, self._free)

    def take(self, tenant: Tenant) -> bool:
        """Takes the room for one delivery of this tenant. Returns False if there is none."""
        full = self._regency_is_full(tenant) or self._agency_is_full(tenant) or self._endpoint_is_full(tenant)
        if not full:
            self._add(tenant)
        return not full

    def full_regencies(self) -> list[str]:
        return sorted({tenant.regency for tenant in self._tenants if self._regency_is_full(tenant)})

    def full_agencies(self) -> list[str]:
        return sorted({tenant.agency for tenant in self._tenants if self._agency_is_full(tenant)})

    def full_endpoints(self) -> list[UUID]:
        return sorted({tenant.endpoint_id for tenant in self._tenants if self._endpoint_is_full(tenant)})

    def _add(self, tenant: Tenant) -> None:
        self._free -= 1
        self._tenants.add(tenant)
        self._count.update((tenant.regency, tenant.agency, tenant.endpoint_id))

    def _regency_is_full(self, tenant: Tenant) -> bool:
        return self._count[tenant.regency] >= self._free

    def _agency_is_full(self, tenant: Tenant) -> bool:
        return self._count[tenant.agency] >= self._left_to_regency(tenant)

    def _endpoint_is_full(self, tenant: Tenant) -> bool:
        count, left = self._count[tenant.endpoint_id], self._left_to_agency(tenant)
        return count >= min(left, self._per_endpoint)

    # Each slot taken raises the count by one and lowers the free slots by one, so half of the difference can be taken.
    def _left_to_regency(self, tenant: Tenant) -> int:
        return (self._free - self._count[tenant.regency] + 1) // 2

    def _left_to_agency(self, tenant: Tenant) -> int:
        return (self._left_to_regency(tenant) - self._count[tenant.agency] + 1) // 2
