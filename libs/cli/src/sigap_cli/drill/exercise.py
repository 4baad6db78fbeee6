"""Runs a drill: one drill call, from its arrival to the closed incident.

If real agencies take part and one of them does not answer, the incident stays open for a dispatcher.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sigap_cli.api import Api
from sigap_cli.drill.geometry import point_inside
from sigap_cli.drill.labels import NOTE, STEPS
from sigap_cli.errors import Failed, Refused

DRILL_AGENCY = "drill"
CLEARING_UP = ("ended", "closed")
ANSWERS = {"IncidentAcknowledged": "agency_acknowledged", "IncidentDeclined": "agency_declined"}
STREAM_PATIENCE = 10.0
"""Seconds in which the live stream must say that it is ready."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the drill, `seconds` after the call was received."""

    name: str
    seconds: float
    agency: str | None = None
    """The agency, if it is a real agency's step."""


@dataclass(slots=True)
class Outcome:
    """The result of a drill. It is filled while the drill runs."""

    to_agencies: bool = False
    """Whether the drill was to be sent to the real agencies as well."""
    call_id: str | None = None
    incident_id: str | None = None
    number: str | None = None
    """The incident's number."""
    steps: list[Step] = field(default_factory=list)
    agencies: dict[str, Step | None] = field(default_factory=dict)
    """The agencies to which the incident was forwarded, each with the step of its answer; None: no answer yet."""
    left_open: bool = False
    names: dict[str, str] = field(default_factory=dict)
    """The agencies' names, as the pack has them."""

    def name_of(self, agency: str) -> str:
        return f"{self.names[agency]} ({agency})" if agency in self.names else agency

    @property
    def silent(self) -> list[str]:
        """The agencies to which the incident was forwarded and which have not answered."""
        return [agency for agency, answer in self.agencies.items() if answer is None]

    @property
    def told_nobody(self) -> bool:
        """Whether the drill was meant for real agencies, but the incident was forwarded to none of them."""
        return self.to_agencies and not [one for one in self.agencies if not one.endswith(f"/{DRILL_AGENCY}")]

    def seconds(self, name: str) -> float | None:
        return next((step.seconds for step in self.steps if step.name == name), None)

    @property
    def came_back(self) -> bool:
        """Whether the drill agency acknowledged."""
        return self.seconds("acknowledged") is not None

    @property
    def ok(self) -> bool:
        """Whether the drill agency acknowledged. If real agencies were to take part, at least one must have been told,
        and each that was told must have answered.
        """
        return self.came_back and not (self.to_agencies and (self.silent or self.told_nobody))

    @property
    def reached(self) -> str:
        """The last step before the end of the call, in words."""
        names = [step.name for step in self.steps if step.name in STEPS and step.name not in CLEARING_UP]
        return STEPS[names[-1]] if names else "none"


