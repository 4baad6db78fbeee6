"""Events of the audit: where the chain of a regency's timelines ended when a day was over."""

from datetime import date
from typing import ClassVar

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Event


class AuditDigestPublished(Event):
    """A day of a regency is over, and this is the end of its audit chain. Subject: the regency's code.

    Whoever keeps it can prove later that no entry up to then was changed, removed or moved.
    """

    topic: ClassVar[str] = topics.INCIDENTS
    day: date = Field(description="The regency's local day")
    block: int = Field(description="The number of the chain's last block of that day")
    digest: str = Field(description="The digest of that block: SHA-256 in hexadecimal")
