"""What a measurement needs of an installation: a regency, its agencies' endpoints, tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.faults.regency import AGENCIES, pack, place

from sigap_cli.api import Api, Patience
from sigap_cli.regency.applying import Source, carry_out, plan
from sigap_cli.tokens import Who, fetched, signed_in

CODE = "99.92"
PACK = pack(CODE)
LAT, LON = place(CODE)
LEADER = Who(("admin", "supervisor", "operator", "dispatcher", "analyst"), (CODE,))


@dataclass(slots=True)
class Setting:
    """`tokens` by agency code."""

    leader: str = ""
    tokens: dict[str, str] = field(default_factory=dict)


async def prepared(
    url: str, door: str | None = None, *, agencies: bool = True, document: Mapping[str, Any] = PACK
) -> Setting:
    """The regency applied; with `door`, each agency's webhook at `<door>/<code>`. `document`: its pack."""
    setting = Setting()
    async with signed_in(url, LEADER, patience=Patience(60)) as api:
        (applied,) = await carry_out(api, await plan(api, [Source("the tests' pack", dict(document))]), 60)
        if agencies and not applied.ok:
            raise AssertionError(applied)
        for code in AGENCIES if door else ():
            endpoint = {"agency": f"{CODE}/{code}", "name": "system", "channel": "webhook", "url": f"{door}/{code}"}
            await api.post("/v1/endpoints", endpoint)
    setting.leader = await token_for(url, *LEADER.roles)
    for code in AGENCIES if agencies else ():
        setting.tokens[code] = await token_for(url, "agency", agency=f"{CODE}/{code}")
    return setting


async def token_for(url: str, *roles: str, agency: str | None = None) -> str:
    async with Api(url) as api:
        return await fetched(api, Who(roles, (CODE,), agency))
