"""The tables of blocks and of prank scores."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text, Uuid, literal_column

from sigap_common.database import Utc
from sigap_intake.models.registry import metadata, partial_index

blocks = Table(
    "blocks",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("caller_hash", String),
    Column("review_due", Boolean, nullable=False),
    Column("proposed_at", Utc, nullable=False),
    Column("due_at", Utc),
    Column("erase_at", Utc),
    Index("blocks_proposed", "proposed_at", "id"),
    Index("blocks_of_regency", "regency", "proposed_at", "id"),
    Index("blocks_state", "state", "regency", "proposed_at", "id"),
    # Two calls that are classified at once propose one block.
    partial_index("blocks_open", "regency", "caller_hash", only="state IN ('proposed', 'active')", unique=True),
    partial_index("blocks_caller", "regency", "caller_hash", "proposed_at", only="caller_hash IS NOT NULL"),
    partial_index("blocks_due", "due_at", only="due_at IS NOT NULL"),
    partial_index("blocks_erase", "erase_at", only="erase_at IS NOT NULL"),
)
# Bound values would keep both databases from using the partial index of open blocks.
IS_OPEN = blocks.c.state.in_([literal_column("'proposed'"), literal_column("'active'")])
prank_scores = Table(
    "prank_scores",
    metadata,
    Column("regency", String, primary_key=True),
    Column("caller_hash", String, primary_key=True),
    Column("score", Float, nullable=False),
    Column("scored_at", Utc, nullable=False),
    Column("lowers_until", Utc),
    Column("forget_at", Utc, nullable=False),
    Index("prank_scores_changed", "scored_at", "regency", "caller_hash"),
    Index("prank_scores_forget", "forget_at"),
)
