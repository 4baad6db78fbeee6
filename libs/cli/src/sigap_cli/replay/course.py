"""Runs a replay: simulated operators handle the calls, simulated agencies answer, and the result is counted from
dispatch's list.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from sigap_cli.api import Api, Patience
from sigap_cli.errors import Failed
from sigap_cli.replay.agencies import answer_all
from sigap_cli.replay.operators import Led, work
from sigap_cli.replay.scripts import Script
from sigap_cli.replay.tally import Tally, followed
from sigap_cli.tokens import Who, signed_in

PATIENCE = Patience(total=120)
OPERATORS = Who(("operator", "supervisor"))


class Progress(Protocol):
    """Receives the progress of a replay."""

    def call_led(self) -> None: ...
    def acknowledged(self) -> None: ...
    def counted(self, tally: Tally) -> None: ...


@dataclass(frozen=True, slots=True)
class Summary:
    rows: int
    generated: int
    calls: int
    incidents: int
    forwardings: int
    acknowledged: int
    finished: int
    seconds: float
    errors: list[str]

    @property
    def ok(self) -> bool:
        """Whether every row is one incident, forwarded and acknowledged, and nothing was refused."""
        return not self.errors and self.finished == self.rows == self.incidents

    def as_json(self) -> dict[str, Any]:
        return {"ok": self.ok, **asdict(self)}


async def replay(
    url: str,
    token: str | None,
    regency: str,
    scripts: Sequence[Script],
    operators: int,
    patience: float,
    progress: Progress,
) -> Summary:
    """Replays the calls of the scripts, and returns what came of them. Raises Refused, Failed, Unreachable."""
    began = time.monotonic()
    async with signed_in(url, OPERATORS, token, PATIENCE, connections=operators + 20) as api:
        await _require_kinds(api, regency, scripts)
        codes = await _agencies(api, regency)
        answering = asyncio.create_task(answer_all(api, regency, codes, progress.acknowledged))
        try:
            led, tally = await _unless_failed(
                answering, _led_and_counted(api, regency, scripts, operators, patience, progress)
            )
        finally:
            answering.cancel()
            with suppress(asyncio.CancelledError, ExceptionGroup):
                await answering
    return _summary(scripts, led, tally, time.monotonic() - began)


async def _require_kinds(api: Api, regency: str, scripts: Sequence[Script]) -> None:
    """Checks the kinds of incident before anything is sent: a refused kind would leave a call without a class."""
    known = {kind["code"] for kind in (await api.get("/v1/incident-types", regency=regency))["items"]}
    rows: dict[str, list[int]] = {}
    for script in scripts:
        if script.incident_type is not None:
            rows.setdefault(script.incident_type, []).append(script.row)
    if unknown := sorted(rows.keys() - known):
        sentences = [f"  {kind!r}, of {len(rows[kind])} rows, the first is row {min(rows[kind])}" for kind in unknown]
        head = f"{regency} has no such kind of incident (sigap regency show {regency} prints its pack):"
        raise Failed("\n".join([head, *sentences]))


async def _agencies(api: Api, regency: str) -> list[str]:
    pack = (await api.get(f"/v1/regencies/{regency}"))["pack"]
    return [agency["code"] for agency in pack.get("agencies", ())]


async def _led_and_counted(
    api: Api, regency: str, scripts: Sequence[Script], operators: int, patience: float, progress: Progress
) -> tuple[Led, Tally]:
    led = await work(api, list(scripts), operators, progress.call_led)
    rows = {led.calls[script.id] for script in scripts if script.row and script.id in led.calls}
    return led, await followed(api, regency, rows, patience, progress.counted)


async def _unless_failed(other: "asyncio.Task[None]", work: Any) -> Any:
    """The outcome of `work`. If `other`, which never ends by itself, fails first, raises its error."""
    task = asyncio.ensure_future(work)
    await asyncio.wait({task, other}, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
        other.result()
    return await task


def _summary(scripts: Sequence[Script], led: Led, tally: Tally, seconds: float) -> Summary:
    doubled = [f"{tally.doubled} calls have more than one incident"] if tally.doubled else []
    rows = sum(1 for script in scripts if script.row)
    return Summary(
        rows=rows,
        generated=len(scripts) - rows,
        calls=len(set(led.calls.values())),
        incidents=tally.incidents,
        forwardings=tally.forwardings,
        acknowledged=tally.acknowledged,
        finished=tally.finished,
        seconds=round(seconds, 3),
        errors=[*led.errors, *doubled],
    )
