"""Idempotency-Key (IETF draft 07): a request sent twice has one effect and one answer.

The answer is stored, sealed, by one insert at the end of the request's own transaction. Of two equal requests
at the same moment the second waits at that insert until the first has committed, is rolled back, and gets the
first one's answer; so the usual case costs no look-up. A key is bound to the token's subject and the path.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from fastapi import Request, Response
from pydantic_core import to_json
from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, Text, insert, select, update

from sigap_common.core.clock import CLOCKS_AGREE_WITHIN
from sigap_common.core.errors import BadRequest, IdempotencyInProgress, IdempotencyKeyReused
from sigap_common.core.formats import is_storable
from sigap_common.database import LOCK_WAIT_SECONDS, CompiledStatement, Database, NotUnique, Values
from sigap_common.database.types import Utc
from sigap_common.messaging.jobs import DeletionSweep
from sigap_common.personal_data import KeyRing

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
LONGEST_KEY = 255
REPLAY_HEADER = "Idempotent-Replay"
KEPT_HEADERS = ("content-type", "etag", "location")


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """Who asked what under which key. `fingerprint` is a digest of the body."""

    subject: str
    path: str
    key: str
    fingerprint: str

    @property
    def seal_context(self) -> str:
        return f"idempotency/{self.subject}/{self.path}/{self.key}"


def idempotency_table(metadata: MetaData) -> Table:
    """The sealed answers that were given under an Idempotency-Key."""
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
        """Lets equal requests of this process in one by one, so that those who wait hold no connection; whether
        this one came first. Raises IdempotencyInProgress (409) after LOCK_WAIT_SECONDS.
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

    def kept(self, asked: IdempotentRequest, response: Response, now: datetime) -> tuple[CompiledStatement, Values]:
        """What stores the answer. Where an equal key is there already, this request must be undone."""
        headers = {name: value for name, value in response.headers.items() if name in KEPT_HEADERS}
        row = {
            "subject": asked.subject,
            "path": asked.path,
            "key": asked.key,
            "fingerprint": asked.fingerprint,
            "status": response.status_code,
            "headers": to_json(headers).decode(),
            "answer": self._ring.seal_bytes(bytes(response.body), asked.seal_context),
            "made_at": now,
        }
        return self._insert, row

    def keeps(self, taken: NotUnique) -> bool:
        """Whether it was an answer under an equal key that was there already."""
        return taken.table == self._table.name

    async def earlier_answer(self, asked: IdempotentRequest) -> Response | None:
        """What was answered under this key. Raises IdempotencyKeyReused (422) if the body was another."""
        t = self._table
        where = (t.c.subject == asked.subject, t.c.path == asked.path, t.c.key == asked.key)
        async with self._database.read() as connection:
            row = (await connection.execute(select(t).where(*where))).first()
        if row is None:
            return None
        if row.fingerprint != asked.fingerprint:
            raise IdempotencyKeyReused()
        headers: Mapping[str, str] = json.loads(row.headers)
        body = self._ring.open_bytes(row.answer, asked.seal_context)
        return Response(body, row.status, headers={**headers, REPLAY_HEADER: "true"})

    def sweep(self) -> DeletionSweep:
        """Deletes the answers whose time is over."""
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
        await asyncio.wait_for(asyncio.shield(earlier), LOCK_WAIT_SECONDS)
    except TimeoutError as late:
        raise IdempotencyInProgress(retry_after=1) from late


async def asked_by(request: Request, subject: str) -> IdempotentRequest | None:
    """The request under its key; None where it has none. Raises BadRequest."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise BadRequest("idempotency-key", longest=LONGEST_KEY)
    fingerprint = hashlib.sha256(await request.body()).hexdigest()
    return IdempotentRequest(subject, _path(request), key, fingerprint)


def _path(request: Request) -> str:
    """As an address has it if it holds what PostgreSQL refuses: no operation has such a path, and the look-up of an
    earlier answer comes before the operation refuses it.
    """
    path: str = request.scope["path"]
    return path if is_storable(path) else quote(path, errors="replace")
