"""The list of blocks."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from sqlalchemy import not_, select

from sigap_common.http.listing import Listing, Regency
from sigap_common.http.paging import Keyset
from sigap_intake.domain.block import BlockState
from sigap_intake.models.blocks import IS_OPEN, blocks
from sigap_intake.visibility.blocks import BLOCK_POLICY


@dataclass(frozen=True, kw_only=True)
class BlockFilters:
    regency: Regency = None
    state: BlockState | None = None
    is_open: Annotated[
        bool | None,
        Query(alias="open", description="true: only those proposed or active; false: only others; left out: both"),
    ] = None
    review_due: Annotated[bool | None, Query(description="Only those whose review is an alarm, or is none")] = None


BLOCKS = Listing(
    blocks,
    order=Keyset(blocks.c.proposed_at, blocks.c.id, newest_first=True),
    policy=BLOCK_POLICY,
    filters=BlockFilters,
    where={"is_open": lambda wanted: IS_OPEN if wanted else not_(IS_OPEN)},
    source=select(blocks.c.id, blocks.c.document, blocks.c.proposed_at),
)
