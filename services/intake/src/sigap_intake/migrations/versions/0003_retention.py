"""Jobs, and when a call is erased."""

from sigap_common.app.migrations import add_erase_at, create_jobs_table

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    create_jobs_table()
    add_erase_at("calls")
