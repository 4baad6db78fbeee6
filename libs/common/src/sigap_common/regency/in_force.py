"""The packs in force in this process, by code, as requests and events read them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from sigap_common.core.errors import NotFound
from sigap_common.regency.model import Pack

PackListener = Callable[[Pack], None]
"""Called with each pack, zone included, when it is loaded or replaced in this process."""


class PacksInForce:
    """The newest version of each pack that this process has taken in.

    A pack is kept without its zone, which is most of it; a listener that needs zones keeps them in a form of its own.
    """

    def __init__(self, listeners: Iterable[PackListener] = ()) -> None:
        self._listeners = tuple(listeners)
        self._packs: dict[str, tuple[int, Pack]] = {}

    def get(self, code: str) -> Pack:
        """The pack of a regency. Raises NotFound (404) for a regency that is not configured."""
        if (known := self._packs.get(code)) is None:
            raise NotFound("regency-not-configured", regency=code)
        return known[1]

    def in_service(self, code: str) -> Pack:
        """The pack of a regency in which something new begins. Raises NotFound (404), also for one that is retired."""
        pack = self.get(code)
        if pack.retired:
            raise NotFound("regency-retired", regency=code)
        return pack

    def find(self, code: str) -> Pack | None:
        """The pack of a regency; None for a regency that is not configured."""
        known = self._packs.get(code)
        return known[1] if known else None

    def local(self, code: str, moment: datetime) -> datetime:
        """The moment on the regency's clock; in UTC for a regency that is not configured."""
        pack = self.find(code)
        return pack.local(moment) if pack else moment.astimezone(UTC)

    def version(self, code: str) -> int:
        """The version of the pack in force; 0 if there is none."""
        known = self._packs.get(code)
        return known[0] if known else 0

    def sum_of_versions(self) -> int:
        """Of all packs in force; it grows with each that is taken in."""
        return sum(version for version, _ in self._packs.values())

    def all(self) -> list[Pack]:
        """All packs in force, in the order of their codes."""
        return [pack for _, (_, pack) in sorted(self._packs.items())]

    def keep(self, version: int, pack: Pack) -> None:
        """Takes a pack into memory, unless this version or a newer one is there."""
        if version <= self.version(pack.code):
            return
        # A retired regency's ground falls to whoever else claims it; its history keeps the zone of its own day.
        seen = pack.model_copy(update={"zone": None}) if pack.retired else pack
        for listener in self._listeners:
            listener(seen)
        self._packs[pack.code] = (version, pack.model_copy(update={"zone": None}))
