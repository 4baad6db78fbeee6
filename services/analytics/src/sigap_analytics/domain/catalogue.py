"""The catalogue of all figures: name, what they count, and the source of the definition."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import get_args

from sigap_analytics.domain import measures
from sigap_analytics.domain.counted_facts import Phase
from sigap_analytics.domain.figures import Measure, Value
from sigap_analytics.domain.measures import Abandoned

OURS = "Sigap 112"
NENA = "NENA-STA-020"
NFPA = "NFPA 1225:2022"
NFPA_1710 = "NFPA 1710:2020"


class Unit(StrEnum):
    """What a figure counts."""

    CALL = "call"
    INCIDENT = "incident"
    FORWARDING = "forwarding"
    DUTY = "duty"
    CALLBACK = "callback"
    REFERRAL = "referral"
    UNIT = "unit"
    """A unit that an agency sent to an incident."""


class Facts(StrEnum):
    """The facts that a figure is computed from. All figures of the same facts share one query."""

    CALLS = "calls"
    INCIDENTS = "incidents"
    PROMISES = "promises"
    FORWARDINGS = "forwardings"
    DUTIES = "duties"
    CALLBACKS = "callbacks"
    REFERRALS = "referrals"
    TRANSFERRED_CALLS = "transferred_calls"
    INTERVALS = "intervals"
    UNIT_INTERVALS = "unit_intervals"


class Group(StrEnum):
    CLASS = "class"
    CHANNEL = "channel"
    KIND = "kind"
    AGENCY = "agency"
    RULE = "rule"
    UNIT = "unit"


GROUPS: Mapping[Facts, tuple[Group, ...]] = {
    Facts.CALLS: (Group.CLASS, Group.CHANNEL, Group.RULE),
    Facts.INCIDENTS: (Group.KIND,),
    Facts.PROMISES: (Group.KIND,),
    Facts.FORWARDINGS: (Group.AGENCY,),
    Facts.DUTIES: (),
    Facts.CALLBACKS: (),
    Facts.REFERRALS: (),
    Facts.TRANSFERRED_CALLS: (),
    Facts.INTERVALS: (Group.AGENCY, Group.KIND),
    Facts.UNIT_INTERVALS: (Group.AGENCY, Group.UNIT),
}
"""The groups that figures of these facts may have."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure. `text` and `params` give its name and definition in the catalogues of texts. `timed`: it has
    percentiles.
    """

    code: str
    unit: Unit
    facts: Facts
    measure: Measure
    value: Value
    formula: str
    source: str = OURS
    groups: tuple[Group, ...] = ()
    timed: bool = False
    since: str = "0.1.0"
    text: str = ""
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def additive(self) -> bool:
        """Whether the values of the parts add up to the value of the whole; numerators and denominators do."""
        return self.value == "count"


_LEFT_OUT: Mapping[Abandoned, tuple[str, str]] = {
    "with": ("", "answered + abandoned"),
    "without": ("_without_abandoned", "answered"),
    "long": ("_without_short_abandoned", "answered + abandoned after 10 s or more"),
}


def _service_level(seconds: int, abandoned: Abandoned) -> Figure:
    suffix, denominator = _LEFT_OUT[abandoned]
    return Figure(
        f"answered_within_{seconds}s{suffix}",
        Unit.CALL,
        Facts.CALLS,
        measures.answered_within(seconds * 1000, abandoned),
        "share",
        f"answered within {seconds} s / ({denominator})",
        NENA,
        (Group.CHANNEL,),
        text=f"answered_within{suffix}",
        params={"seconds": seconds},
    )


_FROM_TO: Mapping[Phase, tuple[str, str, str]] = {
    Phase.PROCESSING: ("first answer, or opening without a call", "forwarding", NFPA),
    Phase.TURNOUT: ("forwarding", "en route", NFPA_1710),
    Phase.TRAVEL: ("en route", "on scene", NFPA_1710),
    Phase.ON_SCENE: ("on scene", "done", OURS),
    Phase.TOTAL: ("first answer, or opening without a call", "done", OURS),
}


def _interval(whose: str, unit: Unit, facts: Facts, phase: Phase) -> Figure:
    start, end, source = _FROM_TO[phase]
    return Figure(
        f"{whose}_{phase}_time",
        unit,
        facts,
        measures.phase_time(phase),
        "median_s",
        f"{end} - {start}; measured / {end} reported",
        source,
        GROUPS[facts],
        timed=True,
    )


_CALLS = (Group.CLASS, Group.CHANNEL)
_KIND = (Group.KIND,)
_AGENCY = (Group.AGENCY,)

FIGURES: Mapping[str, Figure] = {
    figure.code: figure
    for figure in (
        Figure(
            "calls",
            Unit.CALL,
            Facts.CALLS,
            measures.funnel,
            "count",
            "received = screened + abandoned + waiting + answered; answered = the classes + not classified",
            groups=_CALLS,
        ),
        Figure(
            "answer_time",
            Unit.CALL,
            Facts.CALLS,
            measures.answer_time,
            "median_s",
            "first human answer - arrival in our first queue; measured / answered",
            NENA,
            _CALLS,
            timed=True,
        ),
        *(_service_level(seconds, abandoned) for seconds in (10, 15, 20) for abandoned in get_args(Abandoned)),
        Figure(
            "abandonment_time",
            Unit.CALL,
            Facts.CALLS,
            measures.abandonment_time,
            "median_s",
            "abandonment - arrival in our first queue; measured / abandoned",
            groups=(Group.CHANNEL,),
            timed=True,
        ),
        Figure(
            "pranks",
            Unit.CALL,
            Facts.CALLS,
            measures.pranks,
            "share",
            "calls classified as prank / classified calls",
            groups=(Group.CHANNEL,),
        ),
        Figure(
            "blocked_genuine",
            Unit.CALL,
            Facts.CALLS,
            measures.blocked,
            "share",
            "emergencies, non-emergency reports and requests for information / calls from blocked numbers",
            groups=(Group.RULE,),
        ),
        Figure("incidents", Unit.INCIDENT, Facts.INCIDENTS, measures.counted, "count", "incidents", groups=_KIND),
        Figure(
            "incidents_received_by_transfer",
            Unit.INCIDENT,
            Facts.INCIDENTS,
            measures.received_by_transfer,
            "count",
            "incidents that were opened by accepting an offer of another regency",
            groups=_KIND,
        ),
        Figure(
            "promise_30s",
            Unit.INCIDENT,
            Facts.PROMISES,
            measures.promise,
            "share",
            "first delivery - first answer <= 30 s / incidents from an answered call",
            groups=_KIND,
            timed=True,
        ),
        Figure(
            "answer_to_forwarded",
            Unit.INCIDENT,
            Facts.PROMISES,
            measures.processing,
            "share",
            "first forwarding - first answer <= 60 s / incidents from an answered call",
            NFPA,
            _KIND,
            timed=True,
        ),
        Figure(
            "answer_to_last_agency",
            Unit.INCIDENT,
            Facts.PROMISES,
            measures.last_agency,
            "median_s",
            "last first delivery to an agency of alarm level 1 - first answer; "
            "measured / incidents from an answered call",
            groups=_KIND,
            timed=True,
        ),
        Figure(
            "correction_to_delivered",
            Unit.INCIDENT,
            Facts.PROMISES,
            measures.correction,
            "median_s",
            "first delivery - correction to an emergency; measured / incidents from a corrected call",
            groups=_KIND,
            timed=True,
        ),
        Figure(
            "forwardings",
            Unit.FORWARDING,
            Facts.FORWARDINGS,
            measures.forwarding,
            "count",
            "forwardings = acknowledged + declined + withdrawn + open; beside them: deadline_missed, "
            "acknowledged_on_behalf, declined_on_behalf",
            groups=_AGENCY,
        ),
        Figure(
            "forwarded_to_acknowledged",
            Unit.FORWARDING,
            Facts.FORWARDINGS,
            measures.acknowledgement,
            "share",
            "acknowledged / forwardings; times: first acknowledgement - forwarding; "
            "acknowledged_on_behalf: of the acknowledged, by telephone or radio through one of us",
            groups=_AGENCY,
            timed=True,
        ),
        Figure(
            "duties_started",
            Unit.DUTY,
            Facts.DUTIES,
            measures.attendance,
            "share",
            "started / planned; times: start - planned start, 0 for an early one",
            timed=True,
        ),
        Figure(
            "unmeasured_calls",
            Unit.CALL,
            Facts.CALLS,
            measures.unmeasured_call,
            "share",
            "waiting missing, negative or over 24 h / (answered + abandoned)",
            groups=(Group.CHANNEL,),
        ),
        Figure(
            "unmeasured_incidents",
            Unit.INCIDENT,
            Facts.PROMISES,
            measures.unmeasured_incident,
            "share",
            "a time from the answer negative or over 24 h / incidents from an answered call",
            groups=_KIND,
        ),
        Figure(
            "unmeasured_forwardings",
            Unit.FORWARDING,
            Facts.FORWARDINGS,
            measures.unmeasured_forwarding,
            "share",
            "acknowledgement negative or over 24 h after the forwarding / forwardings",
            groups=_AGENCY,
        ),
        Figure(
            "callbacks",
            Unit.CALLBACK,
            Facts.CALLBACKS,
            measures.callback,
            "count",
            "callbacks = open + recovered + no_answer + real + not_needed + resolved + expired; beside them: cut_off, "
            "sampled",
        ),
        Figure(
            "real_callbacks",
            Unit.CALLBACK,
            Facts.CALLBACKS,
            measures.real_callback,
            "share",
            "real / (real + recovered + not_needed), without the sample",
        ),
        Figure(
            "real_in_callback_sample",
            Unit.CALLBACK,
            Facts.CALLBACKS,
            measures.real_in_sample,
            "share",
            "real / (real + recovered + not_needed), of those drawn by chance from the expired",
        ),
        Figure(
            "referrals",
            Unit.REFERRAL,
            Facts.REFERRALS,
            measures.referral,
            "count",
            "referrals = open + answered + done",
        ),
        Figure(
            "calls_received_by_transfer",
            Unit.CALL,
            Facts.TRANSFERRED_CALLS,
            measures.transferred_call,
            "count",
            "received by transfer = the classes + not classified",
        ),
        *(_interval("agency", Unit.FORWARDING, Facts.INTERVALS, phase) for phase in Phase),
        *(_interval("unit", Unit.UNIT, Facts.UNIT_INTERVALS, phase) for phase in Phase),
    )
}
