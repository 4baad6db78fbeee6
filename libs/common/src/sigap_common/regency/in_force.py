"""The packs in force in this process, by code, as requests and events read them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sigap_common.core.errors import NotFound
from sigap_common.regency.by_section import SectionText, default, pack_of, read
from sigap_common.regency.model import Pack, ZoneSection
from sigap_common.regency.parts.base import Part
from sigap_common.regency.zone import Zone

EVERY_SERVICE = frozenset({"identity", "retention"})
"""The sections that every service keeps, since the common library reads them."""

ZoneListener = Callable[[str, Zone | None], None]
"""Called with a regency's code and its zone when the zone changed in this process; None: the regency owns no place."""


@dataclass(frozen=True, slots=True)
class _InForce:
    version: int
    pack: Pack
    """Without its zone."""
    zone: str | None
    """The digest of the zone that the listener was given last; None: it was given none."""
    parts: tuple[Part, ...]
    """Held so that other regencies and services of this process find them in `by_section.read`."""


class PacksInForce:
    """The newest version of each pack that this process has loaded, with the sections that the service names.

    A pack is kept without its zone, which is most of it; a listener that needs zones keeps them in a form of its own.
    """

    def __init__(self, sections: Iterable[str] = (), on_zone: ZoneListener | None = None) -> None:
        self.sections = EVERY_SERVICE.union(sections)
        self._on_zone = on_zone
        self._packs: dict[str, _InForce] = {}
        self._names = Counter[str]()
        """How many regencies have a name."""

    def get(self, code: str) -> Pack:
        """The pack of a regency. Raises NotFound (404) for a regency that is not configured."""
        if (known := self._packs.get(code)) is None:
            raise NotFound("regency-not-configured", regency=code)
        return known.pack

    def in_service(self, code: str) -> Pack:
        """The pack of a regency in which something new begins. Raises NotFound (404), also for one that is retired."""
        pack = self.get(code)
        if pack.retired:
            raise NotFound("regency-retired", regency=code)
        return pack

    def find(self, code: str) -> Pack | None:
        """The pack of a regency; None for a regency that is not configured."""
        known = self._packs.get(code)
        return known.pack if known else None

    def name_of(self, code: str) -> str | None:
        """The name of a regency, with its code if another regency has the same name; None if it is not configured."""
        if (known := self._packs.get(code)) is None:
            return None
        name = known.pack.name
        return name if self._names[name] == 1 else f"{name} ({code})"

    def lenders(self, pack: Pack) -> list[Pack]:
        """The packs of the regencies whose agencies may be told of this one's incidents: both name each other."""
        named = (self.find_in_service(code) for code in pack.mutual_aid)
        return [one for one in named if one and pack.code in one.mutual_aid]

    def find_in_service(self, code: str) -> Pack | None:
        """The pack of a regency whose people work here; None for one that is not configured, or is retired."""
        pack = self.find(code)
        return pack if pack and not pack.retired else None

    def local(self, code: str, moment: datetime) -> datetime:
        """The moment on the regency's clock; in UTC for a regency that is not configured."""
        pack = self.find(code)
        return pack.local(moment) if pack else moment.astimezone(UTC)

    def version(self, code: str) -> int:
        """The version of the pack in force; 0 if there is none."""
        known = self._packs.get(code)
        return known.version if known else 0

    def sum_of_versions(self) -> int:
        """The sum of the versions of all packs in force. It grows with each new version."""
        return sum(known.version for known in self._packs.values())

    def all(self) -> list[Pack]:
        """All packs in force, in the order of their codes."""
        return [known.pack for _, known in sorted(self._packs.items())]

    def keep(self, version: int, code: str, texts: Mapping[str, SectionText]) -> None:
        """Loads a regency's sections into memory, unless this version or a newer one is loaded already.

        One that is absent from `texts` has its defaults. Raises ValidationError for content that breaks the contract.
        """
        if version <= self.version(code):
            return
        parts = tuple(self._read(name, texts) for name in sorted(self.sections - {"zone"}))
        pack = pack_of(parts)
        # A retired regency owns no place; other zones that contain the place own it. Stored calls keep their zone.
        zone = texts.get("zone") if "zone" in self.sections and not pack.retired else None
        self._tell(code, zone)
        if (before := self._packs.get(code)) is not None:
            self._names[before.pack.name] -= 1
        self._names[pack.name] += 1
        self._packs[code] = _InForce(version, pack, zone.digest if zone else None, parts)

    def read_new(self, code: str, texts: Mapping[str, SectionText]) -> tuple[Part, ...]:
        """Reads the sections that `keep` will need. Call it in a thread before `keep` and hold the result until `keep`
        returns; then `keep` need not read them. Raises ValidationError.
        """
        known, zone = self._packs.get(code), texts.get("zone")
        names = self.sections - {"zone"}
        if self._on_zone and zone and "zone" in self.sections and zone.digest != (known.zone if known else None):
            names |= {"zone"}
        return tuple(self._read(name, texts) for name in sorted(names))

    def _read(self, name: str, texts: Mapping[str, SectionText]) -> Part:
        return read(texts[name]) if name in texts else default(name)

    def _tell(self, code: str, text: SectionText | None) -> None:
        known = self._packs.get(code)
        if self._on_zone is not None and (text.digest if text else None) != (known.zone if known else None):
            section = read(text) if text else None
            self._on_zone(code, section.zone if isinstance(section, ZoneSection) else None)
