"""All SQL of roster, and its transaction with the repositories."""

from functools import cached_property

from sigap_common.app.resources import Resources
from sigap_common.app.running import RunningService
from sigap_common.messaging.transaction import Transaction
from sigap_roster.repository.absences import Absences
from sigap_roster.repository.calendars import Calendars
from sigap_roster.repository.duties import DUTIES, Duties
from sigap_roster.repository.locks import Locks
from sigap_roster.repository.publications import Publications
from sigap_roster.repository.requests import Pickups, Swaps
from sigap_roster.repository.rosters import ROSTERS, Rosters
from sigap_roster.repository.solves import Solves
from sigap_roster.repository.staff import Staff
from sigap_roster.repository.teams import Teams
from sigap_roster.settings import RosterSettings


class RosterTransaction(Transaction[Resources]):
    @cached_property
    def staff(self) -> Staff:
        return Staff(self)

    @cached_property
    def rosters(self) -> Rosters:
        return Rosters(self, ROSTERS)

    @cached_property
    def publications(self) -> Publications:
        return Publications(self)

    @cached_property
    def absences(self) -> Absences:
        return Absences(self)

    @cached_property
    def solves(self) -> Solves:
        return Solves(self)

    @cached_property
    def teams(self) -> Teams:
        return Teams(self)

    @cached_property
    def swaps(self) -> Swaps:
        return Swaps(self)

    @cached_property
    def pickups(self) -> Pickups:
        return Pickups(self)

    @cached_property
    def locks(self) -> Locks:
        return Locks(self)

    @cached_property
    def calendars(self) -> Calendars:
        return Calendars(self)

    @cached_property
    def duties(self) -> Duties:
        return Duties(self, DUTIES)


RosterService = RunningService[RosterSettings, Resources, RosterTransaction]
