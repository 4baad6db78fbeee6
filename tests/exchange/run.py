"""A real exchange: callers and operators (sipp) through Kamailio, which tells Sigap of each call; intake is killed.

python -m tests.exchange.run [--calls 200] [--rate 4] [--install]

Needs Debian's packages kamailio, kamailio-python3-modules and sip-tester, and what the cluster needs. `--install` gets
the three by apt-get; without it the run is skipped where they are missing.
"""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.exchange.checker import compare, once_each, settled
from tests.exchange.sip import ENDS_WITHIN, KINDS, LOST_PERCENT, PACKAGES, Exchange, SipCall, tools
from tests.load.setting import CODE, prepared

from sigap_cli.api import Patience
from sigap_cli.tokens import Who, signed_in
from sigap_common.core.signatures import new_secret
from sigap_testing.cluster import Cluster
from sigap_testing.parts import NotHere

NAME = f"{CODE}/pbx"
WATCHER = Who(("operator", "supervisor"), (CODE,))
SHOWN = 20


def damages(cluster: Cluster) -> list[tuple[float, str, Callable[[], object]]]:
    """What is done when, as a share of the time in which calls begin. The second kill finds no database: intake starts
    without, and takes in what it kept when PostgreSQL is back.
    """

    def kill() -> object:
        return cluster.processes["intake"].kill(signal.SIGKILL)

    return [
        (0.15, "kill -9 intake", kill),
        (0.35, "PostgreSQL stopped", cluster.postgres.stop),
        (0.40, "kill -9 intake", kill),
        (0.65, "PostgreSQL started", cluster.postgres.start),
        (0.85, "kill -9 intake", kill),
    ]


def do(there: Sequence[tuple[float, str, Callable[[], object]]], seconds: float) -> None:
    began = time.monotonic()
    for share, what, damage in there:
        time.sleep(max(0.0, began + share * seconds - time.monotonic()))
        damage()
        print(f"  {time.monotonic() - began:5.1f} s  {what}", flush=True)


async def check(url: str, told: Sequence[SipCall]) -> list[str]:
    async with signed_in(url, WATCHER, patience=Patience(60)) as api:
        there = await settled(api, told, CODE)
        return compare(told, there) + await once_each(api, there)


def run(count: int, rate: float, folder: Path) -> list[str]:
    """What is wrong."""
    secret = new_secret()
    settings = {
        "SIGAP_INTAKE_EXCHANGES": json.dumps({NAME: "SIGAP_SECRET_99_92_PBX"}),
        "SIGAP_SECRET_99_92_PBX": secret,
    }
    with Cluster(services=("dispatch", "intake"), folder=folder / "sigap", settings=settings) as cluster:
        asyncio.run(prepared(cluster.url, agencies=False))
        with Exchange(folder / "sip", cluster.url, NAME, secret) as exchange:
            with exchange.calling(count, rate) as callers:
                do(damages(cluster), count / rate)
                codes = callers.wait(2 * ENDS_WITHIN)
            told = callers.calls()
            wrong = asyncio.run(check(cluster.url, told))
            refused = Counter(line.split()[1] for line in exchange.log_of("kamailio").splitlines() if _is_ours(line))
    wrong += [f"the callers of {name}: sipp ended with {code}" for name, code in codes.items() if code]
    retransmitted = callers.retransmissions()
    if not retransmitted:
        wrong.append("nothing was retransmitted: the run shows less than it should")
    made = Counter(one.kind.scenario for one in told)
    print(f"{len(told)} calls: {', '.join(f'{made[name]} {name}' for name in KINDS)}")
    print(f"{LOST_PERCENT} % of the packets lost, {retransmitted} retransmissions by the callers")
    print(f"events that were sent again, by the answer before (0: none): {dict(refused)}")
    return wrong


def _is_ours(line: str) -> bool:
    return line.startswith("sigap: ")


def install() -> None:
    """By Debian's apt-get, which needs root. RUNLEVEL keeps Debian from starting a Kamailio of its own."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    print("installs", *PACKAGES, flush=True)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES], env=environment, check=True
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="A real exchange beside Sigap")
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--rate", type=float, default=4.0, help="calls a second")
    parser.add_argument("--install", action="store_true", help="get the missing packages by apt-get")
    asked = parser.parse_args(arguments)
    try:
        tools()
    except NotHere as lacking:
        if not asked.install:
            print(f"SKIPPED: {lacking}. `make exchange INSTALL=yes` installs them.")
            return 0
        install()
    folder = Path(tempfile.mkdtemp(prefix="sigap-exchange-"))
    try:
        wrong = run(asked.calls, asked.rate, folder)
    except NotHere as lacking:
        print(f"SKIPPED: {lacking}")
        return 0
    print(*(f"WRONG {one}" for one in wrong[:SHOWN]), f"{len(wrong)} wrong (logs: {folder})", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
