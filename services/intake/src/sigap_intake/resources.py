"""What a running intake holds beside its tables: the zones, and the gazetteers that somebody has asked for."""

import asyncio
from typing import Any

from sigap_common.app.resources import Environment
from sigap_common.app.zoning import ZonedResources
from sigap_common.core.workers import PACKS
from sigap_common.regency.in_force import PacksInForce
from sigap_intake.domain.gazetteer import Gazetteer


class IntakeResources(ZonedResources):
    def __init__(self, environment: Environment[Any]) -> None:
        super().__init__(environment)
        self._gazetteers: dict[str, tuple[int, asyncio.Future[Gazetteer]]] = {}

    async def gazetteer(self, packs: PacksInForce, regency: str) -> Gazetteer:
        """The regency's places of the pack in force, made ready in a thread at the first question.

        Raises NotFound for a regency that is not configured, Unavailable if too much waits for that thread.
        """
        pack, version = packs.get(regency), packs.version(regency)
        known = self._gazetteers.get(regency)
        if known is None or known[0] != version or (known[1].done() and known[1].exception()):
            making = asyncio.ensure_future(PACKS.run(Gazetteer, pack.gazetteer))
            known = self._gazetteers[regency] = (version, making)
        # Whoever asked first may go away; the others wait for the same.
        return await asyncio.shield(known[1])
