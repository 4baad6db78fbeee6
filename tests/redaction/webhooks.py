"""A real HTTP receiver for the webhooks of some agencies: their bodies and headers are read like answers."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from tests.hostile.world import World

from sigap_testing.eventually import eventually
from sigap_testing.receiver import Receiver

from .walk import Read


class Webhooks:
    def __init__(self, world: World, receiver: Receiver) -> None:
        self._world, self._receiver = world, receiver

    def give(self, *agencies: str) -> None:
        """Gives each agency a webhook of its own."""
        for agency in agencies:
            endpoint = {
                "agency": agency,
                "name": "sistem",
                "channel": "webhook",
                "url": self._receiver.url + _path(agency),
            }
            answer = self._world.send("POST", "/v1/endpoints", self._world.token(), endpoint)
            assert answer.is_success, answer.text

    def of(self, agency: str) -> list[Read]:
        """What the agency was sent."""
        return [
            Read(f"webhook of {agency}", 200, f"{one.headers!r}\n{one.body.decode()}")
            for one in self._receiver.received
            if one.path.endswith(_path(agency))
        ]

    def wait_for(self, agency: str, text: str = "") -> list[Read]:
        """The same, as soon as there is anything with this text: a new endpoint is sent older incidents too."""

        def sent() -> list[Read]:
            reads = self.of(agency)
            return reads if any(text in read.text for read in reads) else []

        return asyncio.run(eventually(sent, within=30))

    def tell(self, regency: str) -> None:
        """Opens a further incident of the regency, of which its agencies are told."""
        found = {"regency": regency, "source": "observer", "incident_type": "fire"}
        answer = self._world.send("POST", "/v1/incidents", self._world.token(), found)
        assert answer.is_success, answer.text


@contextmanager
def receiving(world: World) -> Iterator[Webhooks]:
    """The receiver answers from a thread, while the test waits for the host's answers."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    receiver = Receiver()
    asyncio.run_coroutine_threadsafe(receiver.start(), loop).result()
    try:
        yield Webhooks(world, receiver)
    finally:
        asyncio.run_coroutine_threadsafe(receiver.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _path(agency: str) -> str:
    return f"/hooks/{agency}"
