"""The entries of incidents' timelines as sentences."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sigap_common.core.texts import LANGUAGES, Texts
from sigap_common.http.timeline_words import TimelineWords, View, type_label, word_of
from sigap_common.regency import CodeEntry, Pack, decline_reasons, dispositions, wanted_label, words_of
from sigap_common.regency.in_force import PacksInForce
from sigap_dispatch.domain.evolve import PROTECTED
from sigap_dispatch.domain.plans import drill_agency


def agency_name(agency: str, regency: str, packs: PacksInForce) -> str | None:
    """The name of an agency for people of this regency. If the agency belongs to another regency, that one's name
    follows. None if its pack no longer has the agency, and for the built-in drill agency, which is in no pack.
    """
    owner, _, code = agency.partition("/")
    pack = packs.find(owner)
    known = pack.agency(code) if pack else None
    if known is None:
        return None
    return known.name if owner == regency else f"{known.name}, {packs.name_of(owner)}"


def agency_label(agency: str, regency: str, packs: PacksInForce) -> Mapping[str, str] | None:
    """The same by language, and the words for the built-in drill agency."""
    if agency == drill_agency(regency):
        return Texts.load("sigap_dispatch").labels("drill_agency")
    name = agency_name(agency, regency, packs)
    return dict.fromkeys(LANGUAGES, name) if name else None


def role_label(role: str, regency: str, packs: PacksInForce) -> Mapping[str, str]:
    """The words of a role, by language, from the regency's pack or one that lends it agencies. A role is a kind, a
    capability, or a code of a plan. An agency without such a role is a role of its own (`role_served`): then its name.
    """
    pack = packs.find(regency)
    read = (pack, *packs.lenders(pack)) if pack else ()
    if (words := words_of(role, *read)) is not None:
        return words.model_dump()
    return agency_label(f"{regency}/{role}", regency, packs) or wanted_label(role).model_dump()


@dataclass(frozen=True, slots=True)
class Names:
    """The names of agencies and roles in a regency, for the fields `name` and `role_label` of an answer.

    `packs`: None if they are added later, so that a stored answer does not keep what a pack may change.
    """

    regency: str
    packs: PacksInForce | None

    def agency(self, agency: str) -> str | None:
        return agency_name(agency, self.regency, self.packs) if self.packs else None

    def role(self, role: str | None) -> dict[str, str] | None:
        return dict(role_label(role, self.regency, self.packs)) if self.packs and role else None


def _receiver_label(to: str, regency: str, packs: PacksInForce) -> Mapping[str, str] | str | None:
    """Of what is offered or passed on: a regency's or an agency's name. A person is shown as it stands."""
    return packs.name_of(to) or agency_label(to, regency, packs)


def _code_label(
    entries: Callable[[Pack], tuple[CodeEntry, ...]], code: str, regency: str, packs: PacksInForce
) -> Mapping[str, str] | None:
    pack = packs.find(regency)
    known = (entry for entry in (entries(pack) if pack else ()) if entry.code == code)
    return next((entry.label.model_dump() for entry in known), None)


def _derived(_: str, view: View) -> dict[str, Any]:
    return {"became_protected": any(change["field"] == PROTECTED for change in view.get("changes", ()))}


HIDDEN_NUMBER = "hidden"
"""Stands in an entry for the number of an incident that is hidden from its reader."""


def _number_label(number: str, _: str, __: PacksInForce) -> Mapping[str, str] | None:
    return Texts.load("sigap_dispatch").labels("hidden_number") if number == HIDDEN_NUMBER else None


WORDS = TimelineWords(
    "sigap_dispatch",
    {
        "agency": agency_label,
        "waiting": agency_label,
        "moved": agency_label,
        "to": _receiver_label,
        "proposed_withdrawals": agency_label,
        "asks_for_agency": agency_label,
        "asks_for_capability": role_label,
        "role": role_label,
        "incident_type": type_label,
        "reason": partial(_code_label, decline_reasons),
        "disposition": partial(_code_label, dispositions),
        "channel": word_of("sigap_dispatch", "channels"),
        "goes_on_by": word_of("sigap_dispatch", "channels"),
        "state": word_of("sigap_dispatch", "words"),
        "other_number": _number_label,
        "into_number": _number_label,
        "profile": word_of("sigap_dispatch", "profiles"),
    },
    _derived,
)
