"""`python -m tests.load [what ...]`: the measurements, each beside its baseline. Without names: all of them.

Numbers hold for the machine they were made on; ratios travel better. Use `taskset -c 0,1` for two cores.
"""

import argparse
import os

from tests.load import (
    board,
    fairness,
    first_look,
    idle,
    life,
    listeners,
    overload,
    places,
    receiving,
    rows,
    scrapers,
    stops,
    streams_of_events,
    zoning,
)

WHAT = (
    *("receiving", "board", "rows", "relay", "consumers", "cluster", "single"),
    *(
        "overload",
        "overload-single",
        "idle",
        "fairness",
        "listeners",
        "scrapers",
        "stops",
        "zoning",
        "places",
        "first-look",
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", choices=[*WHAT, []], default=WHAT)
    parser.add_argument("--seconds", type=float, help="of the whole lives (600; overload 120)")
    parser.add_argument(
        "--rate", type=float, help="calls a second, for the whole lives (cluster 15, single 5; overload 20 and 10)"
    )
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    print(f"{len(os.sched_getaffinity(0))} cores")
    for what in asked.what:
        if what == "receiving":
            receiving.measure(asked.runs)
        elif what == "board":
            board.measure()
        elif what == "rows":
            rows.measure()
        elif what == "idle":
            idle.measure()
        elif what == "fairness":
            fairness.measure()
        elif what == "scrapers":
            scrapers.measure()
        elif what == "stops":
            stops.measure()
        elif what == "places":
            places.measure()
        elif what == "first-look":
            first_look.measure()
        elif what == "zoning":
            zoning.measure()
        elif what == "listeners":
            listeners.measure()
        elif what == "relay":
            streams_of_events.measure_relay()
        elif what == "consumers":
            streams_of_events.measure_consumers()
        elif what == "overload":
            overload.measure("cluster", asked.rate or 20, asked.seconds or 120)
        elif what == "overload-single":
            overload.measure("single", asked.rate or 10, asked.seconds or 120)
        else:
            life.measure(what, asked.rate or (15 if what == "cluster" else 5), asked.seconds or 600)


if __name__ == "__main__":
    main()
