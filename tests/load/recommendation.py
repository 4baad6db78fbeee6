"""A recommendation over a regency with 500 agencies and posts, beside the distances to them alone."""

from collections.abc import Callable
from datetime import UTC, datetime
from statistics import quantiles
from time import perf_counter
from uuid import UUID

from sigap_common.contracts.incidents import Source
from sigap_common.contracts.places import Place
from sigap_common.regency import Pack
from sigap_dispatch.domain.plans import nearest
from sigap_dispatch.domain.recommendation import recommend
from sigap_dispatch.domain.state import Incident

_AGENCIES, _TIMES = 500, 200
_REGENCY = "99.01"


def measure() -> None:
    pack, incident = _pack(), _incident()
    print(f"recommendation over {_AGENCIES} agencies (bar: 10 ms)")
    _show("recommendation", lambda: recommend(incident, pack, [pack]))
    _show("baseline: the distances alone, sorted", lambda: nearest(pack.agencies, incident.place))


def _show(name: str, work: Callable[[], object]) -> None:
    times = []
    for _ in range(_TIMES):
        begun = perf_counter()
        work()
        times.append(perf_counter() - begun)
    cuts = quantiles(times, n=100)
    print(f"  {name}: p50 {cuts[49] * 1000:.2f} ms, p99 {cuts[98] * 1000:.2f} ms")


def _pack() -> Pack:
    posts = [
        {
            "code": f"pos-{n}",
            "name": f"Pos {n}",
            "kind": "health",
            "capabilities": ["ambulance"],
            "lat": -7 + n % 25 * 0.01,
            "lon": 110 + n // 25 * 0.01,
        }
        for n in range(_AGENCIES)
    ]
    plan = {"incident_type": "medical", "capability": "ambulance", "at_once": 2}
    told = {"code": _REGENCY, "name": "Kota Ukur", "time_zone": "Asia/Jakarta"}
    return Pack.model_validate(told | {"agencies": posts, "response_plans": [plan]})


def _incident() -> Incident:
    now = datetime(2026, 11, 29, tzinfo=UTC)
    return Incident(
        id=UUID(int=1),
        regency=_REGENCY,
        number="UKR-20261129-0001",
        day=now.date(),
        incident_type="medical",
        priority=1,
        place=Place.of(-6.9, 110.1, 20.0),
        source=Source.CALL,
        call_id=None,
        started_at=now,
        created_at=now,
        answered_at=now,
        corrected_at=None,
        linked_to=None,
        protected=False,
        backfilled=False,
        notify=True,
        with_agencies=False,
    )
