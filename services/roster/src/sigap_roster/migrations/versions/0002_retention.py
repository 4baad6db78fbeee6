"""Jobs, and when a person's contacts are erased."""

from sigap_common.app.migrations import add_erase_at, create_jobs_table

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_jobs_table()
    add_erase_at("staff")
