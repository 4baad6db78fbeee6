"""Dispatch's tables."""

from uuid import UUID

from sqlalchemy import Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text, Uuid, false, text
from sqlalchemy.orm import registry
from sqlmodel import Field

from sigap_common.app.tables import mechanism_tables
from sigap_common.database import Json, Utc
from sigap_common.database.table_models import Moment, OptionalMoment, TableModel
from sigap_common.messaging.audit import Audited, audit_tables
from sigap_common.messaging.list_entries import list_entry_columns

metadata = MetaData()
tables = mechanism_tables(metadata)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("number", String, nullable=False, unique=True),
    Column("state", String, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("backfilled", Boolean, nullable=False),
    Column("incident_type", String),
    Column("created_at", Utc, nullable=False),
    Column("due_at", Utc),
    Column("erase_at", Utc),
    Column("priority", Integer, nullable=False, server_default="3"),
    Column("protected", Boolean, nullable=False, server_default=false()),
    Column("for_dispatchers", Boolean, nullable=False, server_default=false()),
    Column("lat", Float),  # this and the next four only while the incident is open
    Column("lon", Float),
    Column("uncertainty_m", Float),
    Column("reported_at", Utc),
    Column("caller_hash", String),
    Column("merged_into", Uuid),
    *list_entry_columns(),
    Column("attention", String),
    Column("counter", Integer),
    Column("responsible", String),
    Column("unacknowledged", Integer),
    Column("standing_alarms", Integer),
)
"""`attention`: the incident's place in the order of the board (domain/attention.py); null: it is not on the board.
`counter`: the number at the end of `number`. `unacknowledged`: how many agencies must still acknowledge.
"""

incident_terms = Table(
    "incident_terms",
    metadata,
    Column("term", String, primary_key=True),
    Column("incident_id", Uuid, primary_key=True, index=True),
)
"""Keyed hashes by which an incident is found: of its callers' numbers, and of the words of names and places."""

handovers = Table(
    "handovers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("giver", String, nullable=False),
    Column("receiver", String, nullable=False),
    Column("offered_at", Utc, nullable=False),
    Column("due_at", Utc),
    Column("erase_at", Utc),
)

referrals = Table(
    "referrals",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("number", String, nullable=False, unique=True),
    Column("call_id", Uuid, nullable=False, unique=True),
    Column("state", String, nullable=False),
    Column("receiver", String),
    Column("drill", Boolean, nullable=False),
    Column("opened_at", Utc, nullable=False),
    Column("erase_at", Utc),
)

incident_calls = Table(
    "incident_calls",
    metadata,
    Column("call_id", Uuid, primary_key=True),
    Column("incident_id", Uuid, primary_key=True, index=True),
    Column("report", Integer, nullable=False),
    Column("leads", Boolean, nullable=False),
)
"""The calls of each incident. A call leads to at most one incident: the one opened from it, or the one that it reports
again.
"""

forwardings = Table(
    "forwardings",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("incident_id", Uuid, nullable=False, index=True),
    Column("agency", String, nullable=False),
    Column("delivered_at", Utc),
    Column("delivered_by", String),
    Column("delivered_revision", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failed_at", Utc),
    Column("failure", String),
    Column("transfer_of", Uuid),  # of the release before, whose processes read it
    Column("waits_in", String),
)
"""The deliveries of forwardings, from events of the gateway. The forwarding itself is in its incident's document.
`waits_in`: the regency, while the agency has not acknowledged; else null.
"""
_WAITS = text("waits_in IS NOT NULL")
Index(
    "forwardings_waiting",
    forwardings.c.waits_in,
    forwardings.c.agency,
    sqlite_where=_WAITS,
    postgresql_where=_WAITS,
)

acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("agency", String, primary_key=True),
    Column("regency", String, nullable=False, index=True),
    Column("at", Utc, nullable=False),
    Column("seconds", Integer, nullable=False),
)
"""Each agency's last acknowledgement, and the time that it took."""

transfers = Table(
    "transfers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("to_regency", String, nullable=False),
    Column("incident_id", Uuid, nullable=False, index=True),
    Column("state", String, nullable=False),
    Column("offered_at", Utc, nullable=False),
    Column("received_by", Uuid),
)
"""The offers of incidents to other regencies, so that both regencies find them. What the newest offer of an incident
says is in the incident. `received_by`: the other regency's incident, which completes the transfer as soon as an agency
has it.
"""

