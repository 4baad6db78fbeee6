"""The route by which an admin reads a service's jobs: their state, their next run, and the result of the latest run."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from sqlalchemy import Table, select

from sigap_common.auth import Access, Role
from sigap_common.http.guards import allowed
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute, view
from sigap_common.http.schemas import like
from sigap_common.messaging.transaction import Transaction

EXAMPLE = {
    "name": "retention/calls",
    "state": "waiting",
    "next_at": "2024-02-19T03:33:00Z",
    "started_at": "2024-02-19T03:22:58Z",
    "ended_at": "2024-02-19T03:23:00Z",
    "done": {"calls": 12, "positions": 12},
    "failure": None,
}


class Job(BaseModel):
    """Work that goes on beside requests. A sweep begins again ten minutes after it ended."""

    model_config = like(EXAMPLE)

    name: str
    state: str = Field(description="waiting (for next_at), running, or failed (it is tried again at next_at)")
    next_at: datetime
    started_at: datetime | None = Field(description="When its latest run began")
    ended_at: datetime | None = Field(description="When the latest run that is over ended or failed")
    done: dict[str, int] = Field(description="What the latest run did: rows deleted, or erased by a period's name")
    failure: str | None = Field(description="The kind of error of the latest run; the log has the rest")


class JobList(BaseModel):
    items: list[Job]


def jobs_router(service: str, table: Table) -> APIRouter:
    """The route `/v1/ops/<service>/jobs`."""
    router = APIRouter(tags=["operations"], route_class=UseCaseRoute, responses=problems())

    @router.get(
        f"/v1/ops/{service}/jobs",
        name=f"list_{service.replace('-', '_')}_jobs",
        summary="List what runs beside requests, retention among it",
    )
    async def list_jobs(
        view: Annotated[Transaction[Any], view], _: Annotated[Access, Depends(allowed(Role.admin))]
    ) -> JobList:
        rows = (await view.connection.execute(select(table).order_by(table.c.name))).all()
        return JobList(items=[Job.model_validate(row, from_attributes=True) for row in rows])

    return router
