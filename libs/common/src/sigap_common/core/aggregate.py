"""What every aggregate has, as a pure model: no database, no web framework."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Aggregate(BaseModel):
    """What every aggregate has. Its own model adds the rest; all of it frozen.

    One that is about to begin is a bare `Aggregate(id=..., regency=..., drill=...)` of version 0: its first
    event makes its first state.
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
    regency: str
    version: int = 0
    drill: bool = False