shares = Table(
    "shares",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("to_regency", String, nullable=False),
    Column("incident_id", Uuid, nullable=False),
    Column("state", String, nullable=False),
    Column("profile", String, nullable=False),
    Column("until", Utc, nullable=False),
    Column("began_at", Utc, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("number", String),
    Column("document", Text),
    Column("due_at", Utc),
)
"""The shares of incidents with other regencies, so that both regencies find them. What the newest share with a regency
says is in the incident. Of a request for an incident that does not exist `incident_id` is nobody's, `number` is what
was asked for, `document` the request, and `due_at` when it lapses or its words are erased.
"""

units = Table(
    "units",
    metadata,
    Column("agency", String, primary_key=True),
    Column("callsign", String, primary_key=True),
    Column("regency", String, nullable=False),
    Column("status", String, nullable=False),
    Column("since", Utc, nullable=False),
    Column("incident_id", Uuid),
    Column("forwarding_id", Uuid),
    Column("claimed_at", Utc),
    Index("units_of_regency", "regency", "agency", "callsign"),
)
"""The units that agencies named, each with its status, the incident that it works for, and when it was named last, for
that incident or, if it is free, for an earlier one.
"""

counters = Table(
    "counters",
    metadata,
    Column("regency", String, primary_key=True),
    Column("series", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("last", Integer, nullable=False),
)


incident_people = Table(
    "incident_people",
    metadata,
    Column("incident_id", Uuid, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("until", Utc),
)
"""Who needs to know of a protected incident, and until when; NULL: for good. Other incidents have no rows."""


class DispatchTable(TableModel, registry=registry(metadata=metadata)):
    """The base of dispatch's tables whose rows have no life cycle."""


class Configuration(DispatchTable, table=True):
    """The version of a regency's pack that is in force."""

    __tablename__ = "configurations"

    code: str = Field(primary_key=True)
    version: int
    prefix: str = Field(unique=True)
    name: str
    time_zone: str
    digest: str
    configured_at: Moment
    by_section: bool = Field(sa_column_kwargs={"server_default": false()})
    """Whether its sections were published one by one. False for a version of a release before that."""


class PackVersion(DispatchTable):
    """One version of a regency's pack; it was in force from `configured_at` until the next one came."""

    version: int = Field(primary_key=True)
    configured_at: Moment
    configured_by: str | None


class StoredPack(PackVersion, table=True):
    """A version with the digests of its sections by name. Every version that ever was in force has a row."""

    __tablename__ = "packs"

    code: str = Field(primary_key=True)
    sections: dict[str, str] = Field(sa_type=Json)


class StoredSection(DispatchTable, table=True):
    """One content of a section of a regency's pack. Versions refer to it by its digest."""

    __tablename__ = "pack_sections"

    code: str = Field(primary_key=True)
    section: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    content: str = Field(sa_type=Text)


class ServiceAnswer(DispatchTable, table=True):
    """A service's latest answer to a regency's pack: it uses the pack, or says why it cannot."""

    __tablename__ = "regency_answers"

    code: str = Field(primary_key=True)
    service: str = Field(primary_key=True)
    version: int
    applied: bool
    complaints: list[dict[str, str]] = Field(sa_type=Json)
    answered_at: Moment


class RaisedAlarm(DispatchTable, table=True):
    """An alarm of any service. It stays raised until `cleared_at`. `rank`: that of its severity."""

    __tablename__ = "alarms"

    id: UUID = Field(primary_key=True)
    service: str
    regency: str
    kind: str
    about: str
    label: str | None
    agency: str | None
    drill: bool
    raised_at: Moment
    cleared_at: OptionalMoment = None
    group_id: UUID | None = None
    rank: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    role: str | None = None


class AlarmGroup(DispatchTable, table=True):
    """What people see of alarms: those of one agency together. It stands until `cleared_at`; `leader` is its most
    severe alarm, `count` how many stand, `version` the number of its last event.
    """

    __tablename__ = "alarm_groups"

    id: UUID = Field(primary_key=True)
    regency: str
    drill: bool
    agency: str | None
    rank: int
    since: Moment
    count: int
    leader: UUID | None
    cleared_at: OptionalMoment = None
    version: int


class Account(DispatchTable, table=True):
    """An account with which a person can sign in at the built-in issuer."""

    __tablename__ = "accounts"

    username: str = Field(primary_key=True)
    password_hash: str = Field(repr=False)
    """argon2id, in the form of the reference implementation."""
    name: str | None
    roles: list[str] = Field(sa_type=Json)
    regencies: list[str] = Field(sa_type=Json)
    agency: str | None
    disabled: bool
    created_at: Moment


alarms = RaisedAlarm.table()
alarm_groups = AlarmGroup.table()
configurations = Configuration.table()
packs = StoredPack.table()


def _partial(name: str, *columns: Column[object], only: str, unique: bool = False) -> Index:
    where = text(only)
    return Index(name, *columns, unique=unique, postgresql_where=where, sqlite_where=where)


Index("incidents_newest", incidents.c.created_at, incidents.c.id)
Index("incidents_of_regency", incidents.c.regency, incidents.c.created_at, incidents.c.id)
Index("incidents_state", incidents.c.state, incidents.c.regency, incidents.c.created_at, incidents.c.id)
_partial("incidents_open", incidents.c.regency, incidents.c.created_at, incidents.c.id, only="is_open")
_partial("incidents_erase", incidents.c.erase_at, only="erase_at IS NOT NULL")
_partial("incidents_due", incidents.c.due_at, only="due_at IS NOT NULL")
# All that the board filters by and counts is in the index: neither database opens a row that is not shown.
_partial(
    "incidents_board",
    *(incidents.c[name] for name in ("regency", "attention", "id", "drill", "state", "incident_type", "priority")),
    *(
        incidents.c[name]
        for name in ("responsible", "unacknowledged", "standing_alarms", "protected", "for_dispatchers")
    ),
    only="attention IS NOT NULL",
)
Index("incidents_counter", incidents.c.counter, incidents.c.regency, incidents.c.created_at, incidents.c.id)
Index("handovers_newest", handovers.c.regency, handovers.c.offered_at, handovers.c.id)
_of_open_handovers = "state IN ('declined', 'offered')"
_partial("handovers_open", handovers.c.regency, handovers.c.giver, only=_of_open_handovers, unique=True)
_partial("handovers_due", handovers.c.due_at, only="due_at IS NOT NULL")
_partial("handovers_erase", handovers.c.erase_at, only="erase_at IS NOT NULL")
Index("referrals_newest", referrals.c.regency, referrals.c.opened_at, referrals.c.id)
_partial("referrals_open", referrals.c.regency, referrals.c.opened_at, referrals.c.id, only="state <> 'closed'")
_partial("referrals_erase", referrals.c.erase_at, only="erase_at IS NOT NULL")
_partial("incident_calls_lead", incident_calls.c.call_id, only="leads", unique=True)
_partial(
    "alarms_of_group", alarms.c.group_id, alarms.c.rank, alarms.c.raised_at, alarms.c.id, only="cleared_at IS NULL"
)
_partial(
    "alarm_groups_standing", alarm_groups.c.rank, alarm_groups.c.since, alarm_groups.c.id, only="cleared_at IS NULL"
)
Index("transfers_from", transfers.c.regency, transfers.c.offered_at, transfers.c.id)
Index("transfers_to", transfers.c.to_regency, transfers.c.offered_at, transfers.c.id)
_partial("transfers_awaited", transfers.c.received_by, only="state = 'accepted'")
_partial("incidents_around", incidents.c.regency, incidents.c.lat, incidents.c.lon, only="is_open")
_partial("incidents_of_caller", incidents.c.caller_hash, only="is_open AND caller_hash IS NOT NULL")
_partial("incidents_merged", incidents.c.merged_into, only="merged_into IS NOT NULL")
Index("shares_from", shares.c.regency, shares.c.began_at, shares.c.id)
Index("shares_to", shares.c.to_regency, shares.c.began_at, shares.c.id)
_partial("shares_due", shares.c.due_at, only="due_at IS NOT NULL")
_partial("shares_shown", shares.c.to_regency, shares.c.began_at, shares.c.id, only="state = 'shared'")

suggested_incidents = Table(
    "suggested_incidents",
    metadata,
    Column("other", Uuid, primary_key=True),
    Column("incident_id", Uuid, primary_key=True),
)
"""Which incidents (`other`) were suggested to which as the same event."""

incident_notes = Table(
    "incident_notes",
    metadata,
    Column("incident_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("internal", Boolean, nullable=False),
    Index("incident_notes_order", "incident_id", "at", "number"),
)
"""The notes of each incident. The words are in the timeline: in the entry `sequence`, which may bring several notes."""

incident_reports = Table(
    "incident_reports",
    metadata,
    Column("incident_id", Uuid, primary_key=True),
    Column("report", Integer, primary_key=True),
    Column("call_id", Uuid, index=True),
    Column("told_in", Uuid, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("stands_out", Boolean, nullable=False),
    Column("came_with", Uuid),
    Column("own_incident", Uuid),
)
_partial(
    "incident_reports_order",
    *(incident_reports.c[name] for name in ("incident_id", "stands_out", "report")),
    only="own_incident IS NULL",
)
"""The further reports of each incident, from the second on. What it says is in the timeline of `told_in`, in the entry
`sequence`. `came_with`: the incident with which it was merged into this one. `own_incident`: the incident that its call
has got since; then it is a report no longer.
"""

audit_digests = Table(
    "audit_digests",
    metadata,
    Column("regency", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("block", Integer, nullable=False),
    Column("digest", String, nullable=False),
    Column("published_at", Utc, nullable=False),
)
"""The days whose digest is published: where the chain of each regency ended."""
audited = Audited(audit_tables(metadata), tables.timeline, incidents, incidents.c.number)
"""The timelines of incidents are chained by hash."""
