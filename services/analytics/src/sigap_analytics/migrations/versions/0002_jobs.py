"""Adds the table of jobs."""

from sigap_common.app.migrations import create_jobs_table

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_jobs_table()
