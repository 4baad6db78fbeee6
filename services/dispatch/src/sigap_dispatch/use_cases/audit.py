"""The daily digests of the audit chains: published as events, and kept as files outside of the database.

A digest says where a regency's chain ended when its local day was over. With it a later change of the database is
found, even one that rewrites the whole chain or cuts its end.
"""

import asyncio
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sigap_common.contracts.audit import AuditDigestPublished
from sigap_common.core import private_files
from sigap_common.messaging.outages import AWAY, wait_out
from sigap_common.messaging.transaction import About
from sigap_common.regency import Pack
from sigap_dispatch.repository import DispatchService, DispatchTransaction

LOOK_SECONDS = 60.0
FINAL_AFTER = timedelta(hours=1)
"""How long after midnight a day is final. A block that was begun before midnight is committed within seconds; more is
left for replicas whose clocks differ.
"""
DAYS_AT_ONCE = 400
DAY = timedelta(days=1)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Digest:
    """The end of a regency's chain at the end of a day."""

    regency: str
    day: date
    block: int
    digest: str

    def text(self) -> str:
        """The content of its file."""
        told = {"regency": self.regency, "day": self.day.isoformat(), "block": self.block, "digest": self.digest}
        return json.dumps(told) + "\n"


async def publish_daily(service: DispatchService) -> None:
    """A worker: publishes the digests of days that are over. Runs until cancelled."""
    known: dict[str, date] = {}
    while True:
        try:
            if await service.lease.held():
                await publish_digests(service, known)
        except AWAY as away:
            await wait_out(log, "digests wait", away)
        await asyncio.sleep(LOOK_SECONDS)


async def publish_digests(service: DispatchService, known: dict[str, date]) -> None:
    """Writes and publishes the digest of every day that is final and has none. Raises Unavailable, LockHeld.

    `known`: the last day of each regency that was looked at, so that the database is asked once a day.
    """
    async with service.view(by_worker=True) as view:
        ended = {pack.code: pack.local_day(view.now() - FINAL_AFTER) - DAY for pack in view.packs.all()}
        packs = [pack for pack in view.packs.all() if known.get(pack.code) != ended[pack.code]]
        due = [digest for pack in packs for digest in await _due(view, pack, ended[pack.code])]
    await _publish(service, due)
    known.update(ended)


async def _publish(service: DispatchService, due: list[Digest]) -> None:
    if not due:
        return
    # The files first: a digest that is published has its file, also after a crash in between.
    await asyncio.to_thread(_write, service.settings.digests_in(service.common), due)
    async with service.transaction(by_worker=True) as tx:
        for digest in due:
            if await tx.digests.add(digest.regency, digest.day, digest.block, digest.digest):
                _say(tx, digest)


async def _due(view: DispatchTransaction, pack: Pack, last: date) -> list[Digest]:
    since = await view.digests.first_day_without(pack)
    if since is None:
        return []
    found = [(day, await view.digests.end_before(pack.code, _midnight_after(day, pack))) for day in _days(since, last)]
    return [Digest(pack.code, day, end.number, end.digest) for day, end in found if end]


def _days(first: date, last: date) -> Iterator[date]:
    return (first + n * DAY for n in range(min((last - first).days + 1, DAYS_AT_ONCE)))


def _midnight_after(day: date, pack: Pack) -> datetime:
    return datetime.combine(day + DAY, time(), ZoneInfo(pack.time_zone))


def _write(folder: Path, digests: list[Digest]) -> None:
    """Writes each digest to a file of its own, which is never replaced."""
    for digest in digests:
        try:
            kept = private_files.read_or_create(folder / digest.regency / f"{digest.day}.json", digest.text)
        except OSError as failure:
            log.error("a daily digest has no file", extra={"folder": str(folder), "failure": type(failure).__name__})
            continue
        if kept != digest.text():
            log.error("a daily digest differs from its file", extra={"regency": digest.regency, "day": str(digest.day)})


def _say(tx: DispatchTransaction, digest: Digest) -> None:
    about = About(digest.regency, digest.regency, digest.day.toordinal())
    stamp = {"at": tx.now(), "recorded_at": tx.now()}
    tx.say(about, [AuditDigestPublished(**stamp, day=digest.day, block=digest.block, digest=digest.digest)])
