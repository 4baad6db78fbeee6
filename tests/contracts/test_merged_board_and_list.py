"""The dispatchers' board and the agencies' lists, while incidents are merged and taken out again and agencies answer.

Both services run on their databases. What one says reaches the other later: in its order for each incident, and in any
order between incidents. When all has arrived, both know the same of each part and of each unit.
"""

from collections import deque
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, select

from sigap_agency_gateway.main import service as gateway
from sigap_agency_gateway.models import units as units_of_gateway
from sigap_common.contracts.incidents import IncidentForwarded
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.regency import Pack
from sigap_dispatch.main import service as dispatch
from sigap_dispatch.models import units as units_of_dispatch
from sigap_testing.kit import Kit, started

REGENCY = "99.01"
AGENCIES = ("fire", "police")
UNITS = ("DAMKAR 1", "DAMKAR 2")
REASON = {"reason": "no_unit"}
STEPS = 40
PACK = Pack.model_validate(
    {
        "code": REGENCY,
        "name": "Kota Contoh",
        "prefix": "CTH",
        "time_zone": "Asia/Jakarta",
        "agencies": [{"code": code, "name": code.title(), "kind": code} for code in AGENCIES],
        "response_plans": [
            {"incident_type": "fire", "agencies": ["fire", "police"]},
            {"incident_type": "traffic_accident", "agencies": ["police"]},
        ],
    }
)


class Both:
    """The two services, and what is on its way between them."""

    def __init__(self, board: Kit, lists: Kit, seed: int) -> None:
        self.board, self.lists, self.random = board, lists, Random(seed)
        self.incidents: list[str] = []
        self.copies: dict[str, str] = {}
        """The agency of each forwarding that the gateway has, by the forwarding's id."""
        self._read = {board: 0, lists: 0}
        self._on_the_way: dict[tuple[Kit, str], deque[ReceivedEvent]] = {}
        self.moves: list[str] = []

    async def ask(self, kit: Kit, method: str, path: str, body: object = None, agency: str | None = None) -> Any:
        """The answer's JSON; None: it was refused."""
        roles = ("agency",) if agency else ("dispatcher", "supervisor")
        bearer = kit.bearer(*roles, regencies=[REGENCY], agency=agency)
        answer = await kit.client.request(method, path, json=body, headers=bearer)
        assert answer.status_code < 500, answer.text
        self.moves.append(f"{kit.clock():%M:%S} {method} {path} {body} {answer.status_code}")
        return answer.json() if answer.is_success else None

    async def opens(self, kind: str, n: int) -> None:
        """So far from the others that nobody takes it for one of them."""
        place = {"lat": -3.79 + 0.1 * n, "lon": 102.26, "uncertainty_m": 20}
        body = {"regency": REGENCY, "source": "observer", "incident_type": kind, "place": place}
        self.incidents.append((await self.ask(self.board, "POST", "/v1/incidents", body))["id"])

    async def parts(self) -> dict[str, dict[str, Any]]:
        """All parts as the board shows them, each with its incident."""
        shown = [await self.ask(self.board, "GET", f"/v1/incidents/{one}") for one in self.incidents]
        return {part["id"]: part | {"incident": one["id"]} for one in shown for part in one["forwardings"]}

    async def moves_once(self) -> None:
        for kit in (self.board, self.lists):
            kit.clock.advance(1)
        moves = [self.agency_answers] * 5 + [self.person_records] * 2 + [self.merges] * 3
        moves += [self.takes_out] * 2 + [self.withdraws, self.adds, self.closes] + [self.arrives] * 10
        await self.random.choice(moves)()

    async def agency_answers(self) -> None:
        if not self.copies:
            return
        part = self.random.choice(sorted(self.copies))
        path, agency = f"/v1/forwardings/{part}", self.copies[part]
        what = self.random.choice(["acknowledge", "decline", "progress", "progress"])
        bodies = {
            "acknowledge": self._units(),
            "decline": REASON,
            "progress": {"progress": self.random.choice(["en_route", "on_scene", "done"])} | self._units(),
        }
        await self.ask(self.lists, "POST", f"{path}/{what}", bodies[what], agency)

    async def person_records(self) -> None:
        parts = await self.parts()
        part = parts[self.random.choice(sorted(parts))]
        response = self.random.choice(["acknowledged", "declined", "en_route", "done"])
        said = {"response": response, "spoke_to": "Pak Harun", "channel": "radio"}
        said |= REASON if response == "declined" else self._units()
        await self.ask(self.board, "POST", f"{self._part(part)}/answers", said)

    async def merges(self) -> None:
        one, other = self.random.sample(self.incidents, 2)
        await self.ask(self.board, "POST", f"/v1/incidents/{one}/merge", {"other": other})

    async def takes_out(self) -> None:
        await self.ask(self.board, "POST", f"/v1/incidents/{self.random.choice(self.incidents)}/unmerge")

    async def withdraws(self) -> None:
        parts = await self.parts()
        part = parts[self.random.choice(sorted(parts))]
        await self.ask(self.board, "POST", f"{self._part(part)}/withdraw", {"reason": "tidak perlu"})

    async def adds(self) -> None:
        agency = {"agency": f"{REGENCY}/{self.random.choice(AGENCIES)}"}
        await self.ask(self.board, "POST", f"/v1/incidents/{self.random.choice(self.incidents)}/forwardings", agency)

    async def closes(self) -> None:
        incident, what = self.random.choice(self.incidents), self.random.choice(["close", "reopen"])
        body = {"disposition": "resolved"} if what == "close" else {}
        await self.ask(self.board, "POST", f"/v1/incidents/{incident}/{what}", body)

    async def arrives(self) -> None:
        """The next event of one incident or forwarding."""
        await self._collect()
        waiting = sorted((key for key, queue in self._on_the_way.items() if queue), key=lambda key: key[1])
        if waiting:
            await self._deliver(self.random.choice(waiting))

    async def all_arrives(self) -> None:
        for _ in range(50):
            await self._collect()
            for key in list(self._on_the_way):
                while self._on_the_way[key]:
                    await self._deliver(key)
            for kit in (self.board, self.lists):
                kit.clock.advance(31)
                await kit.retry()
            await self._collect()
            if not any(self._on_the_way.values()):
                return
        raise AssertionError("the two services never come to rest")

    async def _collect(self) -> None:
        for kit, other in ((self.board, self.lists), (self.lists, self.board)):
            said = await kit.said()
            for one in said[self._read[kit] :]:
                self._on_the_way.setdefault((other, one.envelope.subject), deque()).append(one)
            self._read[kit] = len(said)

    async def _deliver(self, key: tuple[Kit, str]) -> None:
        kit, subject = key
        one = self._on_the_way[key].popleft()
        known: dict[str, Any] = {
            "sequence": one.envelope.sequence,
            "event_id": one.envelope.id,
            "source": one.envelope.source,
        }
        await kit.hear(one.event, subject=subject, regency=REGENCY, **known)
        if isinstance(one.event, IncidentForwarded):
            self.copies[str(one.event.forwarding_id)] = one.event.agency
        said = {name: getattr(one.event, name, None) for name in ("forwarding_id", "units", "callsign", "response")}
        said |= {"at": f"{one.event.at:%M:%S}"}
        told = " ".join(f"{name} {value}" for name, value in said.items() if value)
        self.moves.append(f"{kit.clock():%M:%S} {type(one.event).__name__} of {subject} arrives: {told}")

    def told_of(self, *names: str) -> str:
        """The story, with short names: incidents are a, b, c, and parts p0, p1, ..."""
        story = "\n".join(self.moves)
        known = dict(zip("abc", self.incidents, strict=True)) | {f"p{n}": id_ for n, id_ in enumerate(names)}
        for short, id_ in known.items():
            story = story.replace(id_, short)
        return story

    def _units(self) -> dict[str, Any]:
        if self.random.random() < 0.4:
            return {}
        return {"units": [self.random.choice(UNITS)], "release": self.random.random() < 0.7}

    @staticmethod
    def _part(part: dict[str, Any]) -> str:
        return f"/v1/incidents/{part['incident']}/forwardings/{part['id']}"


