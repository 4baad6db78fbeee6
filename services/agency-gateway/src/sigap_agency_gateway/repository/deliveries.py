"""All SQL about deliveries and their attempts. It claims the most urgent deliveries, and ends each delivery once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    update,
)

from sigap_agency_gateway.domain.delivery import DeliveryState, Overtaken
from sigap_agency_gateway.domain.fair_shares import Room
from sigap_agency_gateway.models import attempts, deliveries, endpoints
from sigap_common.core.clock import CLOCKS_AGREE_WITHIN
from sigap_common.database import CompiledStatement, insert_if_new
from sigap_common.messaging.transaction import Transaction

# A bound value would keep both databases from using the partial indexes.
_IS_PENDING = deliveries.c.state == literal_column("'pending'")
_DELIVERED: ColumnElement[str] = literal_column("'delivered'")
_DUE = select(func.min(deliveries.c.due_at)).where(_IS_PENDING)
_SHARE = select(func.min(deliveries.c.share_until)).where(_IS_PENDING)
_NEXT = CompiledStatement(select(_DUE.scalar_subquery().label("due_at"), _SHARE.scalar_subquery().label("share_until")))

_CLAIM = CompiledStatement(
    update(deliveries)
    .where(deliveries.c.id == bindparam("this_id"))
    .values(
        due_at=bindparam("until"), attempts=bindparam("number"), body=bindparam("rendered"), notice=bindparam("kept")
    ),
    by="this_id",
)
_ARRIVE = CompiledStatement(
    update(deliveries)
    .where(deliveries.c.id == bindparam("this_id"), deliveries.c.state != _DELIVERED)
    .values(state=_DELIVERED, ended_at=bindparam("now"), due_at=null(), share_until=null(), error=null())
)
_IS_FETCHED = deliveries.c.due_at.is_(None)
# A delivery that the agency fetches stays pending, so that the agency's list still shows it. It has no deadline any
# more.
_ANSWERED = CompiledStatement(
    update(deliveries)
    .where(deliveries.c.forwarding_id == bindparam("this_forwarding"), _IS_PENDING)
    .where(deliveries.c.revision <= bindparam("upto"))
    .values(
        state=case((_IS_FETCHED, deliveries.c.state), else_=literal_column(f"'{DeliveryState.CANCELLED.value}'")),
        ended_at=case((_IS_FETCHED, null()), else_=bindparam("now", type_=deliveries.c.ended_at.type)),
        error=case((_IS_FETCHED, deliveries.c.error), else_=literal_column(f"'{Overtaken.ANSWERED.value}'")),
        due_at=null(),
        share_until=null(),
    ),
    by="this_forwarding",
)
_CANCEL = CompiledStatement(
    update(deliveries)
    .where(deliveries.c.forwarding_id == bindparam("this_forwarding"), _IS_PENDING)
    .values(
        state=literal_column(f"'{DeliveryState.CANCELLED.value}'"),
        error=bindparam("why"),
        ended_at=bindparam("now"),
        due_at=null(),
        share_until=null(),
    ),
    by="this_forwarding",
)
_ADD = CompiledStatement(insert_if_new(deliveries), [column.name for column in deliveries.columns])
_LOG = CompiledStatement(insert(attempts), [column.name for column in attempts.columns])


@dataclass(frozen=True, slots=True)
class NextLook:
    """The two moments for which the courier must wake up: `due_at`, when the next delivery is due, and `share_until`,
    when the next delivery has used up its share of the time to acknowledge.
    """

    due_at: datetime | None
    share_until: datetime | None


class Deliveries:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx, self._connection = tx, tx.connection

    def add(self, rows: Sequence[dict[str, Any]]) -> None:
        """Adds deliveries. A delivery that exists for the same revision and endpoint is not changed."""
        self._tx.later(_ADD, rows)

    async def next_look(self) -> NextLook:
        return NextLook(*(await _NEXT.rows(self._connection, {}))[0])

    async def most_urgent(self, now: datetime, room: Room) -> Sequence[Row[Any]]:
        """The due deliveries with their endpoints, ordered by priority and then deadline, and locked against other
        replicas. A delivery whose earlier revision has not ended must wait. Deliveries of tenants without room are left
        out here: otherwise thousands of them could be read before any other.
        """
        d, asked = deliveries, {"this_moment": now, "most": room.free}
        full = (
            (d.c.endpoint_id, room.full_endpoints()),
            (d.c.agency, room.full_agencies()),
            (d.c.regency, room.full_regencies()),
        )
        left_out = [column.not_in(values) for column, values in full if values]
        if not left_out:
            return await _URGENT.rows(self._connection, asked)
        return (await self._connection.execute(_urgent().where(*left_out), asked)).all()

    def claim(self, delivery_id: UUID, until: datetime, number: int, body: bytes | None, notice: str | None) -> None:
        """Claims a delivery until `until`, and counts the attempt before it is made. If `body` is the rendered notice,
        the row no longer needs the notice itself.
        """
        kept = None if body else notice
        values = {"this_id": delivery_id, "until": until, "number": number, "rendered": body, "kept": kept}
        self._tx.later(_CLAIM, [values])

    async def renew(self, held: Mapping[UUID, datetime], until: datetime) -> list[UUID]:
        """Renews claims. `held` has the moment at which each lapses. Returns the deliveries whose claims were renewed.

        A claim is not renewed if its delivery has ended or another process has claimed it. A row that another
        transaction has locked is skipped: to wait for it while other rows are locked could be a deadlock, and the next
        renewal comes before the claim lapses.
        """
        d = deliveries
        wanted = (tuple_(d.c.id, d.c.due_at).in_(list(held.items())), _IS_PENDING)
        free = select(d.c.id).where(*wanted).with_for_update(skip_locked=True)
        statement = update(d).where(d.c.id.in_(free)).values(due_at=until).returning(d.c.id)
        return list((await self._connection.execute(statement)).scalars())

    def log(self, **attempt: Any) -> None:
        self._tx.later(_LOG, [attempt])

    async def get(self, delivery_id: UUID) -> Row[Any] | None:
        """The delivery, its row locked; None if there is none."""
        return await _LOCK.first(self._connection, {"this_id": delivery_id})

    async def arrive(self, delivery_id: UUID, now: datetime) -> bool:
        """Ends a delivery as delivered, even if it was cancelled during the attempt. False if it had arrived before."""
        return await _ARRIVE.run(self._connection, {"this_id": delivery_id, "now": now}) == 1

    async def find(self, delivery_id: UUID) -> Row[Any] | None:
        return (await self._connection.execute(select(deliveries).where(deliveries.c.id == delivery_id))).first()

    async def postpone(self, delivery_id: UUID, due_at: datetime, error: str | None) -> None:
        """Moves the delivery's next attempt to `due_at`, unless the delivery has ended in the meantime."""
        d = deliveries
        wanted = (d.c.id == delivery_id, _IS_PENDING)
        await self._connection.execute(update(d).where(*wanted).values(due_at=due_at, error=error))

    async def change(self, delivery_id: UUID, **values: Any) -> None:
        await self._connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(values))

    async def cause_of(self, forwarding_id: UUID) -> str | None:
        """The id of the event that caused the newest delivery of a forwarding; None if no event did."""
        d = deliveries
        statement = select(d.c.cause).where(d.c.forwarding_id == forwarding_id).order_by(d.c.id.desc()).limit(1)
        cause: str | None = (await self._connection.execute(statement)).scalar()
        return cause

    async def leave_other_channels(self, endpoint_id: UUID, channel: str, now: datetime) -> None:
        """Cancels pending deliveries of an endpoint by channels that it no longer has."""
        d = deliveries
        wanted = (d.c.endpoint_id == endpoint_id, d.c.channel != channel, _IS_PENDING)
        ended = {"state": DeliveryState.CANCELLED.value, "error": Overtaken.CHANNEL_CHANGED.value, "ended_at": now}
        await self._connection.execute(update(d).where(*wanted).values(**ended, due_at=None, share_until=None))

    async def revive(
        self,
        forwarding_id: UUID,
        endpoint_id: UUID,
        revision: int,
        channel: str,
        due_at: datetime | None,
        now: datetime,
    ) -> None:
        """Makes a failed delivery pending again, with the full time of a new one. A delivery by another channel is
        deleted with its attempts, because its rendered notice is of no use on this channel; a new one can then be
        added.
        """
        d = deliveries
        this = (d.c.forwarding_id == forwarding_id, d.c.endpoint_id == endpoint_id, d.c.revision == revision)
        ended = d.c.state.in_([DeliveryState.FAILED.value, DeliveryState.CANCELLED.value])
        other = select(d.c.id).where(*this, ended, d.c.channel != channel)
        await self._connection.execute(delete(attempts).where(attempts.c.delivery_id.in_(other)))
        await self._connection.execute(delete(d).where(*this, ended, d.c.channel != channel))
        again = {"state": DeliveryState.PENDING.value, "due_at": due_at, "created_at": now, "ended_at": None}
        given_up = (*this, d.c.state == DeliveryState.FAILED.value)
        # Its failure has been published. That must happen only once for each endpoint and revision.
        await self._connection.execute(update(d).where(*given_up).values(**again, failure_said=True))

    async def hurry(self, endpoint_id: UUID, now: datetime) -> None:
        """Makes the pending deliveries of an endpoint due now."""
        d = deliveries
        wanted = (d.c.endpoint_id == endpoint_id, _IS_PENDING, d.c.due_at > now)
        await self._connection.execute(update(d).where(*wanted).values(due_at=now))

    def answered(self, forwarding_id: UUID, upto: int, now: datetime) -> None:
        """Ends the deliveries of this revision and of earlier ones, because the agency's answer shows
        that it has them.
        """
        self._tx.later(_ANSWERED, [{"this_forwarding": forwarding_id, "upto": upto, "now": now}])

    def cancel(self, forwarding_id: UUID, now: datetime, why: Overtaken) -> None:
        """Cancels the forwarding's deliveries that have not arrived."""
        self._tx.later(_CANCEL, [{"this_forwarding": forwarding_id, "why": why.value, "now": now}])

    async def tried(self, forwarding_id: UUID) -> set[UUID]:
        """The endpoints to which a notice of the forwarding was sent, or may have been sent."""
        d = deliveries
        statement = select(d.c.endpoint_id).where(d.c.forwarding_id == forwarding_id, d.c.attempts > 0)
        return set((await self._connection.execute(statement)).scalars())

    async def waiting_at(self, channels: Sequence[str], forwarding_ids: Sequence[UUID]) -> Sequence[Row[Any]]:
        """The pending deliveries of these forwardings by channels from which the agency fetches. They
        are not locked.
        """
        d = deliveries
        wanted = (
            _IS_PENDING,
            d.c.channel.in_(channels),
            d.c.forwarding_id.in_(forwarding_ids),
        )
        return (
            await self._connection.execute(select(d).where(*wanted).order_by(d.c.forwarding_id, d.c.revision))
        ).all()

    async def past_share(self, now: datetime, most: int) -> list[UUID]:
        d = deliveries
        wanted = (_IS_PENDING, d.c.share_until <= now)
        statement = select(d.c.id).where(*wanted).order_by(d.c.share_until).limit(most)
        return list((await self._connection.execute(statement)).scalars())

    async def repair(self, now: datetime, longest: timedelta, in_flight: Sequence[UUID]) -> None:
        """Sets times that a fast clock stored in the future to `now`: see `clock.PutBack`. `longest`: no delivery can
        be due further ahead than this. A claim of this process (`in_flight`) stays, since it is renewed soon. The time
        to acknowledge and the time until a delivery fails keep their lengths.
        """
        d = deliveries
        too_late = (_IS_PENDING, d.c.due_at > now + longest + CLOCKS_AGREE_WITHIN, d.c.id.not_in(in_flight))
        await self._connection.execute(update(d).where(*too_late).values(due_at=now))
        ahead = (_IS_PENDING, d.c.created_at > now + CLOCKS_AGREE_WITHIN)
        found = select(d.c.id, d.c.created_at, d.c.share_until).where(*ahead).order_by(d.c.id).with_for_update()
        for row in (await self._connection.execute(found)).all():
            share_until = row.share_until and now + (row.share_until - row.created_at)
            await self.change(row.id, created_at=now, share_until=share_until)

    async def attempts_of(self, delivery_id: UUID) -> Sequence[Row[Any]]:
        statement = select(attempts).where(attempts.c.delivery_id == delivery_id).order_by(attempts.c.number)
        return (await self._connection.execute(statement)).all()


