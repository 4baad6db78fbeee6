"""The rule by which a call's number was blocked. No call that was heard before came from a blocked number."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("calls", sa.Column("block_rule", sa.String))