async def busy(kit: Kit, units: Table) -> dict[tuple[str, str], Any]:
    """The units that work for a forwarding, and for which."""
    async with kit.runtime.database.read() as connection:
        rows = (await connection.execute(select(units).where(units.c.forwarding_id.is_not(None)))).all()
    return {(row.agency, row.callsign): row.forwarding_id for row in rows}


ON_THE_LIST = {"forwarded": {"received"}, "standing_down": {"withdrawn"}}
ENDED_BY_MERGER = {"closed", "declined", "done"}
"""Its agency had declined, or was done before it could know of the merger; otherwise its list shows it as closed."""


@pytest.fixture
async def sides(tmp_path: Path) -> AsyncIterator[tuple[Kit, Kit]]:
    async with AsyncExitStack() as stack:
        kits = []
        for service in (dispatch, gateway):
            folder = tmp_path / service.name
            folder.mkdir()
            url = f"sqlite+aiosqlite:///{folder / 'test.sqlite3'}"
            kit = await stack.enter_async_context(started(service, url, folder))
            await kit.configure(PACK)
            kits.append(kit)
        yield kits[0], kits[1]


@pytest.mark.parametrize("seed", range(8))
async def test_board_and_list_know_the_same_of_merged_incidents(sides: tuple[Kit, Kit], seed: int) -> None:
    both = Both(*sides, seed)
    for n, kind in enumerate(("fire", "traffic_accident", "fire")):
        await both.opens(kind, n)
    for _ in range(STEPS):
        await both.moves_once()
    await both.all_arrives()
    parts = await both.parts()
    story = both.told_of(*parts)
    for n, (id_, part) in enumerate(parts.items()):
        listed = await both.ask(both.lists, "GET", f"/v1/forwardings/{id_}", agency=part["agency"])
        shown, expected = listed["state"], ON_THE_LIST.get(part["state"], {part["state"]})
        merged = part["state"] == "withdrawn" and part["withdrawal_reason"] == "merged"
        assert shown in (ENDED_BY_MERGER if merged else expected), f"p{n}: {part}\n{listed}\n{story}"
        assert listed["needs_acknowledgement"] == part["needs_acknowledgement"], f"p{n}: {part}\n{listed}\n{story}"
    named = {UUID(id_): f"p{n}" for n, id_ in enumerate(parts)}
    board, lists = await busy(both.board, units_of_dispatch), await busy(both.lists, units_of_gateway)
    assert {unit: named[part] for unit, part in lists.items()} == {unit: named[part] for unit, part in board.items()}, (
        story
    )
