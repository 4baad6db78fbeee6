"""The standard code lists, with the entries that a regency's pack adds."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import yaml
from pydantic import TypeAdapter

from sigap_common.core.errors import Fault, Invalid
from sigap_common.regency.help import capabilities, named_codes
from sigap_common.regency.model import Pack
from sigap_common.regency.parts.base import CodeEntry, Label


def dispositions(pack: Pack) -> tuple[CodeEntry, ...]:
    return _with_own("dispositions", pack.dispositions)


def decline_reasons(pack: Pack) -> tuple[CodeEntry, ...]:
    return _with_own("decline_reasons", pack.decline_reasons)


def wanted(pack: Pack) -> tuple[CodeEntry, ...]:
    """What agencies can be wanted for, in words: their kinds and capabilities, and the roles of the plans."""
    roles = (plan.role for plan in pack.response_plans if plan.role)
    return tuple(CodeEntry(code=code, label=wanted_label(code, pack)) for code in sorted({*capabilities(pack), *roles}))


def wanted_label(code: str, *packs: Pack) -> Label:
    """The words of a kind, capability or role. A code without words is shown as it is written."""
    plain = code.replace("_", " ")
    return words_of(code, *packs) or Label(id=plain, en=plain)


def words_of(code: str, *packs: Pack) -> Label | None:
    """The words of a kind, capability or role: those of the first pack, else of the standard list, else of the first
    further pack that has any. None: there are no words for it.
    """
    lists = [pack.capabilities for pack in packs]
    lists.insert(1 if lists else 0, _standard("capabilities"))
    return next((entry.label for entries in lists for entry in entries if entry.code == code), None)


def wordless(pack: Pack) -> list[str]:
    """The kinds, capabilities and roles of the pack that people read as they are written, since there are no words for
    them.
    """
    return sorted(code for code in named_codes(pack.agencies, pack.response_plans) if words_of(code, pack) is None)


def require_code(code: str | None, entries: Iterable[CodeEntry], field: str) -> None:
    """Raises Invalid (422) for a code that is not on the list."""
    known = [entry.code for entry in entries]
    if code not in known:
        raise Invalid(errors=[Fault(("body", field), "code_unknown", {"expected": known})])


def require_incident_type(
    code: str | None, packs: Iterable[Pack], place: tuple[str, str] = ("body", "incident_type")
) -> None:
    """Raises Invalid (422), with the known codes, for an incident type that none of the packs has. None is allowed.

    `place`: the field or parameter, as in a Fault.
    """
    known = list(dict.fromkeys(kind.code for pack in packs for kind in pack.incident_types))
    if code is not None and code not in known:
        raise Invalid(errors=[Fault(place, "incident_type_unknown", {"expected": known})])


def _with_own(which: str, own: tuple[CodeEntry, ...]) -> tuple[CodeEntry, ...]:
    replaced = {entry.code for entry in own}
    return (*(entry for entry in _standard(which) if entry.code not in replaced), *own)


@cache
def _standard(which: str) -> tuple[CodeEntry, ...]:
    text = files("sigap_common.regency").joinpath(f"{which}.yaml").read_text("utf-8")
    return TypeAdapter(tuple[CodeEntry, ...]).validate_python(yaml.safe_load(text))
