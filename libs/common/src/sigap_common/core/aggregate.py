"""The base of every aggregate's pure model: no database, no web framework."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Aggregate(BaseModel):
    """The fields that every aggregate has. A domain's own model derives from it. All models are frozen.

    Before its first event an aggregate is a bare `Aggregate(id=..., regency=..., drill=...)` of version 0. The first
    event makes its first state.
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
    regency: str
    version: int = 0
    drill: bool = False
