"""The HTTP schema of a zone: the regencies in whose area a place lies."""

from typing import Self

from pydantic import Field

from sigap_common.contracts.zones import Elsewhere, Zone
from sigap_common.core.texts import LANGUAGES, Language, Texts

_TEXTS = Texts.load("sigap_common")


class ZoneOut(Zone):
    """A zone, with a warning in words if the place belongs to another regency."""

    in_words: dict[str, str] | None = Field(
        default=None, description="If the place is elsewhere: whose it is and what to do, by language: id, en"
    )

    @classmethod
    def of(cls, zone: Zone | None) -> Self | None:
        """The zone for an answer; None if there is no zone."""
        return cls.shown(zone) if zone else None

    @classmethod
    def shown(cls, zone: Zone) -> Self:
        told = zone.elsewhere
        return cls(**dict(zone), in_words={spoken: _words(told, spoken) for spoken in LANGUAGES} if told else None)


def _words(told: Elsewhere, spoken: Language) -> str:
    name = f"{told.name} ({told.regency})" if told.name else told.regency
    whose = _TEXTS.get("zones.anothers" if name else "zones.nobodys", spoken, name=name)
    if told.by == "queue":
        how = _TEXTS.get("zones.queue_and_telephone" if told.telephones else "zones.queue", spoken, **_numbers(told))
    else:
        how = _TEXTS.get("zones.telephone" if told.telephones else "zones.no_telephone", spoken, **_numbers(told))
    return f"{whose} {how}"


def _numbers(told: Elsewhere) -> dict[str, object]:
    return {"telephones": list(told.telephones)}
