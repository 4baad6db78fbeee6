"""Passes the protection of an incident on to what tells of the same event or caller.

It runs at the end of each transaction, so no use case can forget it. Only a transaction in which an incident becomes
protected reads anything. The others are locked after the incident, in the order of their ids: two transactions that
protect each other's incidents may wait for each other, and then one of them is tried again.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from sigap_common.contracts.base import type_name
from sigap_common.contracts.duplicates import IncidentUnmerged
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.domain import Incident, Moment, decide
from sigap_dispatch.domain.duplicates import HideDuplicate
from sigap_dispatch.domain.protection import Protect
from sigap_dispatch.domain.referral import Protect as ProtectReferral
from sigap_dispatch.domain.referral import decide as decide_referral
from sigap_dispatch.domain.transfers import counterparts
from sigap_dispatch.models import incident_calls, incident_reports, incidents, referrals, suggested_incidents, tables
from sigap_dispatch.repository.incidents import Incidents
from sigap_dispatch.repository.referrals import Referrals


class PassedProtection:
    """Passes on the protection that began in one transaction."""

    def __init__(
        self, tx: Transaction[Any], incidents: Incidents, referrals: Referrals, moment: Callable[[str], Moment]
    ) -> None:
        self._tx, self._incidents, self._referrals, self._moment = tx, incidents, referrals, moment

    async def pass_on(self) -> None:
        """Goes on until nothing more becomes protected: a merged incident may have others merged into it."""
        while self._incidents.newly_protected:
            protected, self._incidents.newly_protected = self._incidents.newly_protected, []
            await self._tx.flush()
            for one in protected:
                await self._protect_others(one)
                await self._protect_referrals(one.id)
                await self._hide(one.id)

    async def _protect_others(self, protected: Incident) -> None:
        merged = select(incidents.c.id).where(incidents.c.merged_into == protected.id)
        others = {*counterparts(protected), *await self._values(merged), *await self._of_its_call(protected)}
        others |= await self._left(protected)
        if protected.merger:
            others.add(protected.merger.into)
        for other in (await self._incidents.find_all(others - {protected.id})).values():
            self._incidents.record(decide(other, Protect(), self._moment(other.regency)))

    async def _of_its_call(self, protected: Incident) -> set[UUID]:
        """The other incidents that have words of the call that opened this one: further incidents of the call, those
        that it reported, and those that it left for this one.
        """
        if protected.call_id is None:
            return set()
        c, r = incident_calls.c, incident_reports.c
        had = select(r.incident_id, r.told_in).where(r.call_id == protected.call_id, r.own_incident == protected.id)
        left = (await self._tx.connection.execute(had)).all()
        of_call = await self._values(select(c.incident_id).where(c.call_id == protected.call_id))
        return {*of_call, *(one for row in left for one in row)}

    async def _left(self, protected: Incident) -> set[UUID]:
        """The incidents that it was merged into before: their timelines have its notes."""
        e = tables.timeline.c
        parted = select(e.data).where(e.subject == str(protected.id), e.type == type_name(IncidentUnmerged))
        return {UUID(json.loads(data)["other"]) for data in await self._values(parted)}

    async def _protect_referrals(self, incident_id: UUID) -> None:
        calls = select(incident_calls.c.call_id).where(incident_calls.c.incident_id == incident_id)
        found = await self._values(select(referrals.c.id).where(referrals.c.call_id.in_(calls)))
        for referral in (await self._referrals.find_all(found)).values():
            self._referrals.record(decide_referral(referral, ProtectReferral(), self._tx.now()))

    async def _hide(self, incident_id: UUID) -> None:
        """Ends the suggestions of the incident to others."""
        t = suggested_incidents.c
        found = await self._values(select(t.incident_id).where(t.other == incident_id))
        for other in (await self._incidents.find_all(found)).values():
            self._incidents.record(decide(other, HideDuplicate(incident_id), self._moment(other.regency)))

    async def _values(self, statement: Any) -> Sequence[Any]:
        found: Sequence[Any] = (await self._tx.connection.execute(statement)).scalars().all()
        return found
