"""By how much the disks of a cluster grow: with the whole life of a call, with a call that is dropped, with a regency.

How busy the machine is does not matter. PostgreSQL is counted as VACUUM FULL leaves it: versions of rows that are over
make room for others, so they do not grow for ever. What is deleted after a day or a week is counted apart.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import asyncpg
import yaml
from tests.load.life import Life
from tests.load.report import Figure, show
from tests.load.setting import CODE, prepared
from tests.load.wire import Wire

from sigap_cli.api import Patience
from sigap_cli.regency.applying import Source, carry_out, plan
from sigap_cli.tokens import Who, signed_in
from sigap_testing.cluster import Cluster
from sigap_testing.receiver import Receiver

ROOT = Path(__file__).parents[2]
LIVES, LIVES_A_SECOND = 400, 3.0
DROPPED, AT_ONCE = 3000, 10
DAY, WEEK, KEPT = "deleted after a day", "deleted after a week", "kept"
DELETED = {"idempotency": DAY, "stream_tickets": DAY, "inbox": WEEK, "outbox": DAY}
"""Tables whose rows are deleted, and when at the latest; the rows of others are kept."""
SIZES = """SELECT relname, pg_total_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"""
KB = 1000


@dataclass(slots=True)
class Stored:
    """Bytes: of the tables with their indexes by service and how long rows are kept, and of Kafka's log. `wal`: how far
    PostgreSQL's write-ahead log has come.
    """

    tables: Counter[tuple[str, str]] = field(default_factory=Counter)
    kafka: int = 0
    wal: int = 0


async def stored(cluster: Cluster) -> Stored:
    found = Stored(wal=await _wal(cluster))  # before the work of VACUUM is in it
    for service in cluster.services:
        database = await asyncpg.connect(cluster.database_of(service.name))
        await database.execute("VACUUM FULL")
        for table, size in await database.fetch(SIZES):
            found.tables[service.name, DELETED.get(table, KEPT)] += size
        await database.close()
    if cluster.kafka.directory is not None:
        # The blocks in use: Kafka makes its index files larger than they are.
        files = (path for path in (cluster.kafka.directory / "data").rglob("*") if path.is_file())
        found.kafka = sum(path.stat().st_blocks * 512 for path in files)
    return found


async def _wal(cluster: Cluster) -> int:
    server = await asyncpg.connect(cluster.postgres.url)
    try:
        return int(await server.fetchval("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"))
    finally:
        await server.close()


async def grown(cluster: Cluster, work: Callable[[], Awaitable[int]]) -> list[Figure]:
    """What `work` left on the disks, for each of the things that it says it did."""
    before = await stored(cluster)
    wal = await _wal(cluster)
    done = await work()
    after = await stored(cluster)
    more = Counter(after.tables)
    more.subtract(before.tables)
    return [
        *_by_service(more, done),
        *(Figure(f"PostgreSQL, {how_long}", _kb(_of(more, how_long), done)) for how_long in (KEPT, DAY, WEEK)),
        Figure("PostgreSQL's write-ahead log", _kb(after.wal - wal, done)),
        Figure("Kafka, one copy", _kb(after.kafka - before.kafka, done)),
    ]


def _by_service(more: Mapping[tuple[str, str], int], done: int) -> Iterable[Figure]:
    for (service, how_long), size in sorted(more.items()):
        if size > 0:
            yield Figure(f"  {service}, {how_long}", _kb(size, done))


def _of(more: Mapping[tuple[str, str], int], how_long: str) -> int:
    return sum(size for (_, told), size in more.items() if told == how_long)


def _kb(size: int, done: int) -> str:
    return f"{size / KB / done:.1f} kB"


async def _packs(url: str) -> int:
    """The packs of the repository, each for a regency of its own."""
    documents = [yaml.safe_load(path.read_text()) for path in sorted((ROOT / "regencies").glob("*.yaml"))]
    async with signed_in(url, Who(("admin",)), patience=Patience(60)) as api:
        sources = [Source(document["code"], document) for document in documents]
        for applied in await carry_out(api, await plan(api, sources), 60):
            assert applied.ok, applied
    return len(documents)


async def _dropped(cluster: Cluster, token: str, count: int) -> int:
    """Calls that their callers end before anybody answers."""
    wire, numbers = Wire("127.0.0.1", cluster.port), iter(range(count))

    async def ring() -> None:
        for n in numbers:
            body = {"regency": CODE, "channel": "telephone", "number": f"+62814{n:08d}"}
            status, call = await wire.post("/v1/calls", body, token)
            assert status == 201, call
            status, ended = await wire.post(f"/v1/calls/{call['id']}/end", {"ended_by": "caller"}, token)
            assert status == 200, ended

    await asyncio.gather(*(ring() for _ in range(AT_ONCE)))
    await wire.close()
    return count


async def _lives(life: Life) -> int:
    await life.run(LIVES_A_SECOND, LIVES / LIVES_A_SECOND)
    assert (life.closed, life.failures) == (LIVES, [])
    return LIVES


async def _measured(cluster: Cluster) -> None:
    async with Receiver() as receiver:
        setting = await prepared(cluster.url, receiver.url)
        life = Life(cluster.url, setting)
        receiver.on_received = life.at_the_door
        await _dropped(cluster, setting.leader, 50)  # so that each table has its first pages
        for title, work in (
            (f"The whole life of a call, of {LIVES}", partial(_lives, life)),
            (f"A call that is dropped, of {DROPPED}", partial(_dropped, cluster, setting.leader, DROPPED)),
            ("A regency: one version of its pack", partial(_packs, cluster.url)),
        ):
            show(title, await grown(cluster, work))


def measure() -> None:
    with Cluster(durable=True) as cluster:
        asyncio.run(_measured(cluster))
