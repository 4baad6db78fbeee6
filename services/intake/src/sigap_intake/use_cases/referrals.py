"""Follows dispatch's events about referrals, so that a caller who calls again is told the answer."""

from collections.abc import Sequence
from uuid import UUID

from sigap_common.contracts.referrals import (
    ReferralAnswered,
    ReferralClosed,
    ReferralOpened,
    ReferralPassedOn,
    ReferralProtected,
    ReferralReopened,
)
from sigap_common.messaging.received import ReceivedEvent
from sigap_intake.repository import IntakeTransaction

FOLLOWED = (ReferralOpened, ReferralPassedOn, ReferralAnswered, ReferralClosed, ReferralReopened, ReferralProtected)


async def follow_referrals(tx: IntakeTransaction, heard: Sequence[ReceivedEvent]) -> None:
    for one in heard:
        referral_id = UUID(one.envelope.subject)
        match one.event:
            case ReferralOpened() as opened:
                tx.referrals.add(referral_id, one.envelope.regency, one.envelope.drill, opened)
            case ReferralPassedOn() as passed:
                tx.referrals.pass_on(referral_id, passed.to)
            case ReferralAnswered() as answered:
                tx.referrals.answer(referral_id, answered.text, answered.at)
            case ReferralProtected():
                tx.referrals.forget(referral_id)
            case ReferralClosed() | ReferralReopened() as event:
                tx.referrals.set_open(referral_id, isinstance(event, ReferralReopened))
