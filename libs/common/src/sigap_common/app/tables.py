"""The tables of the mechanisms, which every service's database has. Each is declared beside its mechanism."""

from dataclasses import dataclass, fields

from sqlalchemy import MetaData, Table

from sigap_common.app.packs import regencies_table, regency_sections_table
from sigap_common.http.idempotency import idempotency_table
from sigap_common.http.stream_tickets import stream_tickets_table
from sigap_common.messaging.aggregates import timeline_table
from sigap_common.messaging.inbox import inbox_table
from sigap_common.messaging.jobs import jobs_table
from sigap_common.messaging.leases import leases_table
from sigap_common.messaging.outbox import outbox_table
from sigap_common.messaging.positions import positions_table
from sigap_common.messaging.waiting_store import waiting_table


@dataclass(frozen=True, slots=True)
class MechanismTables:
    """The mechanisms' tables of one service. Two services in one process have two sets, each in its own metadata."""

    outbox: Table
    timeline: Table
    inbox: Table
    positions: Table
    waiting: Table
    idempotency: Table
    leases: Table
    regencies: Table
    regency_sections: Table
    stream_tickets: Table
    jobs: Table

    def all(self) -> list[Table]:
        return [getattr(self, field.name) for field in fields(self)]


def mechanism_tables(metadata: MetaData) -> MechanismTables:
    """Declares all tables of the mechanisms in `metadata`."""
    return MechanismTables(
        outbox=outbox_table(metadata),
        timeline=timeline_table(metadata),
        inbox=inbox_table(metadata),
        positions=positions_table(metadata),
        waiting=waiting_table(metadata),
        idempotency=idempotency_table(metadata),
        leases=leases_table(metadata),
        regencies=regencies_table(metadata),
        regency_sections=regency_sections_table(metadata),
        stream_tickets=stream_tickets_table(metadata),
        jobs=jobs_table(metadata),
    )
