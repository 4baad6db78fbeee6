"""Idempotency-Key (IETF draft 07): a request sent twice has one effect and one answer.

The answer is stored, sealed, by one insert at the end of the request's own transaction. Of two equal requests
at the same moment the second waits at that insert until the first has committed, is rolled back, and gets the
first one's answer; so the usual case costs no look-up. A key is bound to the token's subject, the method and the path.

The rights of the token are stored with the answer: the regencies that it concerns, the agency and the roles. A later
token of the same subject gets the answer only if it still has these rights. Otherwise a person who lost a role or a
regency could use an old key to read what is now closed to them.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from pydantic_core import to_json
from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, Text, insert, select, update

from sigap_common.auth import Access
from sigap_common.core.clock import CLOCKS_AGREE_WITHIN
from sigap_common.core.errors import BadRequest, IdempotencyInProgress, IdempotencyKeyReused, KeptAnswerForbidden
from sigap_common.core.formats import is_storable
from sigap_common.database import LOCK_WAIT_SECONDS, CompiledStatement, Database, NotUnique, Values
from sigap_common.database.types import Utc
from sigap_common.messaging.jobs import DeletionSweep
from sigap_common.messaging.transaction import Transaction
from sigap_common.personal_data import CannotOpen, KeyRing

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
LONGEST_KEY = 255
REPLAY_HEADER = "Idempotent-Replay"
KEPT_HEADERS = ("content-type", "etag", "location")


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request under an Idempotency-Key. `path`: method and path. `fingerprint`: a digest of query and body."""

    access: Access
    path: str
    key: str
    fingerprint: str

    @property
    def subject(self) -> str:
        return self.access.subject

    @property
    def seal_context(self) -> str:
        return f"idempotency/2/{self.subject}/{self.path}/{self.key}"


def idempotency_table(metadata: MetaData) -> Table:
    """The table of sealed answers to requests with an Idempotency-Key."""
    return Table(
        "idempotency",
        metadata,
        Column("subject", String, primary_key=True),
        Column("path", String, primary_key=True),
        Column("key", String, primary_key=True),
        Column("fingerprint", String, nullable=False),
        Column("status", Integer, nullable=False),
        Column("headers", Text, nullable=False),
        Column("answer", LargeBinary, nullable=False),
        Column("made_at", Utc, nullable=False, index=True),
    )


class Idempotency:
    """The kept answers of one service, and the turns of equal requests in this process."""

    def __init__(self, database: Database, table: Table, ring: KeyRing) -> None:
        self._database, self._table, self._ring = database, table, ring
        columns = [column.name for column in self._table.columns]
        self._turns: dict[tuple[str, str, str], asyncio.Future[None]] = {}
        self._insert = CompiledStatement(insert(self._table), columns)

    @asynccontextmanager
    async def turn(self, asked: IdempotentRequest) -> AsyncIterator[bool]:
        """Lets equal requests of this process in one by one, so that waiting requests hold no connection. Yields
        whether this one was first. Raises IdempotencyInProgress (409) after LOCK_WAIT_SECONDS.
        """
        which = (asked.subject, asked.path, asked.key)
        before = self._turns.get(which)
        mine = self._turns[which] = asyncio.get_running_loop().create_future()
        try:
            if before is not None:
                await _ended(before)
            yield before is None
        finally:
            mine.set_result(None)
            if self._turns.get(which) is mine:
                del self._turns[which]

    def kept(
        self, asked: IdempotentRequest, response: Response, tx: Transaction[Any]
    ) -> tuple[CompiledStatement, Values]:
        """The write that stores the answer. If the same key is stored already, it fails, and this request must be
        undone.

        The answer concerns the regencies of the events in `tx`; without events, all regencies of the token.
        """
        reach = _reach(asked.access, tx.regencies_told or asked.access.regencies)
        headers = {name: value for name, value in response.headers.items() if name in KEPT_HEADERS}
        row = {
            "subject": asked.subject,
            "path": asked.path,
            "key": asked.key,
            "fingerprint": asked.fingerprint,
            "status": response.status_code,
            "headers": to_json(headers).decode(),
            "answer": self._ring.seal_bytes(to_json(reach) + b"\n" + bytes(response.body), asked.seal_context),
            "made_at": tx.now(),
        }
        return self._insert, row

    def keeps(self, taken: NotUnique) -> bool:
        """Whether this error means that an answer under the same key was stored already."""
        return taken.table == self._table.name

    async def earlier_answer(self, asked: IdempotentRequest) -> Response | None:
        """The stored answer under this key. Raises IdempotencyKeyReused (422) if the query or the body differs,
        KeptAnswerForbidden (403) if the token lacks rights of the token that the answer was given to.
        """
        t = self._table
        where = (t.c.subject == asked.subject, t.c.path == asked.path, t.c.key == asked.key)
        async with self._database.read() as connection:
            row = (await connection.execute(select(t).where(*where))).first()
        if row is None:
            return None
        if row.fingerprint != asked.fingerprint:
            raise IdempotencyKeyReused()
        try:
            reach, _, body = self._ring.open_bytes(row.answer, asked.seal_context).partition(b"\n")
        except CannotOpen:
            raise KeptAnswerForbidden from None  # of an earlier version: nothing says how far its token reached
        if not _reaches(asked.access, json.loads(reach)):
            raise KeptAnswerForbidden
        headers: Mapping[str, str] = json.loads(row.headers)
        return Response(body, row.status, headers={**headers, REPLAY_HEADER: "true"})

    def sweep(self) -> DeletionSweep:
        """The sweep that deletes answers older than KEPT."""
        table, made_at = self._table, self._table.c.made_at
        return DeletionSweep(
            "idempotency",
            table,
            lambda now: made_at < now - KEPT,
            # After the clock was put back: kept for 24 hours from now, and not until that year comes.
            lambda now: update(table).where(made_at > now + CLOCKS_AGREE_WITHIN).values(made_at=now),
        )


async def _ended(earlier: "asyncio.Future[None]") -> None:
    try:
        async with asyncio.timeout(LOCK_WAIT_SECONDS):
            await asyncio.shield(earlier)
    except TimeoutError as late:
        raise IdempotencyInProgress(retry_after=1) from late


def _reach(access: Access, regencies: Collection[str]) -> dict[str, Any]:
    return {"regencies": sorted(regencies), "roles": sorted(access.roles), "agency": access.agency}


def _reaches(access: Access, reach: Mapping[str, Any]) -> bool:
    covered = all(map(access.covers, reach["regencies"]))
    return covered and access.roles.issuperset(reach["roles"]) and access.agency == reach["agency"]


async def asked_by(request: Request, access: Access) -> IdempotentRequest | None:
    """The request with its key; None if it has no key. Raises BadRequest."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise BadRequest("idempotency-key", longest=LONGEST_KEY)
    query: bytes = request.scope.get("query_string") or b""
    fingerprint = hashlib.sha256(query + b"\n" + await request.body()).hexdigest()
    return IdempotentRequest(access, f"{request.method} {_path(request)}", key, fingerprint)


def _path(request: Request) -> str:
    """The path, percent-encoded if it has characters that PostgreSQL refuses. No operation has such a path, but the
    stored answer is looked up before the request is refused.
    """
    path: str = request.scope["path"]
    return path if is_storable(path) else quote(path, errors="replace")
