"""All SQL about blocks and prank scores."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, literal, literal_column, or_, select, tuple_, update

from sigap_common.contracts.calls import CallClass
from sigap_common.database import CompiledStatement
from sigap_common.messaging.aggregates import Aggregates, AggregateTable
from sigap_common.messaging.jobs import DeletionSweep
from sigap_common.messaging.retention import SHORTEST
from sigap_common.messaging.transaction import Transaction
from sigap_common.regency import BlockingPolicy
from sigap_common.regency.in_force import PacksInForce
from sigap_intake.domain import CallState
from sigap_intake.domain.block import Block, BlockState
from sigap_intake.domain.caller_history import HISTORY_DEPTH
from sigap_intake.domain.pranks import ClassifiedCall, Considered, faint_at, lowers_until
from sigap_intake.domain.screening import TRIES, TRIES_WITHIN
from sigap_intake.models import tables
from sigap_intake.models.blocks import IS_OPEN, blocks, prank_scores
from sigap_intake.models.calls import calls
from sigap_intake.visibility.blocks import BLOCK_POLICY
from sigap_intake.watched_numbers import RECENT, Number, Score, WatchedNumbers

BLOCKS_CONSIDERED = 50
"""Earlier blocks of a number, the newest."""
SCORES_AT_ONCE = 1000

_of_number = (calls.c.regency == bindparam("regency"), calls.c.caller_hash == bindparam("caller_hash"))
_REAL = (calls.c.drill.is_(False), calls.c.backfilled.is_(False))
_HISTORY = CompiledStatement(
    select(calls.c.id, calls.c.call_class, calls.c.received_at)
    .where(*_of_number, *_REAL)
    .order_by(calls.c.received_at.desc())
    .limit(literal_column(str(HISTORY_DEPTH)))
)
_tries = (
    select(literal_column("1"))
    .where(*_of_number, *_REAL, calls.c.received_at >= bindparam("since"), calls.c.received_at <= bindparam("until"))
    .limit(literal_column(str(TRIES)))
    .subquery()
)
_TRIES = CompiledStatement(select(func.count()).select_from(_tries))
# A call that somebody changes at this moment is found again when the block's event is heard: to wait for it with the
# block locked would be a deadlock with a classification, which locks the call first.
_SCREENING = select(calls.c.id).where(*_of_number, calls.c.state == literal_column("'screening'"))
_PRANKS = (
    select(calls.c.id, calls.c.document)
    .where(*_of_number, *_REAL, or_(calls.c.call_class == CallClass.PRANK, calls.c.state == CallState.SCREENED))
    .order_by(calls.c.received_at.desc())
    .limit(HISTORY_DEPTH)
)
_of_blocked = (blocks.c.regency == bindparam("regency"), blocks.c.caller_hash == bindparam("caller_hash"))
_THIS = blocks.c.id == bindparam("block_id")
_OPEN = CompiledStatement(select(blocks.c.id, blocks.c.document).where(*_of_blocked, IS_OPEN).with_for_update())
_KNOWN = CompiledStatement(
    select(blocks.c.id, blocks.c.document)
    .where(*_of_blocked, or_(IS_OPEN, _THIS))
    .order_by(blocks.c.proposed_at.desc())
)
_of_scored = (
    prank_scores.c.regency == bindparam("this_regency"),
    prank_scores.c.caller_hash == bindparam("this_hash"),
)
_SCORE = CompiledStatement(select(literal_column("1")).select_from(prank_scores).where(*_of_scored).with_for_update())
_ADD = CompiledStatement(insert(prank_scores), [column.name for column in prank_scores.columns])
_values = ("score", "scored_at", "lowers_until", "forget_at")
_CHANGE = CompiledStatement(
    update(prank_scores).where(*_of_scored).values({name: bindparam(f"new_{name}") for name in _values})
)


def _columns(block: Block) -> dict[str, Any]:
    return {
        "state": block.state,
        "caller_hash": block.caller_hash,
        "review_due": block.alarm is not None,
        "proposed_at": block.proposed_at,
        "due_at": block.due_at,
        "erase_at": block.proposed_at + SHORTEST,
    }


BLOCKS = AggregateTable(blocks, tables.timeline, Block, _columns, BLOCK_POLICY)


class Blocks(Aggregates[Block]):
    async def open_of(self, regency: str, caller_hash: str) -> Block | None:
        """The number's proposed or active block, locked."""
        row = await _OPEN.first(self.tx.connection, {"regency": regency, "caller_hash": caller_hash})
        return self.opened(row.id, row.document) if row else None

    async def known_of(self, regency: str, caller_hash: str | None, block_id: UUID | None) -> list[Block]:
        """The number's proposed or active block, and the one with that id, whatever became of it; the newest first.
        Without a number, none.
        """
        if caller_hash is None:
            return []
        of_number = {"regency": regency, "caller_hash": caller_hash, "block_id": block_id}
        return [self.of_row(row) for row in await _KNOWN.rows(self.tx.connection, of_number)]

    async def considered(self, regency: str, caller_hash: str) -> Considered:
        """The earlier decisions about the number."""
        of_number = (blocks.c.regency == regency, blocks.c.caller_hash == caller_hash)
        newest = select(blocks.c.id, blocks.c.document).where(*of_number).order_by(blocks.c.proposed_at.desc())
        found = (await self.tx.connection.execute(newest.limit(BLOCKS_CONSIDERED))).all()
        before = [self.of_row(row) for row in found]
        led = [block for block in before if block.state in (BlockState.ACTIVE, BlockState.ENDED)]
        refused = [block for block in before if block.state in (BlockState.REFUSED, BlockState.LIFTED)]
        return Considered(
            frozenset(fact.call_id for block in led for fact in block.facts),
            max((block.over_at for block in refused if block.over_at), default=None),
        )

    async def screening(self, block: Block, *, lock: bool = True) -> Sequence[UUID]:
        """The calls of the number that hear the recorded message now; locked, without those that somebody changes."""
        who = {"regency": block.regency, "caller_hash": block.caller_hash}
        wanted = _SCREENING.with_for_update(skip_locked=True) if lock else _SCREENING
        return (await self.tx.connection.execute(wanted, who)).scalars().all()

    async def pranks_of(self, regency: str, caller_hash: str) -> list[Any]:
        """The rows of the number's pranks and screened calls, the newest HISTORY_DEPTH of them, oldest first."""
        who = {"regency": regency, "caller_hash": caller_hash}
        return list(reversed((await self.tx.connection.execute(_PRANKS, who)).all()))


