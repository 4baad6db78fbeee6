"""Personal data lies nowhere in clear: not in a database, its log of changes, the bus, or what processes write down."""

from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer

from sigap_common.testing.cluster import Cluster, SingleHost

from .canary import CANARIES, COORDINATES, found, found_in, led_through

CODE = "99.75"


async def test_on_the_single_host_no_file_has_it(single_host: SingleHost) -> None:
    await led_through(single_host.url, CODE)
    assert found_in(single_host.folder, *CANARIES) == []
    bus = [path for path in (single_host.folder / "data").iterdir() if path.name.startswith("bus.")]
    assert [one for path in bus for one in found(path.name, path.read_bytes(), *COORDINATES)] == []


async def test_what_is_searched_for_would_be_found(single_host: SingleHost, tmp_path: Path) -> None:
    """The search itself: codes and kinds are not personal, and lie there in clear."""
    assert found_in(single_host.folder / "data", b"gas_bocor")


@pytest.mark.postgres
@pytest.mark.kafka
async def test_in_the_cluster_no_topic_table_or_log_has_it(tmp_path: Path, cluster: Cluster) -> None:
    await led_through(cluster.url, CODE)
    topics = await _topics(cluster.kafka.bootstrap)
    assert b"sigap.CallReceived.v1" in topics
    assert found("Kafka", topics, *CANARIES, *COORDINATES) == []
    tables = await _tables(cluster.postgres.url)
    assert b"gas_bocor" in tables
    assert found("PostgreSQL", tables, *CANARIES) == []
    assert found_in(cluster.folder / "logs", *CANARIES, *COORDINATES) == []


async def _topics(bootstrap: str) -> bytes:
    """All that Kafka keeps, uncompressed: keys, values and headers."""
    kept = bytearray()
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        names = [name for name in await consumer.topics() if not name.startswith("_")]
        consumer.subscribe(names)
        while records := await consumer.getmany(timeout_ms=3000):
            for record in (record for batch in records.values() for record in batch):
                kept += repr(record.headers).encode() + (record.key or b"") + (record.value or b"")
    return bytes(kept)


async def _tables(url: str) -> bytes:
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
