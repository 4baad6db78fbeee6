"""All SQL of intake, and its transaction with the repositories."""

from functools import cached_property

from sigap_common.app.running import RunningService
from sigap_common.app.zoning import Zoning
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone
from sigap_common.messaging.transaction import Transaction
from sigap_common.regency import Guidance
from sigap_intake.repository.blocks import BLOCKS, Blocks, PrankScores
from sigap_intake.repository.call_transfers import CallTransferRows
from sigap_intake.repository.callbacks import CALLBACKS, CONTACTS, Callbacks, CallerContacts
from sigap_intake.repository.calls import CALLS, Calls
from sigap_intake.repository.closed_incidents import LatelyClosed
from sigap_intake.repository.drafts import Drafts
from sigap_intake.repository.open_incidents import OpenIncidents
from sigap_intake.repository.presence import Presences
from sigap_intake.repository.protected_callers import ProtectedCallers
from sigap_intake.repository.protected_calls import ProtectedCalls
from sigap_intake.repository.referrals import Referrals
from sigap_intake.repository.standing_alarms import StandingAlarms
from sigap_intake.repository.unacknowledged import UnacknowledgedForwardings
from sigap_intake.resources import IntakeResources
from sigap_intake.settings import IntakeSettings


class IntakeTransaction(Transaction[IntakeResources]):
    @cached_property
    def calls(self) -> Calls:
        return Calls(self, CALLS)

    @cached_property
    def call_transfers(self) -> CallTransferRows:
        return CallTransferRows(self)

    @cached_property
    def referrals(self) -> Referrals:
        return Referrals(self)

    @cached_property
    def open_incidents(self) -> OpenIncidents:
        return OpenIncidents(self)

    @cached_property
    def lately_closed(self) -> LatelyClosed:
        return LatelyClosed(self)

    @cached_property
    def unacknowledged(self) -> UnacknowledgedForwardings:
        return UnacknowledgedForwardings(self)

    @cached_property
    def standing_alarms(self) -> StandingAlarms:
        return StandingAlarms(self)

    @cached_property
    def protected_callers(self) -> ProtectedCallers:
        return ProtectedCallers(self)

    @cached_property
    def protected_calls(self) -> ProtectedCalls:
        return self.calls.protected

    @cached_property
    def blocks(self) -> Blocks:
        return Blocks(self, BLOCKS)

    @cached_property
    def prank_scores(self) -> PrankScores:
        return PrankScores(self)

    @cached_property
    def drafts(self) -> Drafts:
        return Drafts(self)

    @cached_property
    def callbacks(self) -> Callbacks:
        return Callbacks(self, CALLBACKS)

    @cached_property
    def caller_contacts(self) -> CallerContacts:
        return CallerContacts(self, CONTACTS)

    @cached_property
    def presences(self) -> Presences:
        return Presences(self)

    async def finish(self) -> None:
        """Also passes protection on: what became protected in this transaction protects others."""
        if "calls" in vars(self):
            await self.protected_calls.pass_on()
        await super().finish()

    @property
    def zoning(self) -> Zoning:
        return self.resources.zoning

    def zone_of(self, place: Place, regency: str) -> Zone:
        """The zone of a place, from the view of this regency."""
        return self.zoning.zone_of(place, self.packs, regency)

    def guidance(self, regency: str) -> Guidance:
        """The guidance of this regency. Raises NotFound for a regency that is not configured."""
        return self.resources.guidance(self.packs, regency)


IntakeService = RunningService[IntakeSettings, IntakeResources, IntakeTransaction]
"""The type of the running intake service, which workers and handlers are given."""
