"""Adds the table of jobs, and the column that says when a call is next looked at for erasure."""

from sigap_common.app.migrations import add_erase_at, create_jobs_table

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    create_jobs_table()
    add_erase_at("calls")
