"""Stores all versions of packs by section. A section that did not change is stored once."""

import json

import sqlalchemy as sa
from alembic import op

from sigap_common.app.migrations import keep_packs_by_section, sections_of
from sigap_common.database import Utc

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    keep_packs_by_section()
    _split_versions()
    # False: its sections were not published one by one yet, so the next version publishes all of them.
    op.add_column("configurations", sa.Column("by_section", sa.Boolean, nullable=False, server_default=sa.false()))


def _split_versions() -> None:
    names = ("code", "version", "pack", "configured_at", "configured_by")
    types = {"configured_at": Utc}
    before = sa.table("packs", *(sa.column(name, types.get(name)) for name in names))
    packs = op.get_bind().execute(sa.select(before)).all()
    op.drop_table("packs")
    versions = op.create_table(
        "packs",
        sa.Column("code", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("sections", sa.Text, nullable=False),
        sa.Column("configured_at", Utc, nullable=False),
        sa.Column("configured_by", sa.String),
    )
    sections = op.create_table(
        "pack_sections",
        sa.Column("code", sa.String, primary_key=True),
        sa.Column("section", sa.String, primary_key=True),
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
    )
    contents: dict[tuple[str, str, str], str] = {}
    for row in packs:
        split = sections_of(row.pack)
        digests = json.dumps({name: digest for name, (digest, _) in split.items()})
        when = {"configured_at": row.configured_at, "configured_by": row.configured_by}
        op.execute(versions.insert().values(code=row.code, version=row.version, sections=digests, **when))
        contents |= {(row.code, name, digest): content for name, (digest, content) in split.items()}
    rows = [dict(zip(("code", "section", "digest"), key, strict=True), content=text) for key, text in contents.items()]
    op.bulk_insert(sections, rows)
