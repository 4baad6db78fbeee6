"""The topics. Each is written by one service, or by all of them; the key is the aggregate's id."""

from dataclasses import dataclass

REGENCIES = "sigap.regencies"
REGENCY_ANSWERS = "sigap.regency-answers"
CALLS = "sigap.calls"
INCIDENTS = "sigap.incidents"
AGENCIES = "sigap.agencies"
ROSTERS = "sigap.rosters"


@dataclass(frozen=True, slots=True)
class Topic:
    """Who writes a topic (None: every service), what its records are keyed by and what it is about."""

    name: str
    writer: str | None
    key: str
    about: str
    compacted: bool = False


CATALOGUE = (
    Topic(
        REGENCIES,
        "dispatch",
        "the regency's code, or `<regency>/<section>`",
        "Regencies' packs, by section",
        compacted=True,
    ),
    Topic(REGENCY_ANSWERS, None, "`<regency>/<service>`", "Services' answers to packs", compacted=True),
    Topic(
        CALLS,
        "intake",
        "the id of the call, the block, the callback or the presence",
        "Calls from arrival to end, blocks of numbers, and who is present",
    ),
    Topic(INCIDENTS, "dispatch", "the incident's id", "Incidents and their forwardings to agencies"),
    Topic(AGENCIES, "agency-gateway", "the forwarding's id", "Deliveries, and what agencies answer"),
    Topic(ROSTERS, "roster", "the roster's or the duty's id", "Published rosters and attendance"),
)
