"""Adds the table of jobs, and the column that says when an incident is next checked for erasure."""

from sigap_common.app.migrations import add_erase_at, create_jobs_table

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    create_jobs_table()
    add_erase_at("incidents")
