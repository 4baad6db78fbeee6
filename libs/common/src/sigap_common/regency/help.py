"""Which help an agency may ask for: agencies, kinds and capabilities that the pack of the regency names."""

from collections.abc import Iterable

from sigap_common.core.errors import Fault, Invalid
from sigap_common.regency.model import Pack
from sigap_common.regency.parts.agencies import Agency
from sigap_common.regency.parts.plans import ResponsePlan


def capabilities(pack: Pack) -> list[str]:
    """The kinds and capabilities of the pack's agencies, each once, in the order of the alphabet."""
    return sorted({word for agency in pack.agencies for word in (agency.kind, *agency.capabilities)})


def named_codes(agencies: Iterable[Agency], plans: Iterable[ResponsePlan]) -> set[str]:
    """The kinds and capabilities of agencies and of their units, and the roles of plans: what can have words."""
    codes = {plan.role for plan in plans}
    for agency in agencies:
        codes |= {agency.kind, *agency.capabilities}
        codes |= {code for unit in agency.units for code in (unit.kind, *unit.capabilities)}
    return {code for code in codes if code is not None}


def require_help(pack: Pack, *, agency: str | None, capability: str | None) -> None:
    """Raises Invalid for an agency that is not of this regency's pack, and for a capability that none of them has."""
    regency, _, code = (agency or "").partition("/")
    if agency is not None and (regency != pack.code or pack.agency(code) is None):
        raise Invalid(errors=[Fault(("body", "asks_for", "agency"), "help_agency_unknown", {})])
    known = capabilities(pack)
    if capability is not None and capability not in known:
        raise Invalid(errors=[Fault(("body", "asks_for", "capability"), "code_unknown", {"expected": known})])
