"""The tables of alarms for which the duty telephones ring."""

from sqlalchemy import Boolean, Column, Integer, String, Table, Uuid

from sigap_common.database import Utc
from sigap_intake.models.registry import metadata, partial_index

rung_alarms = Table(
    "rung_alarms",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("rung_at", Utc, nullable=False, index=True),
)
"""Alarms for which the duty telephones rang, since nobody was signed on."""
standing_alarms = Table(
    "standing_alarms",
    metadata,
    Column("group_id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("stands", Boolean, nullable=False),
    Column("severity", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("about", String, nullable=False),
    Column("label", String),
    Column("since", Utc, nullable=False),
    Column("rings_from", Utc, nullable=False),
    Column("ringing", Uuid, nullable=False),
    Column("rung", Boolean, nullable=False),
    Column("heard_at", Utc, nullable=False, index=True),
    partial_index("standing_alarms_unrung", "regency", only="stands AND NOT rung"),
)
"""Dispatch's groups of alarms after their newest change, which was heard at `heard_at`. `ringing`: the id of its row in
`rung_alarms`; `rung`: that row is known to be there.
"""
