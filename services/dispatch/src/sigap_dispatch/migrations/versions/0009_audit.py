"""Adds the tables of the audit. A sweep seals the entries that are there, in blocks that say so."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0009"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "audit_heads",
        sa.Column("regency", sa.String, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("sealed_at", Utc, nullable=False),
    )
    op.create_table(
        "audit_blocks",
        sa.Column("regency", sa.String, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("sealed_at", Utc, nullable=False),
        sa.Column("beginning", sa.Boolean, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
    )
    op.create_table(
        "audit_entries",
        sa.Column("subject", sa.String, primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("block", sa.Integer, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("link", sa.String, nullable=False),
        sa.Column("digests", sa.Text),
    )
    op.create_index("audit_entries_order", "audit_entries", ["regency", "block", "place"], unique=True)
    op.create_table(
        "audit_salts",
        sa.Column("subject", sa.Uuid, primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("salt", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "audit_digests",
        sa.Column("regency", sa.String, primary_key=True),
        sa.Column("day", sa.String, primary_key=True),
        sa.Column("block", sa.Integer, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("published_at", Utc, nullable=False),
    )
