"""What dispatch says of regencies, and what every service answers."""

from typing import ClassVar

from pydantic import Field, JsonValue

from sigap_common.contracts import topics
from sigap_common.contracts.base import Contract, Event
from sigap_common.regency import Pack


class PackSectionPublished(Event):
    """A section of a regency's pack that changed with this version. Subject: `<regency>/<section>`.

    The topic keeps the newest of each section, so a section that never changes again is found there for ever.
    """

    topic: ClassVar[str] = topics.REGENCIES
    version: int
    section: str
    digest: str = Field(description="Names the content: PackPublished refers to it")
    content: dict[str, JsonValue] = Field(
        description="The pack's keys that belong to the section, without those that have their default"
    )


class PackPublished(Event):
    """A version of a regency's pack stands from now on. Subject: the regency's code.

    It holds once each of its sections has come, in any order: with this version, or with an earlier one.
    """

    topic: ClassVar[str] = topics.REGENCIES
    version: int
    sections: dict[str, str] = Field(
        description="The digest of each section; one that is absent has its defaults in every key"
    )


class RegencyConfigured(Event):
    """A regency's pack, whole: what was published before packs went by section, and is still read. Subject: the
    regency's code.
    """

    topic: ClassVar[str] = topics.REGENCIES
    version: int
    pack: Pack


class RegencyApplied(Event):
    """A service works by this version of the pack. Subject: `<regency>/<service>`."""

    topic: ClassVar[str] = topics.REGENCY_ANSWERS
    service: str
    version: int


class Complaint(Contract):
    """What a service cannot take, and where it stands in the pack."""

    pointer: str
    message: str


class RegencyRefused(Event):
    """A service cannot work by this version; it goes on with the one before. Subject: `<regency>/<service>`."""

    topic: ClassVar[str] = topics.REGENCY_ANSWERS
    service: str
    version: int
    complaints: tuple[Complaint, ...]
