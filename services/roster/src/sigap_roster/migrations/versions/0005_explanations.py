"""Why a search left seats open."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Json

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("solves", sa.Column("explanation", Json, nullable=False, server_default="{}"))
