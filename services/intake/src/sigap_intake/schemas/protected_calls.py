"""The HTTP schema of a protected call for those from whom it is hidden."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.http.schemas import like
from sigap_intake.domain import CallState
from sigap_intake.domain.references import reference_of
from sigap_intake.examples import calls as examples


class HiddenCallOut(BaseModel):
    """A protected call: that it is there, so that it can be answered and taken over."""

    model_config = like(examples.HIDDEN_CALL)

    id: UUID
    regency: str
    version: int
    reference: str = Field(description="How people name the call; read off its id")
    state: CallState
    received_at: datetime
    answered_by: str | None = Field(description="The subject of the operator's token")
    operator_gone: bool = Field(description="Alarm: the operator is gone, anybody may take the call over")
    drill: bool
    protected: Literal[True] = True
    hidden: Literal[True] = Field(default=True, description="Who answers or takes over the call sees it")

    @classmethod
    def of(cls, call: Any) -> Self:
        """Of a call, or of its row."""
        told = {name: getattr(call, name) for name in cls.model_fields if name not in _SAID_HERE}
        return cls(**told, reference=reference_of(call.id))


_SAID_HERE = frozenset({"reference", "protected", "hidden"})
