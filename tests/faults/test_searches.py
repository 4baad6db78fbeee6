"""A search for a plan whose service is killed: it fails and says so, the draft is kept, and the next one is done."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from sigap_cli.api import Api, Patience
from sigap_cli.regency.applying import Source, carry_out, plan
from sigap_cli.tokens import Who, signed_in
from sigap_testing.cluster import Cluster, Installation, SingleHost
from sigap_testing.eventually import eventually
from sigap_testing.patience import patience
from sigap_testing.supervised import Supervised

from .regency import pack

CODE = "99.95"
PLANNER = Who(("admin", "planner"), (CODE,))
SHIFTS = [
    {"code": "pagi", "name": "Pagi", "start": "07:00", "end": "14:00", "seats": 2},
    {"code": "siang", "name": "Siang", "start": "14:00", "end": "21:00", "seats": 2},
    {"code": "malam", "name": "Malam", "start": "21:00", "end": "07:00", "seats": 1},
]
ENDS_WITHIN = 40.0
"""A claim lapses after 15 s; the service starts again meanwhile."""

SOLVER_ENDS_WITHIN = 60.0
"""It looks at its input once it has loaded and read all; it has the lowest priority."""


def solver_of(service: Supervised) -> int | None:
    """The number of the solving process that this one began."""
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == service.pid and b"sigap_roster.solver" in (path / "cmdline").read_bytes():
                return int(path.name)
    return None


async def drafted(api: Api) -> dict[str, Any]:
    """A month of ten people, one of whom is planned for its first morning."""
    applied = await carry_out(
        api, await plan(api, [Source("the tests' pack", {**pack(CODE), "shifts": {"shifts": SHIFTS}})]), patience(60)
    )
    assert all(one.ok for one in applied), applied
    names = [f"Petugas {number}" for number in range(10)]
    staff = [await api.post("/v1/staff", {"regency": CODE, "name": name}) for name in names]
    roster = await api.post("/v1/rosters", {"regency": CODE, "first_day": "2030-03-01", "last_day": "2030-03-31"})
    planned = [{"staff_id": staff[0]["id"], "day": "2030-03-01", "shift": "pagi"}]
    headers = {"If-Match": f'"{roster["version"]}"'}
    kept = await api.send("PUT", f"/v1/rosters/{roster['id']}/assignments", json=planned, headers=headers)
    found: dict[str, Any] = kept.body
    return found


async def asked(api: Api, roster: dict[str, Any], seconds: int) -> str:
    path = f"/v1/rosters/{roster['id']}/solves"
    return f"{path}/{(await api.post(path, {'existing': 'keep', 'seconds': seconds}))['id']}"


async def over(api: Api, path: str) -> dict[str, Any]:
    async def ended() -> dict[str, Any] | None:
        found: dict[str, Any] = await api.get(path)
        return found if found["state"] not in ("queued", "running") else None

    return await eventually(ended, within=ENDS_WITHIN, every=0.2)


async def search_whose_service_is_killed(there: Installation, searching: list[Supervised]) -> None:
    """`searching`: the processes one of which will do the search."""
    async with signed_in(there.url, PLANNER, patience=Patience(60)) as api:
        roster = await drafted(api)
        path = await asked(api, roster, 600)

        def begun() -> tuple[Supervised, int] | None:
            return next(((one, solver) for one in searching if (solver := solver_of(one))), None)

        service, solver = await eventually(begun, within=30)
        assert (await api.get(path))["state"] == "running"
        service.kill()
        await eventually(lambda: not Path(f"/proc/{solver}").exists(), within=SOLVER_ENDS_WITHIN)
        found = await over(api, path)
        assert found["state"] == "failed"
        assert found["failure"]["en"].startswith("The search was interrupted")
        after = await api.get(f"/v1/rosters/{roster['id']}")
        assert (after["version"], after["assignments"]) == (roster["version"], roster["assignments"])
        again = await over(api, await asked(api, roster, 1))
        assert again["state"] == "done"


@pytest.mark.timeout(300)
async def test_a_single_host_that_is_killed_during_a_search(tmp_path: Path) -> None:
    with SingleHost(folder=tmp_path) as host:
        await search_whose_service_is_killed(host, [host.processes["sigap"]])


@pytest.mark.postgres
@pytest.mark.kafka
@pytest.mark.timeout(480)
async def test_a_replica_that_is_killed_during_a_search(cluster: Cluster) -> None:
    """Either may do the search, and either may hold the lease."""
    replica = cluster.replica("roster")
    try:
        await search_whose_service_is_killed(cluster, [cluster.processes["roster"], replica])
    finally:
        replica.stop()
