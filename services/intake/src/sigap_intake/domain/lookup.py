"""What an arriving call's number says: its block, its score, and whether it is protected."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sigap_common.contracts.calls import Unscreened


@dataclass(frozen=True, slots=True)
class Lookup:
    """Its active block, its place in the queue, and its protection, in the names of CallReceived."""

    block_id: UUID | None = None
    block_rule: str | None = None
    unscreened: Unscreened | None = None
    lowered_by_seconds: int = 0
    of_protected: bool = False

    def named(self) -> Mapping[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


NOTHING_KNOWN = Lookup()
"""Of a number without a block and with little or no score, and of a call without a number."""
