"""The HTTP schemas of signing in, tokens, and `/v1/me`."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field

from sigap_common.auth import Access, Role
from sigap_common.http.schemas import Body, like
from sigap_common.http.types import AgencyPath, RegencyOrAll, ShortText, Text
from sigap_common.personal_data import KeyRing
from sigap_dispatch import examples


class SignIn(Body):
    model_config = like(examples.SIGN_IN)

    username: ShortText
    password: Annotated[str, Text(1000)]


class DemoTokenRequest(Body):
    model_config = like(examples.DEMO_TOKEN)

    roles: Annotated[list[Role], Field(min_length=1, max_length=20)]
    regencies: Annotated[list[RegencyOrAll], Field(max_length=1000)]
    agency: AgencyPath | None = None


class TokenOut(BaseModel):
    model_config = like(examples.TOKEN)

    access_token: str
    token_type: str = "Bearer"  # noqa: S105
    expires_in: int = Field(description="Seconds")


class Jwks(BaseModel):
    """A JWK set (RFC 7517)."""

    model_config = like(examples.JWKS)

    keys: list[dict[str, Any]]


class Me(BaseModel):
    model_config = like(examples.ME)

    subject: str
    name: str | None
    roles: list[Role]
    regencies: list[str] = Field(description="`*`: all")
    agency: str | None
    expires_at: datetime
    keeping_key: str = Field(
        description="A key of your own, AES-256 as base64url, the same at each sign-in: a page seals with it what it "
        "must keep in the browser, so that nobody else reads it there"
    )

    @classmethod
    def of(cls, access: Access, ring: KeyRing) -> Self:
        return cls(
            subject=access.subject,
            name=access.name,
            roles=sorted(access.roles),
            regencies=sorted(access.regencies),
            agency=access.agency,
            expires_at=access.expires_at,
            keeping_key=ring.key_for(f"texts kept for {access.subject}"),
        )
