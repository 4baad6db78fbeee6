"""What a wrong request may cost: the longest stop of the event loop, and the size of the refusal.

Every text field of every operation is sent a mebibyte (a header, path or query as much as a server lets through) of
what its pattern likes best.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import httpx
import pytest

from sigap_common.core.limits import MOST_FAULTS
from sigap_testing.heartbeat import ALARM_SECONDS, WatchedHost
from sigap_testing.operations import Operation, operations
from sigap_testing.patterns import attacks

from .floods import FLOODS, MIB, TABLES, names
from .probes import query_of, sent
from .stored import SqliteData
from .world import World, at_home

ALLOWED = 15_000
"""Bytes of a header, path or query."""
UNITS = ("9", " ", "0.", "1e", "-", "+62", "\\t", ":", "a", "\u0301\u0316", "99.93/")
"""What numbers, times, telephone numbers, ids and codes are made of, and what Unicode orders at a price."""
ALL = operations()
HEADERS = (
    *("If-Match", "If-None-Match", "Last-Event-ID", "Traceparent", "Accept-Language", "Authorization"),
    *("Idempotency-Key", "Content-Type"),
)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedHost]:
    with WatchedHost(folder=tmp_path_factory.mktemp("watched-host")) as host:
        yield host


@pytest.fixture(scope="module")
def attacked(watched: WatchedHost) -> Iterator[World]:
    world = World(watched)
    with world.http:
        world.prepare()
        SqliteData(watched.folder).quiet()
        yield world


class Watch:
    """Sends requests, and keeps those that always hold the loop for too long by their own work."""

    def __init__(self, host: WatchedHost) -> None:
        self._host = host
        self.slow: dict[str, float] = {}

    def see(self, what: str, send: Callable[[], httpx.Response]) -> httpx.Response:
        stop, answer = self._host.least_stop(send, lambda seen: seen.work, ALARM_SECONDS)
        assert answer.status_code < 500, f"{what}: {answer.status_code} {answer.text[:500]}"
        if stop > ALARM_SECONDS:
            self.slow[what] = round(stop, 3)
        return answer


@pytest.fixture
def watch(watched: WatchedHost) -> Iterator[Watch]:
    watch = Watch(watched)
    yield watch
    assert watch.slow == {}, "seconds for which the loop stood still"


def each(chosen: Sequence[Operation]) -> pytest.MarkDecorator:
    assert chosen
    return pytest.mark.parametrize("operation", chosen, ids=str)


def texts(schema: Mapping[str, Any] | None, length: int) -> Iterator[str]:
    """Of about this length, what a field with this schema likes best."""
    for unit in UNITS:
        yield unit * (length // len(unit.encode()))
    for pattern in _patterns(schema or {}):
        yield from attacks(pattern, length)


def _patterns(schema: Mapping[str, Any]) -> Iterator[str]:
    if "pattern" in schema:
        yield schema["pattern"]
    for option in schema.get("anyOf", ()):
        yield from _patterns(option)


def fields(operation: Operation, schema: Mapping[str, Any], example: Any) -> Iterator[tuple[str, Any, Any]]:
    """Pointer and schema of each field of a body, and a function that makes the body with another value there."""
    schema = _object(operation, schema)
    for name, part in schema.get("properties", {}).items():
        here = example if isinstance(example, dict) else {}
        yield f"/{name}", part, lambda value, name=name, here=here: {**here, name: value}
        for pointer, inner, make in fields(operation, part, here.get(name)):
            yield f"/{name}{pointer}", inner, lambda value, n=name, h=here, m=make: {**h, n: m(value)}
    if schema.get("type") == "array":
        items = schema["items"]
        yield "/0", items, lambda value: [value]
        first = example[0] if isinstance(example, list) and example else {}
        for pointer, inner, make in fields(operation, items, first):
            yield f"/0{pointer}", inner, lambda value, m=make: [m(value)]


def _object(operation: Operation, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    schema = operation.api.resolved(schema)
    for option in schema.get("anyOf", ()):
        if (found := operation.api.resolved(option)).get("type") in ("object", "array"):
            return found
    return schema


@each([o for o in ALL if o.body is not None])
def test_no_text_in_a_body_holds_the_loop(operation: Operation, attacked: World, watch: Watch) -> None:
    assert operation.body is not None
    room = MIB - len(json.dumps(at_home(operation))) - 100
    for pointer, schema, make in fields(operation, operation.body, at_home(operation)):
        for text in texts(operation.api.resolved(schema), room):
            body = json.dumps(make(text), ensure_ascii=False).encode()[:MIB]
            watch.see(
                f"{pointer} {text[:8]!r}",
                partial(sent, operation, attacked, attacked.token(), attacked.home, body=body),
            )


@each(ALL)
def test_no_parameter_holds_the_loop(operation: Operation, attacked: World, watch: Watch) -> None:
    # Without a token a stream, which does not end, does not begin.
    token = None if operation.path.endswith("/stream") else attacked.token()
    for name, schema, _ in operation.parameters("query"):
        for text in texts(schema, ALLOWED):
            query = query_of(operation, **{name: str(httpx.QueryParams({"a": text}))[2 : ALLOWED + 2]})
            watch.see(
                f"?{name} {text[:8]!r}",
                partial(sent, operation, attacked, token, attacked.home, query=query),
            )
    for name, schema, _ in operation.parameters("path"):
        for text in texts(schema, ALLOWED // 3):
            ids = {name: httpx.URL("http://x/").copy_with(path=f"/{text}").raw_path.decode()[1:ALLOWED]}
            watch.see(f"/{name} {text[:8]!r}", partial(sent, operation, attacked, token, attacked.home, ids=ids))


@each([ALL[0], *[o for o in ALL if o.id in ("import_plan", "amend_incident", "receive_call")]])
def test_no_header_holds_the_loop(operation: Operation, attacked: World, watch: Watch) -> None:
    beginnings = {"Authorization": "Bearer ", "Traceparent": "00-", "Content-Type": "text/csv;", "If-Match": '"1",'}
    for name in HEADERS:
        for unit in ("9", ",", ";", '"', "a;q=1,", "-", "[", ".", ";a=1", '\\"'):
            headers = {name: beginnings.get(name, "") + unit * (60_000 // len(unit))}
            watch.see(
                f"{name} {unit!r}",
                partial(sent, operation, attacked, attacked.token(), attacked.home, headers=headers),
            )


@each([o for o in ALL if o.body is not None])
def test_no_flood_of_faults_holds_the_loop_or_fills_the_answer(
    operation: Operation, attacked: World, watch: Watch
) -> None:
    for what, body in FLOODS.items():
        answer = watch.see(what, partial(sent, operation, attacked, attacked.token(), attacked.home, body=body))
        assert 400 <= answer.status_code < 500, (what, answer.status_code)
        assert len(answer.content) < 64 * 1024, (what, len(answer.content))
        document = answer.json()
        assert len(document.get("errors", ())) <= MOST_FAULTS


@each([o for o in ALL if o.body is not None and o.body.get("additionalProperties") is False])
def test_the_unknown_members_are_counted(operation: Operation, attacked: World) -> None:
    body = dict.fromkeys(names(3000), 1) | at_home(operation)
    document = sent(operation, attacked, attacked.token(), attacked.home, body=body).json()
    assert len(document["errors"]) == MOST_FAULTS
    assert document["error_count"] >= 3000
    assert "50 dari 30" in document["detail"]


@each([o for o in ALL if any(name == "limit" for name, _, _ in o.parameters("query"))][:3])
def test_the_unknown_parameters_are_counted(operation: Operation, attacked: World, watch: Watch) -> None:
    query = "?" + "&".join(f"{name}=1" for name in names(2000))
    answer = watch.see("query", lambda: sent(operation, attacked, attacked.token(), attacked.home, query=query))
    assert (len(answer.json()["errors"]), answer.json()["error_count"]) == (MOST_FAULTS, 2000)


def test_no_table_holds_the_loop_or_fills_the_answer(attacked: World, watch: Watch) -> None:
    (operation,) = (o for o in ALL if o.id == "import_plan")
    for what, body in TABLES.items():
        answer = watch.see(
            what,
            partial(sent, operation, attacked, attacked.token(), attacked.home, body=body, headers={"If-Match": "*"}),
        )
        document = answer.json()
        assert answer.status_code == 422, (what, document)
        assert len(document["errors"]) <= MOST_FAULTS, what
        if what.startswith("rows"):
            assert document["error_count"] >= 5000


def test_of_a_pack_s_faults_the_first_are_named_and_all_counted(attacked: World) -> None:
    (operation,) = (o for o in ALL if o.id == "put_regency")
    parts: list[dict[str, object]] = [
        dict.fromkeys(names(9000), 1),
        {"gazetteer": [{}] * 9000},
        {"agencies": [dict.fromkeys(names(90), 1)] * 100},
    ]
    for part in parts:
        document = sent(operation, attacked, attacked.token(), attacked.home, body=at_home(operation) | part).json()
        assert len(document["errors"]) == MOST_FAULTS
        assert document["error_count"] >= 9000


def test_what_is_said_back_is_short(attacked: World) -> None:
    token, long = attacked.token(), "x" * 10_000
    for path in (
        f"/v1/kpis/{long}",
        f"/v1/calls/{long}",
        f"/v1/calls?{long}=1",
        f"/{long}",
        f"/v1/calls?regency={long}",
    ):
        assert len(attacked.send("GET", path, token).content) < 2000
    assert len(attacked.send("POST", "/v1/auth/token", None, {long: 1}).content) < 2000
