"""Texts that no database takes, in every place of every operation: NUL, which PostgreSQL refuses, and lone halves of a
sign, which no driver encodes. A refusal each, and never a 500.

What is refused before any database is asked is tried on SQLite alone.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from sigap_common.http.problems import MEDIA_TYPE
from sigap_testing.operations import EVENTS, Operation, operations

from .probes import headers_of, path_of, query_of, sent
from .stored import ON_SQLITE, Stores
from .world import HOME, World, at_home, names_in

ODD = ("a\x00b", "a\ud800b", "\x00")
ODD_IN_AN_ADDRESS = ("%00", "a%00b", "%ED%A0%80", "%FF")
FORGIVING = "x-optional-fields-are-never-refused"

ALL = operations()
SIGNED = {"knock_on_drill_door", "hear_exchange"}
"""Their bodies have the form of who signs them; odd ones of exchanges are in intake's own tests."""
WITH_BODY = [o for o in ALL if o.body is not None and o.id not in SIGNED and FORGIVING not in o.body]
LISTENING = {o.id for o in ALL if EVENTS in o.spec["responses"].get("200", {}).get("content", {})}


def each(chosen: Sequence[Operation]) -> pytest.MarkDecorator:
    assert chosen
    return pytest.mark.parametrize("operation", chosen, ids=str)


def spoilt(value: Any, odd: str, at: str = "#") -> Iterator[tuple[str, Any]]:
    """The value with one of its texts, or one name of its members, made odd; and where."""
    if isinstance(value, str):
        yield at, odd
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from (
                (where, [*value[:n], other, *value[n + 1 :]]) for where, other in spoilt(inner, odd, f"{at}/{n}")
            )
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from ((where, {**value, name: other}) for where, other in spoilt(inner, odd, f"{at}/{name}"))
            yield f"{at}/{name}'s name", {(odd if key == name else key): part for key, part in value.items()}
    else:
        yield at, odd


def whole(operation: Operation) -> Any:
    """The operation's example, and of each field that it leaves out a text where there could be one."""
    body, schema = at_home(operation), operation.body or {}
    if not isinstance(body, dict):
        return body
    parts = {name: operation.api.resolved(part) for name, part in schema.get("properties", {}).items()}
    free = {name for name, part in parts.items() if part.get("type") == "object" and "properties" not in part}
    left_out: dict[str, Any] = {name: {"a": ["b", {"c": "d"}]} if name in free else "" for name in parts}
    return left_out | {name: value for name, value in body.items() if value or name not in free}


def is_a_refusal(answer: httpx.Response, *statuses: int) -> None:
    assert answer.status_code in statuses, f"{answer.status_code} {answer.text[:300]}"
    assert answer.headers["content-type"] == MEDIA_TYPE


@ON_SQLITE
@each(WITH_BODY)
@pytest.mark.usefixtures("nothing_changed")
def test_an_odd_text_anywhere_in_a_body_is_422(operation: Operation, world: World) -> None:
    for odd in ODD:
        for where, body in spoilt(whole(operation), odd):
            answer = sent(operation, world, world.token(), world.home, body=body)
            assert answer.status_code == 422, f"{where}: {answer.status_code} {answer.text[:300]}"
            assert answer.headers["content-type"] == MEDIA_TYPE


@ON_SQLITE
@each([o for o in ALL if o.id not in LISTENING])
@pytest.mark.usefixtures("nothing_changed")
def test_an_odd_text_in_a_query_is_422(operation: Operation, world: World) -> None:
    for odd in ODD_IN_AN_ADDRESS:
        for name, _, _ in operation.parameters("query"):
            changed = {"query": query_of(operation, **{name: odd})}
            is_a_refusal(sent(operation, world, world.token(), world.home, **changed), 422)
        unknown = sent(operation, world, world.token(), world.home, query=query_of(operation, **{f"x{odd}": "1"}))
        assert unknown.status_code in (400, 401, 422), unknown.text[:300]


