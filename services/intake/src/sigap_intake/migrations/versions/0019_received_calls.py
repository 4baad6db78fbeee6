"""Notes with each accepted offer of a call which call of the receiver goes on with it. Protection passes between them,
so it is passed on now if it began before.
"""

import json
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_transfers = sa.table("call_transfers", sa.column("id", sa.Uuid), sa.column("received_call", sa.Uuid))


def upgrade() -> None:
    op.add_column("call_transfers", sa.Column("received_call", sa.Uuid))
    op.create_index("call_transfers_received_call", "call_transfers", ["received_call"])
    connection = op.get_bind()
    accepted = sa.text(
        "SELECT t.id, c.document FROM call_transfers t JOIN calls c ON c.id = t.call_id WHERE t.state = 'accepted'"
    ).columns(id=sa.Uuid, document=sa.Text)
    for row in connection.execute(accepted).all():
        transfer = json.loads(row.document)["transfer"]
        if UUID(transfer["id"]) == row.id:
            of_it = sa.update(_transfers).where(_transfers.c.id == row.id)
            connection.execute(of_it.values(received_call=UUID(transfer["call_id"])))
    op.execute(
        "INSERT INTO protected_calls (call_id, because_of) SELECT t.received_call, p.because_of FROM call_transfers t"
        " JOIN protected_calls p ON p.call_id = t.call_id WHERE t.received_call IS NOT NULL ON CONFLICT DO NOTHING"
    )
    op.execute(
        "INSERT INTO protected_calls (call_id, because_of) SELECT t.call_id, p.because_of FROM call_transfers t"
        " JOIN protected_calls p ON p.call_id = t.received_call WHERE t.received_call IS NOT NULL"
        " ON CONFLICT DO NOTHING"
    )
