"""Personal data lies nowhere in clear: not in a database, its log of changes, the bus, or what processes write down."""

import pytest

from sigap_testing.cluster import Cluster, SingleHost

from .canary import CANARIES, COORDINATES, led_through
from .kept import bus_of, found, found_anywhere, found_in, tables, topics

CODE = "99.75"


async def test_on_the_single_host_no_file_has_it(single_host: SingleHost) -> None:
    await led_through(single_host.url, CODE)
    assert await found_anywhere(single_host, *CANARIES) == []
    assert [one for path in bus_of(single_host) for one in found(path.name, path.read_bytes(), *COORDINATES)] == []


async def test_what_is_searched_for_would_be_found(single_host: SingleHost) -> None:
    """The search itself: codes and kinds are not personal, and lie there in clear."""
    assert found_in(single_host.folder / "data", b"gas_bocor")


@pytest.mark.postgres
@pytest.mark.kafka
async def test_in_the_cluster_no_topic_table_file_or_log_has_it(cluster: Cluster) -> None:
    await led_through(cluster.url, CODE)
    said = await topics(cluster.kafka.bootstrap)
    assert b"sigap.CallReceived.v1" in said
    assert found("Kafka", said, *COORDINATES) == []
    assert b"gas_bocor" in await tables(cluster.postgres.url)
    assert found_in(cluster.folder / "logs", *COORDINATES) == []
    assert await found_anywhere(cluster, *CANARIES) == []
