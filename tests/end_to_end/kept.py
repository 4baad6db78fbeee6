"""All that an installation keeps, as bytes, searched for what must not lie there in clear."""

from collections.abc import Iterator
from pathlib import Path

import asyncpg
from aiokafka import AIOKafkaConsumer

from sigap_testing.cluster import Cluster, Installation, SingleHost


def found(where: str, data: bytes, *wanted: bytes) -> list[str]:
    """Each of `wanted` that lies there in clear, in whatever case."""
    small = data.lower()
    return [f"{one.decode()} in {where}" for one in wanted if one.lower() in small]


def found_in(folder: Path, *wanted: bytes) -> list[str]:
    """In the files below it as they are; one that goes away meanwhile is no find."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [one for path in files for one in found(path.name, _bytes_of(path), *wanted)]


async def found_anywhere(there: Installation, *wanted: bytes) -> list[str]:
    """In every file, topic, table and log of an installation."""
    finds = [one for folder in _folders(there) for one in found_in(folder, *wanted)]
    if isinstance(there, Cluster):
        finds += found("Kafka", await topics(there.kafka.bootstrap), *wanted)
        finds += found("PostgreSQL", await tables(there.postgres.url), *wanted)
    return finds


def _folders(there: Installation) -> Iterator[Path]:
    yield there.folder
    if isinstance(there, Cluster):
        yield from filter(None, (there.postgres.directory, there.kafka.directory))


def bus_of(host: SingleHost) -> list[Path]:
    return [path for path in (host.folder / "data").iterdir() if path.name.startswith("bus.")]


async def topics(bootstrap: str) -> bytes:
    """All that Kafka keeps, uncompressed: keys, values and headers."""
    kept = bytearray()
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        names = [name for name in await consumer.topics() if not name.startswith("_")]
        consumer.subscribe(names)
        while records := await consumer.getmany(timeout_ms=3000):
            for record in (record for batch in records.values() for record in batch):
                kept += repr(record.headers).encode() + (record.key or b"") + (record.value or b"")
    return bytes(kept)


async def tables(url: str) -> bytes:
    """Every row of every table of every database, as text."""
    kept = bytearray()
    server = await asyncpg.connect(url)
    names = [row[0] for row in await server.fetch("SELECT datname FROM pg_database WHERE datname LIKE 'sigap%'")]
    await server.close()
    for name in names:
        database = await asyncpg.connect(url, database=name)
        for row in await database.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            kept += repr(await database.fetch(f'SELECT * FROM "{row[0]}"')).encode()
        await database.close()
    return bytes(kept)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
