"""Jobs, and when an incident is erased."""

from sigap_common.app.migrations import add_erase_at, create_jobs_table

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    create_jobs_table()
    add_erase_at("incidents")
