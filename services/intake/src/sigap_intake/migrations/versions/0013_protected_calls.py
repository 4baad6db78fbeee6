"""Adds the calls of protected incidents, and who broke the glass of one. Calls that are there are filled in from the
numbers that reported protected incidents, and from the copy of open ones.
"""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "protected_calls",
        sa.Column("call_id", sa.Uuid, primary_key=True),
        sa.Column("because_of", sa.Uuid, primary_key=True),
    )
    op.create_index("protected_calls_because", "protected_calls", ["because_of"])
    op.create_table(
        "broken_glasses",
        sa.Column("incident_id", sa.Uuid, primary_key=True),
        sa.Column("subject", sa.String, primary_key=True),
        sa.Column("until", Utc, nullable=False),
    )
    op.execute(
        "INSERT INTO protected_calls (call_id, because_of) SELECT call_id, incident_id FROM incident_calls WHERE"
        " incident_id IN (SELECT incident_id FROM protected_callers)"
        " OR incident_id IN (SELECT id FROM open_incidents WHERE protected)"
    )
