"""Alarms that other services raise: each is listed where it concerns somebody, and ends with its cause."""

import ast
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sigap_cli.api import Api
from sigap_cli.regency.applying import Source, carry_out, plan
from sigap_dispatch.domain.alarm_groups import KINDS
from sigap_dispatch.domain.state.alarms import AlarmKind
from sigap_testing.eventually import eventually

from .house import House, house
from .regency import LEADER, pack

CODE, NEXT = "99.71", "99.72"
START = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
OF_DISPATCH = {*AlarmKind, "transfer_offered", "share_asked", "handover_waiting"}
"""The kinds that dispatch itself raises: its own tests show them."""
OTHERS = ("sigap_intake", "sigap_agency_gateway", "sigap_roster", "sigap_analytics")
DAY = timedelta(days=1)


@dataclass
class Floor:
    """The centres of two regencies that stand in for each other."""

    house: House
    here: Api
    there: Api

    async def rings(self, **told: Any) -> str:
        """A call that waits; its path."""
        call = await self.here.post("/v1/calls", {"regency": CODE, "channel": "telephone", **told})
        return f"/v1/calls/{call['id']}"

    async def answered(self, **told: Any) -> str:
        path = await self.rings(**told)
        await self.here.post(f"{path}/answer")
        return path

    async def ends(self, path: str) -> None:
        """The call is over and has its class, so that it raises no further alarm."""
        await self.here.post(f"{path}/classification", {"call_class": "wrong_number"})
        await self.here.post(f"{path}/end", {"ended_by": "caller"})

    async def listed(self, kind: str) -> tuple[str, dict[str, Any]] | None:
        """The regency where an alarm of the kind is listed, and the alarm."""
        for code, api in ((CODE, self.here), (NEXT, self.there)):
            groups = (await api.get("/v1/alarms", regency=code))["items"]
            for alarm in (one for group in groups for one in group["alarms"]):
                if alarm["kind"] == kind:
                    return code, alarm
        return None


async def waits(floor: Floor) -> Callable[[], Awaitable[None]]:
    path = await floor.rings()
    floor.house.clock.advance(41)
    return partial(taken, floor, path)


async def rings_a_partner(floor: Floor) -> Callable[[], Awaitable[None]]:
    path = await floor.rings()
    floor.house.clock.advance(61)
    return partial(taken, floor, path)


async def taken(floor: Floor, path: str) -> None:
    await floor.here.post(f"{path}/answer")
    await floor.ends(path)


async def offered(floor: Floor) -> tuple[str, str]:
    """The paths of a call that is offered to the other regency, and of the offer."""
    path = await floor.answered()
    shown = await floor.here.post(f"{path}/transfers", {"to": NEXT})
    return path, f"/v1/call-transfers/{shown['transfer']['id']}"


async def is_offered(floor: Floor) -> Callable[[], Awaitable[None]]:
    return partial(kept, floor, *await offered(floor))


async def comes_back(floor: Floor) -> Callable[[], Awaitable[None]]:
    path, offer = await offered(floor)
    await floor.there.post(f"{offer}/refuse", {"reason": "bukan wilayah kami"})
    return partial(kept, floor, path, offer)


async def kept(floor: Floor, path: str, offer: str) -> None:
    await floor.here.post(f"{offer}/take-back")
    await floor.ends(path)


async def loses_its_operator(floor: Floor) -> Callable[[], Awaitable[None]]:
    await floor.here.post("/v1/presence", {"regency": CODE, "state": "available"})
    path = await floor.answered()
    floor.house.clock.advance(120)
    return partial(floor.ends, path)


async def has_no_class(floor: Floor) -> Callable[[], Awaitable[None]]:
    path = await floor.answered()
    await floor.here.post(f"{path}/end", {"ended_by": "caller"})
    floor.house.clock.advance((DAY + timedelta(seconds=1)).total_seconds())
    return partial(floor.here.post, f"{path}/classification", {"call_class": "prank"})


async def is_appealed(floor: Floor) -> Callable[[], Awaitable[None]]:
    """A block is proposed after the second prank of a number, approved, and appealed against."""
    for _ in range(2):
        path = await floor.answered(number="0811-1000-1112")
        await floor.here.post(f"{path}/classification", {"call_class": "prank"})
        await floor.here.post(f"{path}/end", {"ended_by": "caller"})
    [block] = (await floor.here.get("/v1/blocks", regency=CODE))["items"]
    reason = {"reason": "sudah diperingatkan"}
    await floor.here.post(f"/v1/blocks/{block['id']}/approval", reason)
    await floor.here.post(f"/v1/blocks/{block['id']}/appeals", {"text": "dipakai anak"})
    return partial(floor.here.post, f"/v1/blocks/{block['id']}/review", reason)