class Exercise:
    """One run of a drill. It calls `told` at each step and records the step in `outcome`, also if the drill fails."""

    def __init__(self, api: Api, pack: dict[str, Any], outcome: Outcome, told: Callable[[Step], None]) -> None:
        self._api, self._pack, self._to_agencies, self._told = api, pack, outcome.to_agencies, told
        self.outcome = outcome
        self._regency: str = pack["code"]
        outcome.names = {f"{pack['code']}/{one['code']}": one["name"] for one in pack.get("agencies", ())}
        self._began = 0.0
        self._heard: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    async def run(self, within: float) -> None:
        """Runs the drill. Raises Refused and Unreachable. A missing acknowledgement after `within` seconds is not an
        error.
        """
        listening = asyncio.create_task(self._listen())
        try:
            await self._ready(listening)
            self._began = time.perf_counter()
            await self._call()
            async with asyncio.timeout(within):
                await self._follow(listening)
        except TimeoutError:
            pass
        finally:
            listening.cancel()
            await self._clear_up()

    async def _listen(self) -> None:
        async for event in self._api.stream("/v1/incidents/stream"):
            await self._heard.put(event)

    async def _ready(self, listening: "asyncio.Task[None]") -> None:
        ready = asyncio.create_task(self._heard.get())
        await asyncio.wait({ready, listening}, timeout=STREAM_PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if listening.done():
            listening.result()
        if not ready.done():
            ready.cancel()
            raise Failed("The incidents' live stream did not open.")

    async def _call(self) -> None:
        body = {"regency": self._regency, "channel": "telephone", "drill": True, "with_agencies": self._to_agencies}
        call = await self._api.post("/v1/calls", body)
        self.outcome.call_id = call["id"]
        self._done("received")
        await self._tell("answered", "answer")
        await self._tell("located", "location", _place(self._pack))
        await self._tell("noted", "notes", {"text": NOTE})
        kind = incident_type(self._pack)
        await self._tell("classified", "classification", {"call_class": "emergency", "incident_type": kind})

    async def _tell(self, step: str, what: str, body: dict[str, Any] | None = None) -> None:
        await self._api.post(f"/v1/calls/{self.outcome.call_id}/{what}", body)
        self._done(step)

    def _done(self, name: str, agency: str | None = None) -> Step:
        step = Step(name, time.perf_counter() - self._began, agency)
        self.outcome.steps.append(step)
        self._told(step)
        return step

    async def _follow(self, listening: "asyncio.Task[None]") -> None:
        """Waits until the stream of incidents has shown the drill agency's acknowledgement and, if real agencies take
        part, the answer of each. Dispatch tells all agencies of the plan before the first of them can answer.
        """
        while not self.outcome.came_back or (self._to_agencies and self.outcome.silent):
            name, message = await self._next(listening)
            event = message.get("event", {})
            if name == "IncidentCreated" and event.get("call_id") == self.outcome.call_id:
                self.outcome.incident_id, self.outcome.number = message["subject"], event.get("number")
                self._done("incident")
            elif message.get("subject") == self.outcome.incident_id and event.get("agency"):
                self._hear(name, event["agency"])

    def _hear(self, name: str, agency: str) -> None:
        """Records that an agency was told, and its first answer. For the drill agency both are steps of their own."""
        answers, ours = self.outcome.agencies, agency == f"{self._regency}/{DRILL_AGENCY}"
        if name == "IncidentForwarded" and agency not in answers:
            answers[agency] = None
            if ours:
                self._done("forwarded")
        elif name in ANSWERS and answers.get(agency) is None:
            whole = ours and name == "IncidentAcknowledged"
            answers[agency] = self._done("acknowledged") if whole else self._done(ANSWERS[name], agency)
        elif name == "ForwardingWithdrawn" and answers.get(agency) is None:
            answers.pop(agency, None)

    async def _next(self, listening: "asyncio.Task[None]") -> tuple[str, Any]:
        news = asyncio.create_task(self._heard.get())
        await asyncio.wait({news, listening}, return_when=asyncio.FIRST_COMPLETED)
        if news.done():
            return news.result()
        news.cancel()
        listening.result()
        raise Failed("The incidents' live stream ended.")

    async def _clear_up(self) -> None:
        """Ends the call and closes the incident, also if the drill failed. The incident stays open if a real agency has
        not answered.
        """
        if self.outcome.call_id is None:
            return
        try:
            await self._tell("ended", "end", {"ended_by": "operator"})
            await self._close()
        except Refused:
            if self.outcome.came_back:
                raise

    async def _close(self) -> None:
        if self.outcome.incident_id is None:
            return
        if self._to_agencies and self.outcome.silent:
            self.outcome.left_open = True
            return
        codes = [entry["code"] for entry in (await self._api.get("/v1/dispositions", regency=self._regency))["items"]]
        body = {"disposition": DRILL_AGENCY if DRILL_AGENCY in codes else codes[0]}
        await self._api.post(f"/v1/incidents/{self.outcome.incident_id}/close", body)
        self._done("closed")


def _place(pack: dict[str, Any]) -> dict[str, Any]:
    if not pack.get("zone"):
        return {"address": NOTE}
    lat, lon = point_inside(pack["zone"])
    return {"lat": lat, "lon": lon, "uncertainty_m": 10}


def incident_type(pack: dict[str, Any]) -> str | None:
    """The code of the first incident type that is not protected. A type with a response plan comes first."""
    protected = {kind["code"] for kind in pack["incident_types"] if kind.get("protected")}
    planned = [plan["incident_type"] for plan in pack.get("response_plans", ())]
    known = [kind["code"] for kind in pack["incident_types"]]
    return next((code for code in [*planned, *known] if code not in protected), None)
