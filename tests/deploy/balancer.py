"""What stands before the pods of a cluster: it probes each of them, and sends requests to those that are ready.

python -m tests.deploy.balancer FILE

It learns that a pod goes by its probes alone, as a gateway does that hears of nothing else. Kubernetes itself is
quicker: it takes a pod out as soon as that is told to end.
"""

import asyncio
import json
import sys
from collections.abc import Collection, Mapping, Sequence
from itertools import count
from pathlib import Path

import httpx

from sigap_common.outbound import no_cookies
from sigap_testing.small_edge import Proxy, serve

from .probe import Probe

LOOK_SECONDS = 0.1
"""Between two looks for pods that came or went."""


class Balancer(Proxy):
    """`owners`: the Service of each path; `pods`: a file with the addresses of each Service's pods, which changes;
    `ready`: a file in which it says which addresses are ready; `anyway`: Services whose pods get requests ready or not.
    Such a request goes to the next pod if one refuses the connection.
    """

    def __init__(
        self, owners: Mapping[str, str], pods: Path, ready: Path, probe: Probe, anyway: Collection[str] = ()
    ) -> None:
        super().__init__(owners)
        self._pods, self._told, self._probe, self._anyway = pods, ready, probe, anyway
        self._addresses: Mapping[str, Sequence[str]] = {}
        self._ready: set[str] = set()
        self._turn = count()

    def addresses_of(self, owner: str) -> Sequence[str]:
        there = self._addresses.get(owner, ())
        if owner in self._anyway:
            return self._in_turn(there)
        return self._in_turn([address for address in there if address in self._ready])[:1]

    def _in_turn(self, addresses: Sequence[str]) -> Sequence[str]:
        first = next(self._turn) % max(1, len(addresses))
        return [*addresses[first:], *addresses[:first]]

    async def watch(self) -> None:
        """Probes the pods until it is cancelled. An unexpected error of one probe ends it."""
        probing: dict[str, asyncio.Task[None]] = {}
        async with (
            httpx.AsyncClient(timeout=self._probe.timeout, trust_env=False, cookies=no_cookies()) as http,
            asyncio.TaskGroup() as probes,
        ):
            while True:
                self._addresses = json.loads(self._pods.read_text())
                there = {address for addresses in self._addresses.values() for address in addresses}
                for address in there - probing.keys():
                    probing[address] = probes.create_task(self._follow(http, address))
                for address in probing.keys() - there:
                    probing.pop(address).cancel()
                    self._is_ready(address, False)
                await asyncio.sleep(LOOK_SECONDS)

    async def _follow(self, http: httpx.AsyncClient, address: str) -> None:
        failed = 0
        while True:
            failed = 0 if await self.answers(http, address) else failed + 1
            if failed == 0 or failed >= self._probe.failures:
                self._is_ready(address, failed == 0)
            await asyncio.sleep(self._probe.period)

    def _is_ready(self, address: str, ready: bool) -> None:
        if ready != (address in self._ready):
            self._ready ^= {address}
            write_whole(self._told, sorted(self._ready))

    async def answers(self, http: httpx.AsyncClient, address: str) -> bool:
        """Whether the pod's probe answers below 400."""
        try:
            return (await http.get(f"http://{address}{self._probe.path}")).status_code < 400
        except httpx.HTTPError:
            return False


def write_whole(path: Path, content: object) -> None:
    """As JSON. Who reads it meanwhile gets the content before, or this one."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(content))
    new.replace(path)


async def main(
    listen: str,
    alive: str,
    owners: Mapping[str, str],
    anyway: Sequence[str],
    pods: str,
    ready: str,
    probe: Mapping[str, str | float],
) -> None:
    balancer = Balancer(owners, Path(pods), Path(ready), Probe(**probe), anyway)  # type: ignore[arg-type]
    await asyncio.gather(balancer.watch(), serve(balancer, listen, alive))


if __name__ == "__main__":
    asyncio.run(main(**json.loads(Path(sys.argv[1]).read_text())))
