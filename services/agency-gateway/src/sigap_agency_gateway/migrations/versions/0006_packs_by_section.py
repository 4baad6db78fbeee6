"""Stores packs by section."""

from sigap_common.app.migrations import keep_packs_by_section

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    keep_packs_by_section()
