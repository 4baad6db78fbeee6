"""A claimed callback can be offered to a colleague, who finds it by that."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
_OFFERED = sa.text("offered_to IS NOT NULL")


def upgrade() -> None:
    op.add_column("callbacks", sa.Column("offered_to", sa.String))
    op.create_index("callbacks_offered", "callbacks", ["offered_to"], postgresql_where=_OFFERED, sqlite_where=_OFFERED)
