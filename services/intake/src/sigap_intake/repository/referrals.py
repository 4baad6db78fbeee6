"""All SQL about referrals: intake's own copy, which follows dispatch's events, so that whoever calls again is told the
answer. Referrals of callers without a number, and of protected calls, leave nothing here.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, literal_column, or_, select, update

from sigap_common.contracts.referrals import ReferralOpened
from sigap_common.database import CompiledStatement, insert_if_new
from sigap_common.messaging.jobs import DeletionSweep
from sigap_common.messaging.transaction import Transaction
from sigap_common.personal_data import SealContext, Sealed
from sigap_common.regency.in_force import PacksInForce
from sigap_intake.domain.known_referral import KnownReferral
from sigap_intake.models.referrals import referrals as t

SHOWN = 5
FORGOTTEN_AFTER = timedelta(days=90)
"""Nobody asks for the answer after so long. If the pack keeps calls for a shorter time, that holds."""

_ANSWER = "answer"
_ADD = CompiledStatement(insert_if_new(t), [column.name for column in t.columns])
_this = t.c.id == bindparam("this_id")
_CLOSE = CompiledStatement(update(t).where(_this).values(is_open=bindparam("now_open")), by="this_id")
_PASS_ON = CompiledStatement(update(t).where(_this).values(receiver=bindparam("new_receiver")), by="this_id")
_KEEP_ANSWER = CompiledStatement(
    update(t).where(_this).values(answer=bindparam("new_answer"), answered_at=bindparam("new_moment")), by="this_id"
)
_FORGET = CompiledStatement(delete(t).where(_this), by="this_id")
_OF_NUMBER = CompiledStatement(
    select(t)
    .where(
        t.c.regency == bindparam("this_regency"),
        t.c.caller_hash == bindparam("this_hash"),
        t.c.drill == bindparam("is_drill"),
    )
    .order_by(t.c.opened_at.desc(), t.c.id)
    .limit(literal_column(str(SHOWN)))
)


class Referrals:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    def add(self, referral_id: UUID, regency: str, drill: bool, opened: ReferralOpened) -> None:
        if opened.caller_hash is None or opened.protected:
            return
        row = {
            "id": referral_id,
            "regency": regency,
            "caller_hash": opened.caller_hash,
            "drill": drill,
            "number": opened.number,
            "receiver": opened.to,
            "opened_at": opened.at,
            "is_open": True,
            "answer": None,
            "answered_at": None,
        }
        self._tx.later(_ADD, [row])

    def pass_on(self, referral_id: UUID, to: str | None) -> None:
        self._tx.later(_PASS_ON, [{"this_id": referral_id, "new_receiver": to}])

    def set_open(self, referral_id: UUID, is_open: bool) -> None:
        self._tx.later(_CLOSE, [{"this_id": referral_id, "now_open": is_open}])

    def forget(self, referral_id: UUID) -> None:
        """Its call is protected now."""
        self._tx.later(_FORGET, [{"this_id": referral_id}])

    def answer(self, referral_id: UUID, text: Sealed, at: datetime) -> None:
        token = text.token(SealContext(self._tx.ring, str(referral_id)), _ANSWER)
        self._tx.later(_KEEP_ANSWER, [{"this_id": referral_id, "new_answer": token, "new_moment": at}])

    async def of_number(self, regency: str, caller_hash: str | None, drill: bool = False) -> list[KnownReferral]:
        """The newest referrals of this number in the regency, at most SHOWN; none without a number."""
        if caller_hash is None:
            return []
        who = {"this_regency": regency, "this_hash": caller_hash, "is_drill": drill}
        return [self._opened(row) for row in await _OF_NUMBER.rows(self._tx.connection, who)]

    def _opened(self, row: Any) -> KnownReferral:
        context = SealContext(self._tx.ring, str(row.id))
        answer = Sealed.read(row.answer, context, _ANSWER) if row.answer else None
        return KnownReferral(
            row.id,
            row.number,
            row.receiver,
            row.opened_at,
            row.is_open,
            answer.clear if answer and not answer.opaque else None,
            row.answered_at,
        )


def forget_referrals(packs: PacksInForce) -> DeletionSweep:
    def is_old(now: datetime) -> Any:
        kept = [(pack.code, timedelta(days=pack.retention.calls_days)) for pack in packs.all()]
        shorter = [
            and_(t.c.regency == code, t.c.opened_at <= now - period)
            for code, period in kept
            if period < FORGOTTEN_AFTER
        ]
        return or_(t.c.opened_at <= now - FORGOTTEN_AFTER, *shorter)

    return DeletionSweep("referrals", t, is_old)
