"""Agencies' questions. One that was asked on an incident that is merged stands on the incident that goes on, too."""

from uuid import UUID

from sigap_common.auth import Access
from sigap_dispatch.domain import Incident, decide
from sigap_dispatch.domain.questions import AnswerQuestion, HearAnswer
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.use_cases.incidents import order


async def answer(tx: DispatchTransaction, access: Access, incident_id: UUID, command: AnswerQuestion) -> Incident:
    """Answers a question, also on the merged incidents that have it. Raises like `order`."""
    merged = await _that_have_it(tx, incident_id, command.question_id)
    # Locked together, in the order of their ids, as a merger locks them: otherwise the two would wait for each other.
    await tx.incidents.find_all([incident_id, *merged])
    after = await order(tx, access, incident_id, command)
    for asked_on in await _that_have_it(tx, incident_id, command.question_id):
        known = await tx.incidents.get(asked_on)
        hear = HearAnswer(command.question_id, command.text, after)
        tx.incidents.record(decide(known, hear, tx.moment(known.regency, access.subject)))
    return after


async def _that_have_it(tx: DispatchTransaction, incident_id: UUID, question_id: UUID) -> list[UUID]:
    """The incidents on which the question was asked: merged into this one, or into one that was. A question that came
    through a merged incident stands on that one, too; so the others need not be followed.
    """
    found: list[UUID] = []
    for merged in await tx.incidents.merged_into(incident_id):
        if any(one.id == question_id for one in merged.questions):
            found += [merged.id, *await _that_have_it(tx, merged.id, question_id)]
    return found
