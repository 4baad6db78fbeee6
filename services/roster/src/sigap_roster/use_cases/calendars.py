"""The use cases of calendar links: a person's duties by a secret address, for the calendar of a telephone."""

from collections.abc import Sequence
from datetime import timedelta
from secrets import token_urlsafe
from uuid import UUID
from zoneinfo import ZoneInfo

from sigap_common.auth import Access
from sigap_common.core.errors import NotFound, RoleMissing
from sigap_common.regency import Pack
from sigap_roster.files.calendar import Entry
from sigap_roster.models import CalendarLinkRow
from sigap_roster.repository import RosterTransaction
from sigap_roster.visibility import PLANNERS

SHOWN_AFTER = timedelta(days=31)
"""How long a duty stays in the calendar after its day."""


async def make_link(tx: RosterTransaction, access: Access, staff_id: UUID) -> tuple[CalendarLinkRow, str]:
    """Makes a person's link, and returns it with its secret, of which only the keyed hash is kept. An earlier link
    of the person opens nothing any more. Raises NotFound, RoleMissing.
    """
    regency = await _owned(tx, access, staff_id)
    secret = token_urlsafe(32)
    row = CalendarLinkRow(
        staff_id=staff_id, regency=regency, secret_hash=_hash(tx, secret), made_at=tx.now(), made_by=access.subject
    )
    await tx.calendars.remove(staff_id)
    await tx.calendars.add(row)
    return row, secret


async def read_link(view: RosterTransaction, access: Access, staff_id: UUID) -> CalendarLinkRow:
    """Raises NotFound, RoleMissing."""
    await _owned(view, access, staff_id, lock=False)
    return await view.calendars.of_person(staff_id)


async def revoke_link(tx: RosterTransaction, access: Access, staff_id: UUID) -> CalendarLinkRow:
    """Raises NotFound, RoleMissing."""
    await _owned(tx, access, staff_id)
    row = await tx.calendars.of_person(staff_id)
    await tx.calendars.remove(staff_id)
    return row


async def duties_behind(view: RosterTransaction, secret: str) -> tuple[Sequence[Entry], Pack]:
    """The duties of the person whose link has this secret, and the pack of the regency. Raises NotFound."""
    link = await view.calendars.by_secret(_hash(view, secret))
    pack = view.packs.find(link.regency)
    if pack is None:
        raise NotFound
    today = view.now().astimezone(ZoneInfo(pack.time_zone)).date()
    return await view.duties.with_publications(link.staff_id, today - SHOWN_AFTER), pack


async def _owned(tx: RosterTransaction, access: Access, staff_id: UUID, *, lock: bool = True) -> str:
    """The regency of the person, if the link is the token's to make: its own, or a planner's."""
    person = await tx.staff.visible(staff_id, access, lock=lock)
    if not access.may(*PLANNERS) and person.subject != access.subject:
        raise RoleMissing(PLANNERS)
    return person.regency


def _hash(tx: RosterTransaction, secret: str) -> str:
    return tx.ring.lookup(f"calendar/{secret}")