@each([o for o in ALL if names_in(o.path)])
@pytest.mark.usefixtures("nothing_changed")
def test_an_odd_text_in_a_path_is_refused(operation: Operation, world: World) -> None:
    for odd in ODD_IN_AN_ADDRESS:
        for name in names_in(operation.path):
            answer = sent(operation, world, world.token(), world.home, ids={name: odd})
            is_a_refusal(answer, 404, 422, *([401] if operation.roles is None else []))


@ON_SQLITE
@each([o for o in ALL if o.roles is not None and o.id not in LISTENING])
@pytest.mark.usefixtures("nothing_changed")
def test_odd_claims_of_a_signed_token_are_401_and_name_nobody(operation: Operation, world: World) -> None:
    for odd in ODD:
        for token in (world.token(subject=odd), world.token(agency=f"{HOME}/{odd}")):
            is_a_refusal(sent(operation, world, token, world.home), 401)


@each([o for o in ALL if o.roles is not None and o.method == "GET" and o.id not in LISTENING])
def test_an_odd_regency_of_a_signed_token_is_none(operation: Operation, world: World) -> None:
    for odd in ODD:
        answer = sent(operation, world, world.token(regencies=[odd]), world.home)
        assert answer.status_code < 500, answer.text[:300]


@each([o for o in ALL if o.roles is not None and o.body is not None])
@pytest.mark.usefixtures("nothing_changed")
def test_an_odd_header_is_400_or_as_if_it_were_not_there(operation: Operation, world: World) -> None:
    for value in (b"a\xff", b"\xed\xa0\x80", b"\xc2\x80", b"k" * 256):
        for name in ("Idempotency-Key", "If-Match", "If-None-Match", "Last-Event-ID"):
            usual = {"Content-Type": "application/json", "Idempotency-Key": "odd-headers", **headers_of(operation)}
            usual["Authorization"] = f"Bearer {world.token()}"
            headers = {key.encode(): known.encode() for key, known in usual.items()} | {name.encode(): value}
            path = path_of(operation, world.home.ids) + query_of(operation)
            answer = world.http.request(operation.method, path, content=b"{", headers=headers)
            assert 400 <= answer.status_code < 500, f"{name}: {value!r}: {answer.status_code} {answer.text[:300]}"


@each([o for o in ALL if o.body is not None and FORGIVING in o.body])
def test_an_odd_optional_field_of_a_call_is_left_out(operation: Operation, world: World, stores: Stores) -> None:
    """The whole of it is in intake's tests; here on a running host, with its event on the way."""
    assert operation.body is not None
    required = set(operation.body["required"])
    for odd in ODD:
        for where, body in spoilt(whole(operation), odd):
            if where.endswith("'s name") and where.count("/") == 1:
                continue  # a field that there is not is refused if a person sends it
            waiting = world.post("receive_call", {"regency": HOME, "channel": "telephone"})["id"]
            answer = sent(operation, world, world.token(), world.home, body=body, ids={"call_id": waiting})
            # 200: the call ended, or it is the one that the example's exchange_id names already.
            expected = {422} if where.removeprefix("#/") in required else {200, 201}
            assert answer.status_code in expected, f"{where}: {answer.status_code} {answer.text[:300]}"
            read = world.send("GET", f"/v1/calls/{waiting}", world.token())
            assert read.status_code == 200, read.text[:300]
    stores.quiet()  # the next test sees none of these calls' events on their way


@ON_SQLITE
@pytest.mark.usefixtures("nothing_changed")
def test_an_odd_text_in_a_table_is_422(world: World) -> None:
    (operation,) = [o for o in ALL if o.id == "import_plan"]
    for row in (b"OP-07\x00,2099-03-01,malam", b"OP-07,2099-03-01,ma\x00lam", b"OP-07,\x00,malam", b"\xed\xa0\x80,x,y"):
        answer = sent(operation, world, world.token(), world.home, body=b"staff_number,day,shift\n" + row + b"\n")
        is_a_refusal(answer, 400, 409, 422)


def test_json_has_its_odd_texts_as_escapes() -> None:
    """What the tests above send: a lone half of a sign cannot be written otherwise."""
    assert json.dumps(ODD[1]) == '"a\\ud800b"'
    assert quote("\x00") == "%00"
