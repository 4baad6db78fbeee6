"""`python -m tests.load [what ...]`: the measurements, each beside its baseline. Without names: all of them.

Numbers hold for the machine they were made on; ratios travel better. Use `taskset -c 0,1` for two cores.
"""

import argparse
import os
from collections.abc import Callable, Mapping

from tests.load import (
    alarms,
    audit,
    beside_search,
    board,
    callbacks,
    console,
    duplicates,
    exchange,
    fairness,
    first_look,
    flood,
    forwarding,
    growth,
    idle,
    lebaran,
    life,
    listeners,
    overload,
    places,
    receiving,
    recommendation,
    repairs,
    rostering_benchmarks,
    rosters,
    rows,
    scrapers,
    stops,
    streams_of_events,
    timers,
    zoning,
)

Asked = argparse.Namespace
MEASURES: Mapping[str, Callable[[Asked], None]] = {
    "receiving": lambda asked: receiving.measure(asked.runs),
    "board": lambda _: board.measure(),
    "rows": lambda _: rows.measure(),
    "relay": lambda _: streams_of_events.measure_relay(),
    "consumers": lambda _: streams_of_events.measure_consumers(),
    "cluster": lambda asked: life.measure("cluster", asked.rate or 15, asked.seconds or 600),
    "single": lambda asked: life.measure("single", asked.rate or 5, asked.seconds or 600),
    "overload": lambda asked: overload.measure("cluster", asked.rate or 20, asked.seconds or 120),
    "overload-single": lambda asked: overload.measure("single", asked.rate or 10, asked.seconds or 120),
    "forwarding": lambda asked: forwarding.measure(asked.rate or 30, asked.seconds or 60),
    "idle": lambda _: idle.measure(),
    "fairness": lambda _: fairness.measure(),
    "listeners": lambda _: listeners.measure(),
    "scrapers": lambda _: scrapers.measure(),
    "stops": lambda _: stops.measure(),
    "zoning": lambda _: zoning.measure(),
    "places": lambda _: places.measure(),
    "first-look": lambda _: first_look.measure(),
    "exchange": lambda _: exchange.measure(),
    "callbacks": lambda _: callbacks.measure(),
    "flood": lambda _: flood.measure(),
    "rosters": lambda _: rosters.measure(),
    "beside-search": lambda _: beside_search.measure(),
    "lebaran": lambda _: lebaran.measure(),
    "repair": lambda _: repairs.measure(),
    "rostering-benchmarks": lambda _: rostering_benchmarks.measure(),
    "audit": lambda _: audit.measure(),
    "growth": lambda _: growth.measure(),
    "timers": lambda _: timers.measure(),
    "duplicates": lambda _: duplicates.measure(),
    "console": lambda asked: console.measure(asked.rate or 5, asked.seconds or 1800),
    "recommendation": lambda _: recommendation.measure(),
    "alarms": lambda asked: alarms.measure(asked.rate or 5, asked.seconds or 600),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", choices=[*MEASURES, []], default=list(MEASURES))
    parser.add_argument(
        "--seconds", type=float, help="of the whole lives (600; overload 120; forwarding 60; console 1800)"
    )
    parser.add_argument(
        "--rate",
        type=float,
        help="calls a second, for whole lives (cluster 15, single and console 5; overload 20 and 10; forwarding 30)",
    )
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    print(f"{len(os.sched_getaffinity(0))} cores")
    for what in asked.what:
        MEASURES[what](asked)


if __name__ == "__main__":
    main()
