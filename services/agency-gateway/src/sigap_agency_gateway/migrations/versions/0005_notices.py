"""Stores the notice of a delivery, instead of the content from which the notice was made."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # Both databases change the name in the partial index deliveries_kept too.
    op.execute("ALTER TABLE deliveries RENAME COLUMN parcel TO notice")
    # The stored contents have another form and are dropped. If a delivery waits for its first attempt, its notice is
    # made from its forwarding.
    op.execute("UPDATE deliveries SET notice = NULL WHERE notice IS NOT NULL")
