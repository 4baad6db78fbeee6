"""The week of Lebaran by the rules of each city's own pack, from spreadsheets to the wall. What is published is counted
by plain arithmetic, apart from the rules and the solver.
"""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from sigap_common.regency import Pack, validate_pack
from sigap_roster.solver.queue import solve_next
from sigap_testing.kit import Kit

PACKS = sorted((Path(__file__).parents[3] / "regencies").glob("*.yaml"))
MONDAY, SUNDAY = date(2027, 3, 8), date(2027, 3, 14)
PEOPLE, WOMEN = 12, 6
STATUS = ("kontrak", "PNS", "kepolisian", "")
"""By the number of a person. The law that limits the hours goes by it."""
LEAVE = {"Petugas 01": (8, 12), "Petugas 08": (10, 14)}
ABSENCES = "Nama;Jenis;Dari;Sampai\n" + "".join(
    f"{name};cuti;2027-03-{first:02};2027-03-{last:02}\n" for name, (first, last) in LEAVE.items()
)


def status_of(number: int) -> str:
    return STATUS[number % len(STATUS)]


def staff_of(pack: Pack) -> str:
    """A list of staff in which the agencies that the pack wants together take turns."""
    together = next((one for one in pack.policies if one.code == "agencies-together"), None)
    agencies = together.listed("agencies") if together else [""]
    rows = (
        f"OP-{n:02};Petugas {n:02};{agencies[n % len(agencies)]};{status_of(n)};{'P' if n <= WOMEN else 'L'}\n"
        for n in range(1, PEOPLE + 1)
    )
    return "Nomor Petugas;Nama;Instansi;Status Kepegawaian;Jenis Kelamin\n" + "".join(rows)


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
async def test_the_week_of_lebaran_is_legal_in_each_city(kit: Kit, path: Path) -> None:
    pack = validate_pack(yaml.safe_load(path.read_text("utf-8")))
    await kit.configure(pack)
    bearer = kit.bearer("planner", regencies=(pack.code,))

    async def ask(method: str, path: str, body: Any = None) -> Any:
        headers = {**bearer, "If-Match": "*", "Idempotency-Key": uuid4().hex}
        sent: dict[str, Any] = {"json": body, "headers": headers}
        if isinstance(body, str):
            sent = {"content": body, "headers": {**headers, "Content-Type": "text/csv"}}
        answer = await kit.client.request(method, path, **sent)
        assert answer.is_success, answer.text
        return answer.json() if "json" in answer.headers["content-type"] else answer.text

    added = await ask("POST", f"/v1/staff/import?regency={pack.code}", staff_of(pack))
    assert added["added"] == PEOPLE
    await ask("POST", f"/v1/absences/import?regency={pack.code}", ABSENCES)
    days = {"regency": pack.code, "first_day": str(MONDAY), "last_day": str(SUNDAY)}
    roster = f"/v1/rosters/{(await ask('POST', '/v1/rosters', days))['id']}"
    search = await ask("POST", f"{roster}/solves", {"existing": "replace", "seconds": 5})
    assert await solve_next(kit.runtime)
    await ask("POST", f"{roster}/solves/{search['id']}/take")
    await ask("POST", f"{roster}/publish")
    duties = (await ask("GET", f"/v1/duties?regency={pack.code}&from={MONDAY}&to={SUNDAY}&limit=200"))["items"]
    shifts = (await ask("GET", f"/v1/shift-patterns?regency={pack.code}"))["items"][0]["shifts"]
    page = await ask("GET", f"{roster}/page")

    filled = Counter((one["day"], one["shift"]) for one in duties)
    wanted = {(str(MONDAY + timedelta(n)), one["code"]): one["seats"] for n in range(7) for one in shifts}
    assert all(filled[place] <= seats for place, seats in wanted.items())
    open_seats = sum(wanted.values()) - len(duties)
    parted = any(one.code == "women-by-day-men-by-night" for one in pack.policies)
    assert open_seats == (1 if parted else 0), (
        "five women have 25 shifts of 40 hours, who is back on Saturday two: 28 seats"
    )
    assert ("Tidak ada tempat kosong" in page) == (open_seats == 0)
    check_each_person(duties, parted=parted)


def check_each_person(duties: list[dict[str, Any]], *, parted: bool) -> None:
    of: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in sorted(duties, key=lambda one: str(one["starts_at"])):
        of[one["name"]].append(one)
    for name, own in of.items():
        spans = [(datetime.fromisoformat(one["starts_at"]), datetime.fromisoformat(one["ends_at"])) for one in own]
        # Perpres 21/2023: 32.5 hours in Ramadan, to which 8 and 9 March belong, and 37.5 otherwise.
        most = (2 * 32.5 + 5 * 37.5) / 7 if status_of(int(name[-2:])) == "PNS" else 40
        assert sum((end - begin for begin, end in spans), timedelta()) <= timedelta(hours=most)
        assert all(later[0] - earlier[1] >= timedelta(hours=11) for earlier, later in pairwise(spans))
        assert len({one["day"] for one in own}) <= 6
        first, last = LEAVE.get(name, (0, -1))
        assert not [one for one in own if first <= int(one["day"][-2:]) <= last], f"{name} is on leave"
        if parted:
            woman = int(name[-2:]) <= WOMEN
            assert all((one["shift"] == "malam") != woman for one in own)
