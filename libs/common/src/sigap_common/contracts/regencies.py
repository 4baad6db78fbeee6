"""Events about regencies' packs: what dispatch publishes, and what every service answers."""

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
    """A new version of a regency's pack. Subject: the regency's code.

    A service uses it once it has received each of its sections, in any order. A section may be of an earlier version.
    """

    topic: ClassVar[str] = topics.REGENCIES
    version: int
    sections: dict[str, str] = Field(
        description="The digest of each section; one that is absent has its defaults in every key"
    )


class RegencyConfigured(Event):
    """A regency's whole pack: the event of releases before packs were published by section. It is still read. Subject:
    the regency's code.
    """

    topic: ClassVar[str] = topics.REGENCIES
    version: int
    pack: Pack


class RegencyApplied(Event):
    """A service uses this version of the pack. Subject: `<regency>/<service>`."""

    topic: ClassVar[str] = topics.REGENCY_ANSWERS
    service: str
    version: int


class Complaint(Contract):
    """What a service cannot accept in a pack, and where it is."""

    pointer: str
    message: str


class RegencyRefused(Event):
    """A service cannot use this version, and goes on with the one before. Subject: `<regency>/<service>`."""

    topic: ClassVar[str] = topics.REGENCY_ANSWERS
    service: str
    version: int
    complaints: tuple[Complaint, ...]
