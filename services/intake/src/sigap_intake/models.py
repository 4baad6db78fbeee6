"""Intake's tables."""

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, String, Table, Text, Uuid, false, text

from sigap_common.app.tables import mechanism_tables
from sigap_common.database import Utc
from sigap_common.messaging.list_entries import list_entry_columns

metadata = MetaData()
tables = mechanism_tables(metadata)

calls = Table(
    "calls",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("backfilled", Boolean, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("caller_hash", String),
    Column("exchange_id", String),
    Column("exchange_use", Integer, nullable=False),
    Column("call_class", String),
    Column("due_at", Utc),
    Column("erase_at", Utc),
    Column("queue_at", Utc, nullable=False, server_default=text("'1970-01-01T00:00:00.000000Z'")),
    Column("queued_at", Utc, nullable=False, server_default=text("'1970-01-01T00:00:00.000000Z'")),
    Column("raised_by_seconds", Integer, nullable=False, server_default="0"),
    Column("rung", Integer, nullable=False, server_default="0"),  # of the release before, whose processes read it
    Column("watched_rung", Integer),
    Column("answered_by", String),
    Column("operator_gone", Boolean, nullable=False, server_default=false()),
    *list_entry_columns(),
)


def _partial(name: str, *columns: str, only: str, unique: bool = False) -> Index:
    """A partial index. It holds only the rows that `only` selects, so that a new call is written to few indexes."""
    where = text(only)
    chosen = [calls.c[column] for column in columns]
    return Index(name, *chosen, unique=unique, postgresql_where=where, sqlite_where=where)


Index("calls_received", calls.c.received_at, calls.c.id)
Index("calls_of_regency", calls.c.regency, calls.c.received_at, calls.c.id)
Index("calls_state", calls.c.state, calls.c.regency, calls.c.received_at, calls.c.id)
_partial("calls_queue", "regency", "drill", "queue_at", "id", only="state = 'waiting'")
_partial(
    "calls_watched",
    *("regency", "watched_rung", "queued_at", "id"),
    # The watch of the room reads the index alone: a row has the whole call, and a flood has thousands of them.
    *("drill", "raised_by_seconds", "caller_hash"),
    only="watched_rung IS NOT NULL",
)
_partial("calls_exchange_use", "regency", "exchange_id", "exchange_use", only="exchange_id IS NOT NULL", unique=True)
_partial("calls_caller", "regency", "caller_hash", "received_at", only="caller_hash IS NOT NULL")
_partial("calls_class", "call_class", "regency", "received_at", "id", only="call_class IS NOT NULL")
_partial("calls_erase", "erase_at", only="erase_at IS NOT NULL")
_partial("calls_due", "due_at", only="due_at IS NOT NULL")
_partial("calls_of_operator", "regency", "answered_by", "received_at", only="state = 'answered'")
_partial("calls_operator_gone", "regency", "answered_by", only="operator_gone")

presences = Table(
    "presences",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("operator", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Text),  # sealed
    Column("state", String),
    Column("since", Utc, nullable=False),
    Column("signed_on_at", Utc, nullable=False),
    Column("heard_at", Utc, nullable=False),
    Column("stale", Boolean, nullable=False),
    Column("due_at", Utc),
)
"""Who is in which room. A heartbeat changes `heard_at` and `due_at` of one row, and says nothing to anybody."""

Index("presences_room", presences.c.regency, presences.c.operator, unique=True)
_of_due = text("due_at IS NOT NULL")
Index("presences_due", presences.c.due_at, postgresql_where=_of_due, sqlite_where=_of_due)

open_incidents = Table(
    "open_incidents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", String, nullable=False),
    Column("regency", String, nullable=False),
    Column("incident_type", String),
    Column("priority", Integer, nullable=False),
    Column("protected", Boolean, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("opened_at", Utc, nullable=False),
    Column("cell", String),  # H3 of resolution 7: what is near is found without opening coordinates
    Column("coordinates", Text),  # sealed
    Column("responsible", String),
    Index("open_incidents_near", "regency", "cell"),
    Index("open_incidents_opened", "opened_at"),
)
open_incident_calls = Table(
    "open_incident_calls",
    metadata,
    Column("incident_id", Uuid, primary_key=True),
    Column("call_id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("caller_hash", String, nullable=False),
    Index("open_incident_calls_number", "regency", "caller_hash"),
)
unacknowledged = Table(
    "unacknowledged",
    metadata,
    Column("forwarding_id", Uuid, primary_key=True),
    Column("incident_id", Uuid, nullable=False),
    Column("agency", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("acknowledge_by", Utc),
    Index("unacknowledged_incident", "incident_id"),
)
"""Which agencies must still acknowledge an open incident, and which revision of it."""
lately_closed = Table(
    "lately_closed",
    metadata,
    Column("incident_id", Uuid, primary_key=True),
    Column("call_id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("caller_hash", String, nullable=False),
    Column("number", String, nullable=False),
    Column("incident_type", String),
    Column("protected", Boolean, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("closed_at", Utc, nullable=False),
    Column("reopen_until", Utc, nullable=False),
    Index("lately_closed_number", "regency", "caller_hash"),
    Index("lately_closed_over", "reopen_until"),
)
"""Which calls reported a lately closed incident: if one of their numbers calls again, reopening is proposed."""
protected_callers = Table(
    "protected_callers",
    metadata,
    Column("regency", String, primary_key=True),
    Column("caller_hash", String, primary_key=True),
    Column("incident_id", Uuid, primary_key=True),
    Column("since", Utc, nullable=False),
    Index("protected_callers_since", "regency", "since"),
)

_partial("calls_operator", "answered_by", "received_at", "id", only="answered_by IS NOT NULL")
# Answered, and without a class.
_unclassified = "call_class IS NULL AND state IN ('answered', 'ended')"
_partial("calls_unclassified", "regency", "received_at", "id", only=_unclassified)

caller_terms = Table(
    "caller_terms",
    metadata,
    Column("term", String, primary_key=True),
    Column("call_id", Uuid, primary_key=True),
)
"""Keyed hashes by which a call is found: of the words of the caller's name, and of the call-back number."""
Index("caller_terms_call", caller_terms.c.call_id)

call_transfers = Table(
    "call_transfers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("to_regency", String, nullable=False),
    Column("call_id", Uuid, nullable=False),
    Column("state", String, nullable=False),
    Column("offered_at", Utc, nullable=False),
    Column("received_call", Uuid),
    Index("call_transfers_call", "call_id"),
    Index("call_transfers_received_call", "received_call"),
    Index("call_transfers_sent", "regency", "offered_at", "id"),
    Index("call_transfers_received", "to_regency", "offered_at", "id"),
)
"""The offers of calls to other regencies, so that both regencies find them. What the newest offer of a call says is in
the call. `received_call`: the receiver's call, if the offer was accepted.
"""

drafts = Table(
    "drafts",
    metadata,
    Column("call_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("field", String, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Utc, nullable=False),
    Column("sealed", Text, nullable=False),
)

incident_numbers = Table(
    "incident_numbers",
    metadata,
    Column("incident_id", Uuid, primary_key=True),
    Column("number", String, nullable=False, index=True),
)
incident_calls = Table(
    "incident_calls",
    metadata,
    Column("incident_id", Uuid, primary_key=True),
    Column("call_id", Uuid, primary_key=True),
    Index("incident_calls_call", "call_id"),
)

protected_calls = Table(
    "protected_calls",
    metadata,
    Column("call_id", Uuid, primary_key=True),
    Column("because_of", Uuid, primary_key=True),
    Index("protected_calls_because", "because_of"),
)
"""Why a call is protected: an incident that it reported, or the call itself (its type, its caller's cry for help)."""
broken_glasses = Table(
    "broken_glasses",
    metadata,
    Column("incident_id", Uuid, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("until", Utc, nullable=False),
)
rung_alarms = Table(
    "rung_alarms",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("rung_at", Utc, nullable=False, index=True),
)
"""Alarms for which the duty telephones rang, since nobody was signed on."""
_unrung = text("stands AND NOT rung")
standing_alarms = Table(
    "standing_alarms",
    metadata,
    Column("group_id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("stands", Boolean, nullable=False),
    Column("severity", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("about", String, nullable=False),
    Column("label", String),
    Column("since", Utc, nullable=False),
    Column("rings_from", Utc, nullable=False),
    Column("ringing", Uuid, nullable=False),
    Column("rung", Boolean, nullable=False),
    Column("heard_at", Utc, nullable=False, index=True),
    Index("standing_alarms_unrung", "regency", postgresql_where=_unrung, sqlite_where=_unrung),
)
"""Dispatch's groups of alarms after their newest change, which was heard at `heard_at`. `ringing`: the id of its row in
`rung_alarms`; `rung`: that row is known to be there.
"""
referrals = Table(
    "referrals",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("caller_hash", String, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("number", String, nullable=False),
    Column("receiver", String),
    Column("opened_at", Utc, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("answer", Text),  # sealed
    Column("answered_at", Utc),
    Index("referrals_number", "regency", "caller_hash", "opened_at"),
    Index("referrals_opened", "opened_at"),
)
