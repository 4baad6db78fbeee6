"""Searches for plans: a claim of the process that does one, its machine, and fair turns of the regencies."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("solves", sa.Column("turn", sa.Integer, nullable=False, server_default="0"))
    op.add_column("solves", sa.Column("machine", sa.String))
    op.add_column("solves", sa.Column("claimed_until", Utc))
    under_way = sa.text("state IN ('queued', 'running')")
    op.drop_index("solves_open", "solves")
    op.create_index("solves_open", "solves", ["turn", "id"], sqlite_where=under_way, postgresql_where=under_way)
    begun = sa.text("started_at IS NOT NULL")
    op.create_index("solves_begun", "solves", ["turn"], sqlite_where=begun, postgresql_where=begun)
    op.create_index("solves_of_regency", "solves", ["regency", "turn"])