async def cannot_be_reached(floor: Floor) -> Callable[[], Awaitable[None]]:
    """An endpoint whose secret is missing is disabled, until the pack names it no longer."""
    told = of_pack(CODE)
    hook = {"channel": "webhook", "name": "sistem", "url": "https://example.org/x"}
    told["agencies"][0] |= {"endpoints": [hook | {"secret_ref": "SIGAP_SECRET_99_71_TIDAK_ADA"}]}
    await applied(floor.here, told)
    return partial(applied, floor.here, of_pack(CODE))


RAISES: Mapping[str, Callable[[Floor], Awaitable[Callable[[], Awaitable[Any]]]]] = {
    "waiting_long": waits,
    "partner_waiting": rings_a_partner,
    "call_offered": is_offered,
    "call_returned": comes_back,
    "operator_gone": loses_its_operator,
    "block_review_due": is_appealed,
    "endpoint_disabled": cannot_be_reached,
    "not_classified": has_no_class,
}
"""By its kind, how an alarm comes to be. Each gives what ends it. The last one lets a day pass."""
ELSEWHERE = {"partner_waiting", "call_offered"}
"""The kinds that concern the other regency."""


def of_pack(code: str) -> dict[str, Any]:
    other = NEXT if code == CODE else CODE
    rules = {"blocking": {"pranks": 2, "within_days": 7}, "queue": {"partners": [other]}}
    return pack(code) | rules | {"duty_telephones": ["+6281122223333"]}


async def applied(api: Api, told: dict[str, Any]) -> None:
    (outcome,) = await carry_out(api, await plan(api, [Source("the tests' pack", told)]), 30)
    assert outcome.ok, outcome


@asynccontextmanager
async def floor_of(folder: Path) -> AsyncIterator[Floor]:
    async with (
        house(folder, START) as there,
        there.api(*LEADER, regency=CODE) as mine,
        there.api(*LEADER, regency=NEXT) as theirs,
    ):
        for code, api in ((CODE, mine), (NEXT, theirs)):
            await applied(api, of_pack(code))
        yield Floor(there, mine, theirs)


async def test_each_alarm_of_another_service_is_listed_with_what_to_do_until_it_is_dealt_with(tmp_path: Path) -> None:
    async with floor_of(tmp_path) as floor:
        for kind, comes_to_be in RAISES.items():
            ends = await comes_to_be(floor)
            regency, alarm = await eventually(partial(floor.listed, kind), within=30)
            assert regency == (NEXT if kind in ELSEWHERE else CODE), kind
            assert alarm["service"] == ("agency-gateway" if kind == "endpoint_disabled" else "intake"), kind
            assert alarm["in_words"].keys() == {"id", "en"}, kind
            assert alarm["acts"], kind
            assert alarm["acts"][0].split(" ")[1].startswith(f"/v1/{alarm['about']}"), kind
            await ends()
            await eventually(partial(is_over, floor, kind), within=30)


async def is_over(floor: Floor, kind: str) -> bool:
    return await floor.listed(kind) is None


def test_the_table_has_each_kind_that_other_services_raise() -> None:
    """Read from their code: a kind that one of them raises from now on is missed here, if nowhere else."""
    assert RAISES.keys() == set(kinds_in_code())
    assert RAISES.keys() | OF_DISPATCH == KINDS.keys()


def kinds_in_code() -> Iterator[str]:
    """The kind of each alarm that the other services raise or clear."""
    for package in OTHERS:
        found = find_spec(package)
        assert found is not None
        assert found.origin is not None
        folder = Path(found.origin).parent
        for path in folder.rglob("*.py"):
            named = path.relative_to(folder.parent).with_suffix("").parts
            for node in _kinds(ast.parse(path.read_text(encoding="utf-8"))):
                name = ".".join(part for part in named if part != "__init__")
                yield from _value(node, name)


def _kinds(tree: ast.Module) -> Iterator[ast.expr]:
    """What stands for `kind` beside `about`, in a call or in a dictionary, and what is given to `raised`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            told = {one.arg: one.value for one in node.keywords}
            if {"kind", "about"} <= told.keys():
                yield told["kind"]
            if isinstance(node.func, ast.Name) and node.func.id in {"raised", "cleared"}:
                yield node.args[1]
        if isinstance(node, ast.Dict):
            keys = {key.value: value for key, value in zip(node.keys, node.values, strict=True) if _is_text(key)}  # type: ignore[union-attr]
            if {"kind", "about"} <= keys.keys():
                yield keys["kind"]


def _is_text(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and isinstance(key.value, str)


def _value(node: ast.expr, module: str) -> Iterator[str]:
    """What the expression is in the module; nothing if it is the parameter `kind` of a helper."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.Name) and node.id != "kind":
        yield getattr(import_module(module), node.id)
    else:
        assert isinstance(node, ast.Name), f"{module}: {ast.unparse(node)} is no name"
