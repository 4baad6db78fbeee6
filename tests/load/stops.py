"""The longest stop of the event loop of a single host under each attack, and what the host keeps in memory after all.

python -m tests.load stops
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from tests.hostile.attacks import Heavy
from tests.hostile.floods import FLOODS
from tests.hostile.probes import sent
from tests.hostile.world import World
from tests.load.report import Figure, show
from tests.load.usage import resident_mb

from sigap_testing.heartbeat import MOST_SECONDS, WatchedHost, slowness
from sigap_testing.operations import Operation, operations

MOST_MIB = 350.0
ODD = 10_000
"""Odd requests, each unlike all others: what is remembered of each would be seen in the memory."""


def measure() -> None:
    print(f"this machine takes {slowness():.1f} times as long as the one that the bar is for")
    with WatchedHost() as host:
        world = World(host)
        with world.http:
            pid = host.processes["sigap"].pid
            before = resident_mb(pid)
            world.prepare()
            heavy = Heavy(world, str(host.folder / "data"))
            show("The longest stop of the loop, as that machine would show it", list(_stops(host, world, heavy)))
            for number in range(ODD):
                _odd(world, number)
            heavy.end()
            after = resident_mb(pid)
    figures = [
        Figure("resident before", f"{before:.0f} MiB"),
        Figure(f"resident after all of it and {ODD:,} odd requests", f"{after:.0f} MiB", *_bar(after, MOST_MIB, "MiB")),
    ]
    show("Memory of the single host", figures)


def _stops(host: WatchedHost, world: World, heavy: Heavy) -> Iterator[Figure]:
    for what, attack in (*heavy.all(), *_floods(world)):
        stop, _ = host.least_stop(attack, lambda seen: seen.stood, MOST_SECONDS)
        yield Figure(what, f"{stop * 1000:.0f} ms", *_bar(stop * 1000, MOST_SECONDS * 1000, "ms"))
        print(f"  {what}: {stop * 1000:.0f} ms", flush=True)


def _bar(seen: float, most: float, unit: str) -> tuple[str, bool]:
    return f"at most {most:g} {unit}", seen <= most


def _floods(world: World) -> Iterator[tuple[str, Callable[[], object]]]:
    taken = [operation for operation in operations() if operation.body is not None]
    for what, body in FLOODS.items():
        yield what, partial(_to_all, world, taken, body)


def _to_all(world: World, taken: Sequence[Operation], body: object) -> None:
    for one in taken:
        sent(one, world, world.token(), world.home, body=body)


def _odd(world: World, number: int) -> None:
    """Paths, queries, names, keys, tokens and ids that nobody sent before."""
    odd = f"odd-{number}"
    token = world.token(subject=odd)
    match number % 6:
        case 0:
            world.send("GET", f"/{odd}/{odd}", None)
        case 1:
            world.send("GET", f"/v1/calls?{odd}={odd}", token)
        case 2:
            world.send("POST", "/v1/auth/token", None, {"username": odd, odd: odd})
        case 3:
            world.send("POST", "/v1/calls", token, {"regency": odd}, key=odd)
        case 4:
            world.send("GET", f"/v1/incidents/{odd}", f"{token}{odd}", **{"Accept-Language": odd})
        case _:
            world.send(f"ODD{number}", "/v1/me", token, **{"X-Forwarded-For": f"10.{number % 250}.1.1"})
