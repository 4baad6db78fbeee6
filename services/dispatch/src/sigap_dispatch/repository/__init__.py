"""All SQL of dispatch, and its transaction with the repositories."""

from functools import cached_property, partial

from sigap_common.app.running import RunningService
from sigap_common.messaging.subscriptions import NotYet
from sigap_common.messaging.transaction import Transaction
from sigap_common.regency import Pack
from sigap_dispatch.domain import Moment
from sigap_dispatch.domain.taker import Taker
from sigap_dispatch.repository.accounts import Accounts
from sigap_dispatch.repository.alarms import Alarms
from sigap_dispatch.repository.configurations import Configurations
from sigap_dispatch.repository.deliveries import Deliveries
from sigap_dispatch.repository.digests import Digests
from sigap_dispatch.repository.duplicates import OpenIncidents
from sigap_dispatch.repository.handovers import HANDOVERS, Handovers
from sigap_dispatch.repository.incident_calls import IncidentCalls
from sigap_dispatch.repository.incidents import INCIDENTS, Incidents
from sigap_dispatch.repository.loads import Loads, keep_acknowledgements
from sigap_dispatch.repository.numbers import Numbers
from sigap_dispatch.repository.passed_protection import PassedProtection
from sigap_dispatch.repository.referrals import REFERRALS, Referrals
from sigap_dispatch.repository.reports import Reports
from sigap_dispatch.repository.shares import ShareRows
from sigap_dispatch.repository.transfers import TransferRows
from sigap_dispatch.repository.units import UnitRows
from sigap_dispatch.resources import DispatchResources
from sigap_dispatch.settings import DispatchSettings
from sigap_dispatch.timeline_words import agency_label


class DispatchTransaction(Transaction[DispatchResources]):
    @cached_property
    def incidents(self) -> Incidents:
        return Incidents(self, INCIDENTS)

    @cached_property
    def handovers(self) -> Handovers:
        return Handovers(self, HANDOVERS)

    @cached_property
    def referrals(self) -> Referrals:
        return Referrals(self, REFERRALS)

    @cached_property
    def incident_calls(self) -> IncidentCalls:
        return IncidentCalls(self)

    @cached_property
    def deliveries(self) -> Deliveries:
        return Deliveries(self)

    @cached_property
    def numbers(self) -> Numbers:
        return Numbers(self)

    @cached_property
    def configurations(self) -> Configurations:
        return Configurations(self)

    @cached_property
    def alarms(self) -> Alarms:
        return Alarms(self)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self)

    @cached_property
    def digests(self) -> Digests:
        return Digests(self)

    @cached_property
    def transfers(self) -> TransferRows:
        return TransferRows(self)

    @cached_property
    def open_incidents(self) -> OpenIncidents:
        return OpenIncidents(self)

    @cached_property
    def reports(self) -> Reports:
        return Reports(self)

    @cached_property
    def shares(self) -> ShareRows:
        return ShareRows(self)

    @cached_property
    def loads(self) -> Loads:
        return Loads(self)

    @cached_property
    def units(self) -> UnitRows:
        return UnitRows(self)

    async def finish(self) -> None:
        """Also passes protection on: what became protected in this transaction protects others. Last, it keeps how fast
        agencies acknowledged.
        """
        if "incidents" in vars(self):
            await PassedProtection(self, self.incidents, self.referrals, self.moment).pass_on()
            keep_acknowledgements(self, self.incidents.newly_acknowledged)
        await super().finish()

    def pack(self, regency: str) -> Pack:
        """The pack in force. Raises NotYet if there is none: a call's event may come before its regency's pack."""
        pack = self.packs.find(regency)
        if pack is None:
            raise NotYet(f"the regency {regency} is not configured here")
        return pack

    def moment(self, regency: str, by: str | None = None, takes: Taker | None = None) -> Moment:
        """The Moment of a decision about an incident of this regency."""
        names = partial(self._name_of, regency)
        return Moment(self.now(), self.pack(regency), self.new_id, by, takes, names)

    def _name_of(self, regency: str, agency: str) -> str | None:
        label = agency_label(agency, regency, self.packs)
        return label["id"] if label else None


DispatchService = RunningService[DispatchSettings, DispatchResources, DispatchTransaction]
"""The type of the running dispatch service, which workers and handlers are given."""
