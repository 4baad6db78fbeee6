"""Which agencies have not acknowledged an open incident, and who is responsible for it. It fills with the events that
come from now on.
"""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("open_incidents", sa.Column("responsible", sa.String))
    op.create_table(
        "unacknowledged",
        sa.Column("forwarding_id", sa.Uuid, primary_key=True),
        sa.Column("incident_id", sa.Uuid, nullable=False),
        sa.Column("agency", sa.String, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("acknowledge_by", Utc),
    )
    op.create_index("unacknowledged_incident", "unacknowledged", ["incident_id"])
