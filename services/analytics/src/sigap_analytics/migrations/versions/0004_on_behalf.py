"""Adds the column that says whether an operator or dispatcher recorded an agency's answer; figures count
these apart.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

CHANNELS = ("telephone", "radio")


def upgrade() -> None:
    op.add_column("forwardings", sa.Column("on_behalf", sa.Boolean, nullable=False, server_default=sa.false()))
    rows = sa.table("forwardings", sa.column("on_behalf", sa.Boolean), sa.column("told", sa.Text))
    for channel in CHANNELS:
        # Facts are stored as JSON without spaces. Declines that were stored before do not have their channel.
        said = rows.c.told.like(f'%"acknowledged_by":[%,"{channel}"]%')
        op.execute(rows.update().where(said).values(on_behalf=True))
