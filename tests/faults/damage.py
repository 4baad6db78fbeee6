"""Damage done to a running installation, and how long it takes until calls reach the agencies again."""

import random
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.faults.traffic import Traffic

from sigap_testing.cluster import Cluster, Installation

FLOWS_WITHIN = 10.0
"""Seconds from the restart until a new call is at an agency's door."""
WAITED_FOR = 60.0


@dataclass(frozen=True, slots=True)
class Damage:
    """From when to when, by the monotonic clock; what is killed is started again at once."""

    what: str
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Recovery:
    """Seconds since the damage ended. `flowing`: a call that began during it or later is at an agency's door;
    `caught_up`: all are that began before it ended. None: not within WAITED_FOR.
    """

    what: str
    flowing: float | None
    caught_up: float | None

    @property
    def in_time(self) -> bool:
        return self.flowing is not None and self.flowing <= FLOWS_WITHIN


Fault = Callable[[Installation], Damage]


def kill(name: str) -> Fault:
    def fault(there: Installation) -> Damage:
        there.processes[name].kill(signal.SIGKILL)
        now = time.monotonic()
        return Damage(f"kill -9 {name}", now, now)

    return fault


def pause(name: str, seconds: float) -> Fault:
    def fault(there: Installation) -> Damage:
        process = there.processes[name]
        return _outage(f"SIGSTOP {name} {seconds:g} s", process.pause, process.resume, seconds)

    return fault


def without_postgres(seconds: float) -> Fault:
    def fault(there: Installation) -> Damage:
        assert isinstance(there, Cluster)
        return _outage(f"PostgreSQL stopped {seconds:g} s", there.postgres.stop, there.postgres.start, seconds)

    return fault


def without_kafka(seconds: float) -> Fault:
    def fault(there: Installation) -> Damage:
        assert isinstance(there, Cluster)
        return _outage(f"Kafka stopped {seconds:g} s", there.kafka.stop, there.kafka.start, seconds)

    return fault


def _outage(what: str, begin: Callable[[], object], end: Callable[[], object], seconds: float) -> Damage:
    began = time.monotonic()
    begin()
    time.sleep(seconds)  # nothing is waited for: so long it lasts
    end()
    return Damage(what, began, time.monotonic())


def do(fault: Fault, there: Installation, traffic: Traffic) -> Recovery:
    """Does it while calls flow, and waits until they flow again and nothing is behind."""
    damage = fault(there)

    def flowing() -> list[float]:
        door = traffic.agencies.first_arrival
        return [door[call.number] for call in traffic.calls if call.began > damage.began and call.number in door]

    def behind() -> list[float | None]:
        door = traffic.agencies.first_arrival
        return [door.get(call.number) for call in traffic.calls if call.began <= damage.ended]

    flows = traffic.wait(flowing, WAITED_FOR)
    caught_up = flows and traffic.wait(lambda: None not in behind(), WAITED_FOR)
    return Recovery(
        damage.what,
        max(0.0, min(flowing()) - damage.ended) if flows else None,
        max(0.0, max(at for at in behind() if at is not None) - damage.ended) if caught_up else None,
    )


def shuffled(faults: Sequence[Fault], chance: random.Random) -> list[Fault]:
    return chance.sample(list(faults), len(faults))
