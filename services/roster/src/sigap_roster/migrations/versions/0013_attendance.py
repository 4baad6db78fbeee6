"""When duties began and ended as recorded. Those of before that are over stay without, and are listed by their plan."""

import json
from datetime import datetime

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("duties", sa.Column("started_at", Utc))
    op.add_column("duties", sa.Column("ended_at", Utc))
    rows = sa.table(
        "duties", sa.column("id", sa.Uuid), sa.column("document"), sa.column("state"), sa.column("started_at", Utc)
    )
    under_way = sa.select(rows.c.id, rows.c.document).where(rows.c.state == "started")
    for row in op.get_bind().execute(under_way).all():
        started_at = datetime.fromisoformat(json.loads(row.document)["started_at"])
        op.execute(rows.update().where(rows.c.id == row.id).values(started_at=started_at))
