"""The help that an agency asks for. It becomes a proposal, which a person takes or dismisses.

What no proposal can give, because nobody is left who could come, stands as a question: it must not go unseen.
"""

from collections.abc import Mapping
from typing import Any

from sigap_common.contracts.agency_reports import HelpAskedFor
from sigap_common.contracts.alarm_levels import AlarmLevelProposed
from sigap_common.contracts.proposals import ProposalReason
from sigap_common.core.texts import Texts
from sigap_common.personal_data import Sealed
from sigap_common.regency import wanted_label
from sigap_common.regency.help import require_help
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.forwarding import is_on_it
from sigap_dispatch.domain.plans import Wanted, highest_level, kind_of, nearest, within
from sigap_dispatch.domain.proposals import propose
from sigap_dispatch.domain.questions import ask
from sigap_dispatch.domain.recommendation import could_fill
from sigap_dispatch.domain.state.forwarding import Forwarding

_TEXTS = Texts.load("sigap_dispatch")


def require_help_of(decision: IncidentDecision, asked: HelpAskedFor | None) -> None:
    """Raises Invalid for help that the pack does not name."""
    if asked is not None:
        require_help(decision.moment.pack, agency=asked.agency, capability=asked.capability)


def propose_help(
    decision: IncidentDecision,
    forwarding: Forwarding,
    asked: HelpAskedFor,
    text: Sealed | None,
    stamp: Mapping[str, Any],
) -> None:
    """Proposes what the agency of the forwarding asks for. Nothing changes if the help is there or is proposed already,
    or if the incident is closed. If it is merged, the request stands as a question, which the other incident gets: the
    agency may not know of that one yet. `stamp`: when it asked.
    """
    if decision.incident.merger:
        ask(decision, forwarding, _as_question(decision, asked, text), stamp)
        return
    if decision.incident.closed_at:
        return
    if asked.alarm_level is not None:
        propose_level(decision, forwarding, asked.alarm_level, text, stamp)
        return
    if asked.agency is not None:
        settled = _propose_agency(decision, forwarding, asked.agency, None, text)
    else:
        settled = _propose_capable(decision, forwarding, asked.capability or "", text)
    if not settled:
        ask(decision, forwarding, _as_question(decision, asked, text), stamp)


def propose_level(
    decision: IncidentDecision, forwarding: Forwarding, level: int, text: Sealed | None, stamp: Mapping[str, Any]
) -> None:
    """Proposes the level, or the highest one that the plans have. If they have none above that of the incident, the
    request stands as a question.
    """
    incident = decision.incident
    wanted = min(level, highest_level(incident, decision.moment.pack))
    if level <= incident.alarm_level or (incident.proposed_level and incident.proposed_level.alarm_level >= wanted):
        return
    if wanted <= incident.alarm_level:
        ask(decision, forwarding, _as_question(decision, HelpAskedFor(alarm_level=level), text), stamp)
        return
    told = {"forwarding_id": forwarding.id, "agency": forwarding.agency, "text": text}
    decision.emit(AlarmLevelProposed(**stamp, **told, alarm_level=wanted))


def _propose_agency(
    decision: IncidentDecision, forwarding: Forwarding, agency: str, role: str | None, text: Sealed | None
) -> bool:
    incident, pack = decision.incident, decision.moment.pack
    regency, _, code = agency.partition("/")
    if agency == forwarding.agency or regency != pack.code or pack.agency(code) is None:
        return False
    if not is_on_it(incident, agency):
        one = Wanted(agency, incident.alarm_level, within(incident, agency, pack), role or kind_of(pack, code))
        propose(decision, one, ProposalReason.ASKED_FOR, asked_by=forwarding.agency, text=text)
    return True


def _propose_capable(decision: IncidentDecision, forwarding: Forwarding, capability: str, text: Sealed | None) -> bool:
    """Proposes the nearest agency that has the capability and has not been told of the incident."""
    incident, pack = decision.incident, decision.moment.pack
    able = [agency for agency in pack.agencies if could_fill(agency, capability)]
    told = {f.agency for f in incident.forwardings}
    for agency in nearest(able, incident.place):
        path = f"{pack.code}/{agency.code}"
        if path not in told:
            return _propose_agency(decision, forwarding, path, capability, text)
    return False


def _as_question(decision: IncidentDecision, asked: HelpAskedFor, text: Sealed | None) -> Sealed:
    """The request in words, for the dispatcher: nothing could be proposed."""
    moment = decision.moment
    agency = moment.name_of(asked.agency) if asked.agency else None
    capability = wanted_label(asked.capability, moment.pack).id if asked.capability else None
    wanted = agency or capability or asked.alarm_level
    kind = next(name for name in HelpAskedFor.model_fields if getattr(asked, name) is not None)
    said = [_TEXTS.get(f"content.help.{kind}", "id", wanted=wanted)]
    said += [text.clear] if text and not text.erased else []
    return Sealed(" ".join(said))