class PrankScores:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def lock(self, regency: str, caller_hash: str) -> bool:
        """Whether the number has a score; it is locked until the transaction ends."""
        who = {"this_regency": regency, "this_hash": caller_hash}
        return await _SCORE.first(self._tx.connection, who) is not None

    async def history(self, regency: str, caller_hash: str, without: UUID) -> list[ClassifiedCall]:
        """The number's classified calls but one, of its newest HISTORY_DEPTH; no drills, no backfilled entries."""
        rows = await _HISTORY.rows(self._tx.connection, {"regency": regency, "caller_hash": caller_hash})
        return [
            ClassifiedCall(row.id, row.received_at, CallClass(row.call_class))
            for row in rows
            if row.call_class and row.id != without
        ]

    async def tries(self, regency: str, caller_hash: str, moment: datetime) -> int:
        """How many calls of the number arrived shortly before that moment, TRIES at most."""
        within = {"since": moment - TRIES_WITHIN, "until": moment}
        row = await _TRIES.first(self._tx.connection, {"regency": regency, "caller_hash": caller_hash, **within})
        return int(row[0]) if row else 0

    def keep(
        self, number: Number, value: float, policy: BlockingPolicy, kept_for: timedelta, *, is_new: bool
    ) -> Score | None:
        """Keeps the number's score; what it lowers from now on, or None."""
        regency, caller_hash = number
        now = self._tx.now()
        until = lowers_until(value, policy, now)
        forget_at = min(faint_at(value, policy, now), now + kept_for)
        row = {"score": value, "scored_at": now, "lowers_until": until, "forget_at": forget_at}
        if is_new:
            self._tx.later(_ADD, [{"regency": regency, "caller_hash": caller_hash, **row}])
        else:
            changed = {f"new_{name}": new for name, new in row.items()}
            self._tx.later(_CHANGE, [{"this_regency": regency, "this_hash": caller_hash, **changed}])
        return Score(value, now, until) if until else None


async def refresh(view: Transaction[Any], watched: WatchedNumbers) -> None:
    """Reads what other processes have changed: all active blocks, which are few, and the scores since the last time."""
    b = blocks.c
    active = select(b.id, b.regency, b.caller_hash).where(
        b.state == literal_column("'active'"), b.caller_hash.is_not(None)
    )
    found = (await view.connection.execute(active)).all()
    watched.keep_blocks({(row.regency, row.caller_hash): row.id for row in found})
    await _refresh_scores(view, watched)
    watched.forget_over(view.now())


async def _refresh_scores(view: Transaction[Any], watched: WatchedNumbers) -> None:
    s = prank_scores.c
    key = (s.scored_at, s.regency, s.caller_hash)
    changed = select(prank_scores).order_by(*key).limit(SCORES_AT_ONCE)
    # At the first time only those that lower calls: most numbers are known for one prank alone.
    begins = s.lowers_until > view.now() if watched.newest is None else s.scored_at >= watched.newest - RECENT
    page, is_last = changed.where(begins), False
    while not is_last:
        rows = (await view.connection.execute(page)).all()
        for row in rows:
            score = Score(row.score, row.scored_at, row.lowers_until) if row.lowers_until else None
            watched.keep_score((row.regency, row.caller_hash), score, row.scored_at)
        is_last = len(rows) < SCORES_AT_ONCE
        if not is_last:
            last = tuple_(*(literal(rows[-1]._mapping[column.name], column.type) for column in key))
            page = changed.where(begins, tuple_(*key) > last)


def forget_faint(_: PacksInForce) -> DeletionSweep:
    """Deletes scores that are faint by now, or whose calls are erased."""
    return DeletionSweep("prank_scores", prank_scores, lambda now: prank_scores.c.forget_at <= now)
