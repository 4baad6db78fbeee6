"""Applies packs to a running system, and waits until every service uses them."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sigap_cli.api import Api
from sigap_cli.errors import Failed, Refused
from sigap_cli.regency.retiring import retired

AT_ONCE = 8
LOOK_SECONDS = 0.2
CONFLICT, PRECONDITION_FAILED = 409, 412


@dataclass(frozen=True, slots=True)
class Source:
    """A pack's document, not yet checked. `lines`: the line of each JSON pointer in the file."""

    name: str
    document: dict[str, Any]
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return str(self.document.get("code", ""))

    def place(self, pointer: str) -> str:
        """The place as text, such as `line 12, /agencies/0`. For a missing value, the line of the part around it."""
        pointer = unquote(pointer.removeprefix("#"))
        known = pointer
        while known not in self.lines and known:
            known = known.rpartition("/")[0]
        line = self.lines.get(known)
        return (f"line {line}, " if line else "") + (pointer or "document")


@dataclass(frozen=True, slots=True)
class Planned:
    """A pack that will be applied, and the pack in force now; None for a new regency.

    `etag` is that of the version that was compared. If somebody applies another version in the meantime, ours is
    refused, because it could retire parts that nobody was asked about.
    """

    source: Source
    in_force: dict[str, Any] | None = None
    etag: str | None = None

    @property
    def head(self) -> str:
        """The regency's code and its present name."""
        return f"{self.source.code} {(self.in_force or self.source.document).get('name', '')}"

    @property
    def retired(self) -> list[str]:
        """One phrase for each part that this pack would retire; empty if the pack is invalid (it is refused then)."""
        from sigap_common.regency import InvalidPack, validate_pack

        if self.in_force is None:
            return []
        try:
            checked = validate_pack(self.source.document)
        except InvalidPack:
            return []
        return retired(self.in_force, json.loads(checked.model_dump_json(exclude_defaults=True)))


@dataclass(slots=True)
class Applied:
    """The outcome of applying one pack. `answers` has the services' answers, `errors` the reasons of a refusal."""

    source: Source
    version: int | None = None
    answers: list[dict[str, Any]] = field(default_factory=list)
    waiting_for: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.errors and not self.waiting_for


def read_sources(paths: Sequence[Path]) -> list[Source]:
    """The packs of all files. Raises Failed with the errors of all files together."""
    sources, failures = [], []
    for path in paths:
        try:
            sources.append(read_source(path))
        except Failed as failed:
            failures.append(str(failed))
    if failures:
        raise Failed("\n".join(failures))
    return sources


def read_source(path: Path) -> Source:
    """The pack in a file. Raises Failed with the errors and their places."""
    from sigap_common.regency import InvalidPack, read_document

    try:
        document, lines = read_document(path)
    except OSError as error:
        raise Failed(f"{path}: {error.strerror}") from error
    except InvalidPack as invalid:
        raise Failed("\n".join([f"{path} is not a pack:", *(f"  {error}" for error in invalid.errors)])) from invalid
    if not isinstance(document, dict) or not document.get("code"):
        raise Failed(f"{path} is not a pack: it has no code")
    if not isinstance(document["code"], str):
        where, told = f"{path} line {lines.get('/code', 1)}", document["code"]
        raise Failed(f'{where}: the code goes in quotes, such as "17.10"; without them it is the number {told}')
    return Source(str(path), document, lines)


async def plan(api: Api, sources: Sequence[Source]) -> list[Planned]:
    """The packs, each with the one in force in its regency now. Raises Refused, Unreachable."""
    known = {item["code"] async for item in api.pages("/v1/regencies", limit=200)}
    limit = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_plan(api, source, limit, known=source.code in known)) for source in sources]
    return [task.result() for task in tasks]


async def _plan(api: Api, source: Source, limit: asyncio.Semaphore, *, known: bool) -> Planned:
    if not known:
        return Planned(source)
    async with limit:
        found = await api.send("GET", f"/v1/regencies/{source.code}")
    return Planned(source, found.body["pack"], found.etag)


async def carry_out(api: Api, planned: Sequence[Planned], within: float) -> list[Applied]:
    """Puts all, several at once, and waits until every service has answered for each, at most `within` seconds.

    A pack that is refused is in the outcome with its errors. Raises Unreachable, and Refused for what is no
    fault of a pack.
    """
    outcomes = [Applied(one.source) for one in planned]
    limit = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as group:
        for one, outcome in zip(planned, outcomes, strict=True):
            group.create_task(_put(api, outcome, one.etag, limit))
    await _wait(api, [outcome for outcome in outcomes if outcome.version], time.monotonic() + within)
    return outcomes


async def _put(api: Api, outcome: Applied, etag: str | None, limit: asyncio.Semaphore) -> None:
    source, precondition = outcome.source, {"If-Match": etag} if etag else {}
    async with limit:
        try:
            path = f"/v1/regencies/{source.code}"
            answer = await api.send("PUT", path, json=source.document, headers=precondition)
            outcome.version = int(answer.body["version"])
        except Refused as refused:
            if refused.status not in (CONFLICT, PRECONDITION_FAILED) and not refused.errors:
                raise
            places = [f"{source.place(pointer)}: {detail}" for pointer, detail in refused.errors]
            if refused.unnamed:
                places.append(f"and {refused.unnamed} more")
            outcome.errors = places or [str(refused)]


async def _wait(api: Api, outcomes: list[Applied], deadline: float) -> None:
    waiting = {outcome.source.code: outcome for outcome in outcomes}
    while waiting:
        async for item in api.pages("/v1/regencies", limit=200):
            outcome = waiting.get(item["code"])
            if outcome and _has_answered(outcome, item):
                del waiting[item["code"]]
        if time.monotonic() > deadline:
            return
        if waiting:
            await asyncio.sleep(LOOK_SECONDS)


def _has_answered(outcome: Applied, item: dict[str, Any]) -> bool:
    """Takes over the services' answers so far. An answer for a newer version counts too."""
    outcome.answers, outcome.waiting_for = item["answers"], item["waiting_for"]
    refused = [answer for answer in item["answers"] if not answer["applied"] and answer["version"] == outcome.version]
    outcome.errors = [
        f"{outcome.source.place(complaint['pointer'])}: {answer['service']}: {complaint['message']}"
        for answer in refused
        for complaint in answer["complaints"]
    ]
    return not outcome.waiting_for
