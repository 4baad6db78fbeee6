"""The standard code lists, with the entries that a regency's pack adds."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import yaml
from pydantic import TypeAdapter

from sigap_common.core.errors import Fault, Invalid
from sigap_common.regency.help import capabilities
from sigap_common.regency.model import Pack
from sigap_common.regency.sections import CodeEntry, Label


def dispositions(pack: Pack) -> tuple[CodeEntry, ...]:
    return _with_own("dispositions", pack.dispositions)


def decline_reasons(pack: Pack) -> tuple[CodeEntry, ...]:
    return _with_own("decline_reasons", pack.decline_reasons)


def wanted(pack: Pack) -> tuple[CodeEntry, ...]:
    """What agencies can be wanted for, in words: their kinds and capabilities, and the roles of the plans."""
    roles = (plan.role for plan in pack.response_plans if plan.role)
    return tuple(CodeEntry(code=code, label=wanted_label(code)) for code in sorted({*capabilities(pack), *roles}))


def wanted_label(code: str) -> Label:
    """The words of a kind, capability or role. One that is not on the standard list is shown as it is written."""
    known = next((entry.label for entry in _standard("capabilities") if entry.code == code), None)
    plain = code.replace("_", " ")
    return known or Label(id=plain, en=plain)


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
