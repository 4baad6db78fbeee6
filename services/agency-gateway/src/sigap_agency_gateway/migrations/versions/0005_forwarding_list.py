"""What lists show of a forwarding is kept in its row; older rows are shown from their documents."""

from sigap_common.app.migrations import add_list_entry

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    add_list_entry("forwardings")
