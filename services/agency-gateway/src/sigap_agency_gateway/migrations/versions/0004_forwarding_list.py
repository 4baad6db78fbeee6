"""Adds the columns from which lists show a forwarding. Rows without a list entry are shown from their documents."""

from sigap_common.app.migrations import add_list_entry

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    add_list_entry("forwardings")