def _stands_behind() -> ColumnElement[bool]:
    """The condition that an earlier revision of the same forwarding has not reached the same endpoint yet."""
    earlier, d = deliveries.alias("earlier"), deliveries
    older = or_(earlier.c.revision < d.c.revision, and_(earlier.c.revision == d.c.revision, earlier.c.kind < d.c.kind))
    return exists().where(
        earlier.c.forwarding_id == d.c.forwarding_id,
        earlier.c.endpoint_id == d.c.endpoint_id,
        earlier.c.state == DeliveryState.PENDING.value,
        older,
    )


def _urgent() -> Select[Any]:
    """The statement that reads due deliveries with their endpoints, the most urgent first. It locks the deliveries."""
    d, e = deliveries, endpoints
    of_endpoint = (e.c.url, e.c.secret, e.c.secret_ref, e.c.options, e.c.source, e.c.state.label("endpoint_state"))
    return (
        select(d, *of_endpoint)
        .join(e, e.c.id == d.c.endpoint_id)
        .where(_IS_PENDING, d.c.due_at <= bindparam("this_moment"), ~_stands_behind())
        .order_by(d.c.priority, d.c.urgent_by, d.c.id)
        .limit(bindparam("most"))
        .with_for_update(of=d, skip_locked=True)
    )


_URGENT = CompiledStatement(_urgent())
_LOCK = CompiledStatement(select(deliveries).where(deliveries.c.id == bindparam("this_id")).with_for_update())
