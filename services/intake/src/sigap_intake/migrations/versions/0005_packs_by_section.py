"""Stores packs by section."""

from sigap_common.app.migrations import keep_packs_by_section

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    keep_packs_by_section()
