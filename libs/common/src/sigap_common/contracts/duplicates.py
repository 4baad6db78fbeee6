"""Contracts of incidents that may be one event."""

from pydantic import Field

from sigap_common.contracts.base import Contract


class DuplicateReason(Contract):
    """One reason why two incidents may be one event."""

    code: str = Field(
        description="near, soon, same_kind, same_category, unknown_kind, other_category, same_caller, ..."
    )
    value: int | None = Field(default=None, description="Metres of near, seconds of soon, how many of common_words")
