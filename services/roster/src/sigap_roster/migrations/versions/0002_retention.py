"""Adds the table of jobs, and the column that says when a person's entry is next checked for erasure."""

from sigap_common.app.migrations import add_erase_at, create_jobs_table

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_jobs_table()
    add_erase_at("staff")
