"""Right requests that take the processor for long, and wrong ones that try to: what may not hold up anybody else."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from typing import Any

import httpx

from sigap_testing.eventually import eventually

from .floods import TABLES, coast, crossing, not_json, places, zone
from .world import HOME, World, pack

ACCOUNT = {"username": "siti", "password": "kata sandi yang panjang sekali"}
AT_ONCE = 50

Attack = tuple[str, Callable[[], object]]


class Heavy:
    """Attacks on a running host that has a world in it. Each can be done again, and fails if it is answered wrongly."""

    def __init__(self, world: World, data: str) -> None:
        """`data` is the host's data folder; it gets an account."""
        self._world = world
        self._shift = count(1)
        command = [sys.executable, "-m", "sigap_cli.main", "user", "add", ACCOUNT["username"]]
        command += ["--role", "operator", "--regency", HOME, "--password-stdin"]
        password, where = ACCOUNT["password"] + "\n", {**os.environ, "SIGAP_DATA_DIR": data}
        subprocess.run(command, input=password, text=True, env=where, check=True, capture_output=True, timeout=60)

    def all(self) -> Iterator[Attack]:
        yield "a zone of 100,000 corners comes into force", lambda: self._bring(zone(coast(lat=-3.8 + self._step())))
        yield "that pack is read", lambda: self._send("GET", 200)
        yield "an older version of it is read", self._read_version
        yield "places on its border are asked for", self._ask_for_places
        yield "a zone of 100,000 corners that crosses itself", lambda: self._put(zone(crossing()), 422)
        yield "a pack of 50,000 places comes into force", lambda: self._bring(places(50_000 - next(self._shift)))
        yield "a pack that is no JSON at its very end", lambda: self._send("PUT", 400, not_json())
        yield f"{AT_ONCE} people sign in at once", self._sign_in
        for name, table in TABLES.items():
            yield f"a duty plan of a mebibyte: {name}", partial(self._import, table)

    def end(self) -> None:
        """The regency works by its small pack again."""
        self._bring({})

    def _step(self) -> float:
        """Another zone each time: the same pack again would change nothing."""
        return next(self._shift) * 1e-6

    def _bring(self, part: dict[str, Any]) -> None:
        self._put(part, 200)

        def complete() -> bool:
            return bool(self._send("GET", 200, query="?pack=false").json()["complete"])

        asyncio.run(eventually(complete, within=60, every=0.1))

    def _put(self, part: dict[str, Any], status: int) -> None:
        self._send("PUT", status, json.dumps(pack(HOME) | part).encode())

    def _send(self, method: str, status: int, body: bytes | None = None, query: str = "") -> httpx.Response:
        path = f"/v1/regencies/{HOME}"
        answer = self._world.send(method, path + query, self._world.token(), body, **{"If-Match": "*"})
        assert answer.status_code == status, f"{answer.status_code} {answer.text[:500]}"
        return answer

    def _read_version(self) -> None:
        listed = self._world.send("GET", f"/v1/regencies/{HOME}/versions?version=2", self._world.token())
        assert listed.status_code == 200, listed.text[:500]

    def _ask_for_places(self) -> None:
        for lon, lat in coast(20):
            path = f"/v1/zones?lat={lat}&lon={lon}&uncertainty_m=20000"
            answer = self._world.send("GET", path, self._world.token())
            assert answer.status_code == 200, answer.text[:500]

    def _sign_in(self) -> None:
        with ThreadPoolExecutor(AT_ONCE) as people:
            answers = list(people.map(lambda _: self._world.http.post("/v1/auth/token", json=ACCOUNT), range(AT_ONCE)))
        # So many of one address at one account look like a guesser: some are told to wait.
        assert 200 in (found := {answer.status_code for answer in answers}) <= {200, 429}, found

    def _import(self, table: bytes) -> None:
        path = f"/v1/rosters/{self._world.home.ids['roster_id']}/import"
        headers = {"Content-Type": "text/csv", "If-Match": "*"}
        answer = self._world.send("POST", path, self._world.token(), table, **headers)
        assert answer.status_code == 422, f"{answer.status_code} {answer.text[:500]}"
