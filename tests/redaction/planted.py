"""An incident whose personal data can be told from everything else, and the paths and queries to look for it."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.hostile.world import HOME, TIME_ZONE, World

from sigap_testing.eventually import eventually

NUMBER, NAME = "0812-7731-7731", "Kenari Zwastika"
IMEI = "352099001761481"
ADDRESS, NOTE = "Gang Kutilang Biru 7731", "burung hantu menjerit"
LAT, LON = -3.791234, 102.261234

HIDDEN: Mapping[str, Collection[str]] = {
    "number": ("81277317731", "7731-7731"),
    "name": ("kenari", "zwastika"),
    "address": ("kutilang",),
    "coordinates": ("3.791234", "102.261234"),
    "note": ("hantu menjerit",),
}
"""Each value by its name, in the forms in which it may be written."""
OF_CALLS_ALONE: Mapping[str, Collection[str]] = {"imei": (IMEI,)}
"""What the call has and its incident does not: no agency is told."""


def planted(world: World, regency: str = HOME, kind: str = "fire") -> tuple[str, str]:
    """A call with all the hidden values, and the incident that dispatch opened from it: their ids."""
    arrived = {"regency": regency, "channel": "telephone", "number": NUMBER, "caller_name": NAME, "imei": IMEI}
    call: str = _post(world, "/v1/calls", arrived)["id"]
    _post(world, f"/v1/calls/{call}/answer", {})
    _post(world, f"/v1/calls/{call}/location", {"lat": LAT, "lon": LON, "address": ADDRESS})
    _post(world, f"/v1/calls/{call}/notes", {"text": NOTE})
    _post(world, f"/v1/calls/{call}/classification", {"call_class": "emergency", "incident_type": kind})

    def opened() -> str | None:
        listed = world.send("GET", f"/v1/incidents?call_id={call}", world.token()).json()["items"]
        return listed[0]["id"] if listed else None

    return call, asyncio.run(eventually(opened))


def ids_of(world: World, call: str, incident: str) -> dict[str, list[str]]:
    """What each parameter of a path may name: the planted things, and all others of their regency."""
    shown = world.send("GET", f"/v1/incidents/{incident}", world.token()).json()
    ids = {name: [value] for name, value in world.home.ids.items()}
    ids["call_id"].append(call)
    ids["incident_id"].append(incident)
    ids["forwarding_id"] += [one["id"] for one in shown["forwardings"]]
    return ids | {"code": [HOME, "answered_within_15s"]}


QUERIES: Mapping[str, Collection[str]] = {
    "regency": (HOME,),
    "from": ("2026-01-01",),
    "to": ("2026-01-02",),
    "lat": (str(LAT),),
    "lon": (str(LON),),
    "q": ("Zwastika",),
    "text": ("-3.79,102.26",),
    "number": (NUMBER,),
    "name": ("Zwastika",),
    "day": (str(datetime.now(ZoneInfo(TIME_ZONE)).date()),),
    "shift": ("siang",),
    "secret": ("rahasia",),
}
"""What is asked of lists: also the hidden values themselves, which must find nothing."""


def _post(world: World, path: str, body: Any) -> Any:
    answer = world.send("POST", path, world.token(), body)
    assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
    return answer.json()
