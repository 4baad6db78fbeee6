"""The HTTP schemas of the drill door."""

from uuid import UUID

from pydantic import BaseModel

from sigap_agency_gateway import examples
from sigap_common.http.schemas import like


class KnockHeard(BaseModel):
    model_config = like({"forwarding_id": examples.FORWARDING["id"], "revision": 1})

    forwarding_id: UUID
    revision: int


class JsonWebKeys(BaseModel):
    """A JWK set (RFC 7517)."""

    model_config = like(examples.JWKS)

    keys: list[dict[str, str]]
