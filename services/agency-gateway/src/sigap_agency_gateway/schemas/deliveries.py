"""The HTTP schemas of deliveries and their attempts."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Row

from sigap_agency_gateway import examples
from sigap_agency_gateway.domain.delivery import DeliveryState, Kind, message_id
from sigap_common.core.texts import Language, Texts
from sigap_common.http.schemas import like
from sigap_common.personal_data import KeyRing

TEXTS = Texts.load("sigap_agency_gateway")


class DeliveryOut(BaseModel):
    model_config = like(examples.DELIVERY)

    id: UUID
    forwarding_id: UUID
    endpoint_id: UUID
    regency: str
    agency: str
    endpoint: str
    channel: str
    kind: Kind
    revision: int
    webhook_id: str
    state: DeliveryState
    attempts: int
    acknowledge_by: datetime | None
    created_at: datetime
    next_at: datetime | None
    ended_at: datetime | None
    error: str | None = Field(
        description="The last error; for a cancelled delivery the reason: answered, withdrawn or closed"
    )

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        values = dict(row._mapping)
        webhook_id = message_id(row.forwarding_id, row.revision, row.kind)
        return cls(**values, webhook_id=webhook_id, next_at=row.due_at)


class DeliveryList(BaseModel):
    items: list[DeliveryOut]
    next: str | None


class AttemptOut(BaseModel):
    model_config = like(examples.ATTEMPT)

    number: int
    started_at: datetime
    ended_at: datetime
    status: int | None = Field(description="The channel's own status, such as that of HTTP")
    error: str | None = Field(description="A code; null: the notice arrived")
    in_words: str | None = Field(description="In the language of Accept-Language")
    late: bool = Field(description="Made after `acknowledge_by`")
    excerpt: str | None = Field(description="The first kB of the answer; shown to supervisor and admin")

    @classmethod
    def of(cls, row: Row[Any], ring: KeyRing | None, spoken: Language) -> Self:
        clear = ring.open_bytes(row.excerpt, f"excerpt/{row.delivery_id}") if ring and row.excerpt else None
        excerpt = clear.decode("utf-8", "replace") if clear is not None else None
        return cls(**dict(row._mapping) | {"excerpt": excerpt, "in_words": _in_words(row, spoken)})


def _in_words(row: Row[Any], spoken: Language) -> str | None:
    key = f"attempts.{row.error}"
    return TEXTS.get(key, spoken, status=row.status) if key in TEXTS else row.error


class DeliveryWithAttempts(DeliveryOut):
    model_config = like(examples.DELIVERY | {"log": [examples.ATTEMPT]})

    log: list[AttemptOut]
