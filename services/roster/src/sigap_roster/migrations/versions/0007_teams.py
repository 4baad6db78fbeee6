"""Teams, with the cycle of their shifts."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Json

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "teams",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("cycle", Json, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("members", Json, nullable=False),
    )
    op.create_index("teams_of_regency", "teams", ["regency", "id"])
