"""`/v1/incidents/{incident_id}/questions`: a person answers what an agency asks."""

from uuid import UUID

from fastapi import APIRouter, Response

from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_dispatch.api.incidents import shown
from sigap_dispatch.api.parameters import Speaker, Tx
from sigap_dispatch.schemas.incidents import IncidentOut
from sigap_dispatch.schemas.questions import AnswerQuestionBody
from sigap_dispatch.use_cases import questions

router = APIRouter(tags=["incidents"], route_class=UseCaseRoute)


@router.post(
    "/v1/incidents/{incident_id}/questions/{question_id}/answer",
    summary="Answer an agency's question",
    responses=problems(404, 409),
)
async def answer_question(
    incident_id: UUID, question_id: UUID, body: AnswerQuestionBody, tx: Tx, access: Speaker, response: Response
) -> IncidentOut:
    """The answer is a note, which the agencies get as a revision that needs no acknowledgement."""
    incident = await questions.answer(tx, access, incident_id, body.command(question_id))
    return await shown(tx, access, incident, response)
