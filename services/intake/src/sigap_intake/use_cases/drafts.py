"""Drafts of calls: typed by one, seen by all who look at the call."""

from uuid import UUID

from sigap_common.auth import Access
from sigap_common.core.errors import Fault, Invalid
from sigap_common.personal_data import Sealed
from sigap_intake.domain.drafts import MOST_DRAFTS, Draft, DraftedField, by_field, next_version, write
from sigap_intake.repository import IntakeTransaction


async def write_draft(
    tx: IntakeTransaction, access: Access, call_id: UUID, field: str, text: Sealed, follows: int | None
) -> DraftedField:
    """The field as it stands then. Raises NotFound, Invalid for a call that has too many drafts."""
    drafts = await tx.drafts.to_change(call_id, access)
    name = Sealed(access.name) if access.name else None
    new = Draft(next_version(drafts), field, access.subject, name, tx.now(), text)
    writing = write(drafts, new, follows)
    if writing is not None:
        if writing.replaces is None and len(drafts) >= MOST_DRAFTS:
            raise Invalid(errors=[Fault(("body", "field"), "too_many_drafts", {})])
        tx.drafts.keep(call_id, writing)
        tx.after_commit(lambda: tx.resources.draft_watchers.tell(call_id))
        drafts = [*(draft for draft in drafts if draft.version != writing.replaces), writing.draft]
    return next(one for one in by_field(drafts) if one.field == field)
