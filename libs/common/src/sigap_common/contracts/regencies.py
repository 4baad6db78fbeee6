"""What dispatch says of regencies, and what every service answers."""

from typing import ClassVar

from sigap_common.contracts import topics
from sigap_common.contracts.base import Contract, Event
from sigap_common.regency import Pack


class RegencyConfigured(Event):
    """A regency's pack, whole, as it stands from now on. Subject: the regency's code."""

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
