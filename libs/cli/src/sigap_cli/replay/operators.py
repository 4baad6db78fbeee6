"""Simulated operators: each takes the next call when it is due, and handles it to its end."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sigap_cli.api import Api
from sigap_cli.errors import Refused
from sigap_cli.replay.scripts import Script, Step


@dataclass(slots=True)
class Led:
    """The result of the operators' work: the call's id by script, and the refusals."""

    calls: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


async def work(api: Api, scripts: list[Script], operators: int, on_call: Callable[[], None]) -> Led:
    """Handles all calls. A refused call is noted, and the others go on. Raises Unreachable."""
    led, queue, began = Led(), iter(scripts), time.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(operators):
            group.create_task(_operate(api, queue, began, led, on_call))
    return led


async def _operate(api: Api, queue: Iterator[Script], began: float, led: Led, on_call: Callable[[], None]) -> None:
    for script in queue:
        await asyncio.sleep(max(0.0, began + script.due - time.monotonic()))
        try:
            led.calls[script.id] = await _lead(api, script)
        except Refused as refused:
            led.errors.append(f"{_name(script)}: {refused}")
        on_call()


def _name(script: Script) -> str:
    return f"row {script.row}" if script.row else f"generated call {script.id}"


async def _lead(api: Api, script: Script) -> str:
    call = await api.post("/v1/calls", script.receive, key=script.key("receive", script.receive))
    for step in script.steps:
        if not step.done(call):
            call = await _take(api, script, step, call)
    return str(call["id"])


async def _take(api: Api, script: Script, step: Step, call: dict[str, Any]) -> Any:
    """Takes one step of a call. If an earlier run has taken it, this is no error."""
    path = f"/v1/calls/{call['id']}"
    try:
        return await api.post(f"{path}/{step.what}", step.body, key=script.key(step.what, step.body))
    except Refused as refused:
        current = await api.get(path) if refused.status == 409 else None
        if current is None or not step.done(current):
            raise
        return current
