"""Histories of what roster forgets: how a person is reached, after the last duty."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sigap_common.regency import Pack
from sigap_testing.kit import Kit

from .conftest import Desk, Draft, Enter

DAY = timedelta(days=1)
LAST_DUTY_ENDS = datetime(2024, 2, 20, 7, 0, tzinfo=UTC)  # 14:00 in Jakarta


async def test_contacts_go_when_the_last_duty_is_so_long_ago(
    kit: Kit, pack: Callable[..., Pack], desk: Desk, enter: Enter, publish: Draft
) -> None:
    await kit.configure(pack("99.01", retention={"staff_days": 30}), version=2)
    ani = await enter("Ani", contact="+628111222333")
    await publish((ani, 19, "pagi"), (ani, 20, "pagi"))

    kit.clock.moment = LAST_DUTY_ENDS + 30 * DAY - timedelta(milliseconds=1)
    await kit.runtime.sweeps.sweep()
    assert (await desk("GET", f"/v1/staff/{ani}")).json()["contact"] == "+628111222333"

    kit.clock.moment += timedelta(minutes=10)
    await kit.runtime.sweeps.sweep()
    found = (await desk("GET", f"/v1/staff/{ani}")).json()
    assert (found["name"], found["contact"], found["number"]) == ("Ani", None, None)
    assert (await enter("Budi", number="OP-Ani")) != ani, "the number is free again"
