"""Adds the priority of an incident as a column: overdue deadlines are handled by it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_IN_DOCUMENT = {
    "sqlite": "UPDATE incidents SET priority = json_extract(document, '$.priority') WHERE due_at IS NOT NULL",
    "postgresql": "UPDATE incidents SET priority = (document::json ->> 'priority')::int WHERE due_at IS NOT NULL",
}


def upgrade() -> None:
    op.add_column("incidents", sa.Column("priority", sa.Integer, nullable=False, server_default="3"))
    op.execute(_IN_DOCUMENT[op.get_bind().dialect.name])
