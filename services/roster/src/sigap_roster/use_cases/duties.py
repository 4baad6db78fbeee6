"""The use case of duties: they start and end."""

from uuid import UUID

from sigap_common.auth import Access
from sigap_common.core.errors import Forbidden, RoleMissing
from sigap_roster.domain import AbsenceKind, Command, days_off, decide_duty
from sigap_roster.repository import RosterTransaction
from sigap_roster.repository.duties import NamedDuty
from sigap_roster.visibility import LEADERS


async def attend(tx: RosterTransaction, access: Access, duty_id: UUID, command: Command) -> NamedDuty:
    """Starts or ends a duty. Staff may do so only for their own duties and for now. Raises Forbidden, RoleMissing."""
    duty = await tx.duties.visible(duty_id, access)
    person = await tx.staff.get(duty.staff_id, lock=False)
    if not access.may(*LEADERS):
        if person.subject != access.subject:
            raise Forbidden("duty-of-another")
        if command.at is not None:
            raise RoleMissing(LEADERS)
    duty = tx.duties.record(decide_duty(duty, command, tx.now()))
    on_leave = days_off(
        await tx.absences.between(duty.regency, duty.day, duty.day), AbsenceKind.LEAVE, duty.day, duty.day
    )
    return NamedDuty(duty, person.name, person.active and duty.staff_id not in on_leave)
