"""Whether one of us took down an agency's answer, so that figures tell it from the agency's own."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

CHANNELS = ("telephone", "radio")


def upgrade() -> None:
    op.add_column("forwardings", sa.Column("on_behalf", sa.Boolean, nullable=False, server_default=sa.false()))
    rows = sa.table("forwardings", sa.column("on_behalf", sa.Boolean), sa.column("told", sa.Text))
    for channel in CHANNELS:
        # Facts are kept as JSON without spaces. Of declines that were heard before, the channel was not kept.
        said = rows.c.told.like(f'%"acknowledged_by":[%,"{channel}"]%')
        op.execute(rows.update().where(said).values(on_behalf=True))
