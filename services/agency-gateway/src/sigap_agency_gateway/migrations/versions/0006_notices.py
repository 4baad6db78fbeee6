"""Notices, as they are sent, in place of what they were made from."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # Both databases change the name in the partial index deliveries_kept too.
    op.execute("ALTER TABLE deliveries RENAME COLUMN parcel TO notice")
    # What is kept there has another form. A delivery that waits for its first attempt is rendered from its forwarding.
    op.execute("UPDATE deliveries SET notice = NULL WHERE notice IS NOT NULL")
