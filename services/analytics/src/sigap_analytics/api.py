"""`/v1/kpis` and `/v1/reports`: definitions and values of the figures."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from sigap_analytics import service as use_cases
from sigap_analytics.domain.catalogue import FIGURES
from sigap_analytics.repository import AnalyticsTransaction
from sigap_analytics.schemas import AnswerOut, FigureAsked, FigureList, FigureOut, PeriodAsked, ReportOut
from sigap_common.auth import Access, Role
from sigap_common.http.guards import allowed
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute, view

router = APIRouter(prefix="/v1", tags=["figures"], route_class=UseCaseRoute)

View = Annotated[AnalyticsTransaction, view]
Reader = Annotated[Access, Depends(allowed(Role.analyst, Role.supervisor, Role.dispatcher, Role.admin))]
FigureCode = Annotated[str, Path(max_length=100)]


@router.get("/kpis", summary="List the figures with their definitions", responses=problems())
async def list_figures(access: Reader) -> FigureList:  # noqa: ARG001  the guard is all that is wanted of it
    return FigureList(items=[FigureOut.of(figure) for figure in FIGURES.values()])


@router.get("/kpis/{code}", summary="One figure of a period", responses=problems(404))
async def read_figure(
    code: FigureCode, asked: Annotated[FigureAsked, Query()], view: View, access: Reader
) -> AnswerOut:
    figure = use_cases.figure(code)
    answer = await use_cases.answer(view, access, figure, asked.scope, asked.grain, asked.group)
    return AnswerOut.of(answer, asked)


@router.get("/reports/summary", summary="All figures of a period", responses=problems(404))
async def read_summary(asked: Annotated[PeriodAsked, Query()], view: View, access: Reader) -> ReportOut:
    return ReportOut.of(await use_cases.summarise(view, access, asked.scope), asked, view.now())
