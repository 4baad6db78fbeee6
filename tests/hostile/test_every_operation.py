"""Every operation of the API, asked wrongly in every way: a problem document each, never a 500, nothing changed.

What is refused before a database is asked runs on SQLite alone.
"""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from sigap_common.auth import Role
from sigap_common.http.problems import MEDIA_TYPE
from sigap_testing.operations import Operation, operations

from .probes import names_a_regency, path_of, query_of, sent, wrong_bodies, wrong_parameters
from .stored import ON_SQLITE
from .transitions import RACES, TRANSITIONS
from .world import FOREIGN, HOME, NOWHERE, World, at_home, names_in

MIB = 1024 * 1024
LIMITS = {"put_regency": 8 * MIB}
NEVER_POSTED = {"sign_in_with_password", "demo_token", "renew_token", "knock_on_drill_door"}
"""They take no key: three are guarded otherwise than by a bearer token, and one answers with a token alone."""

ALL = operations()
GUARDED = [operation for operation in ALL if operation.roles is not None]
pytestmark = pytest.mark.usefixtures("nothing_changed")


def each(chosen: list[Operation]) -> pytest.MarkDecorator:
    assert chosen
    return pytest.mark.parametrize("operation", chosen, ids=str)


def refused(answer: httpx.Response, *statuses: int, slug: str | None = None) -> dict[str, Any]:
    """The problem document, which must be one. RFC 9457, in Indonesian."""
    assert answer.status_code in statuses, f"{answer.status_code} {answer.text[:500]}"
    assert answer.headers["content-type"] == MEDIA_TYPE
    document: dict[str, Any] = answer.json()
    assert document["status"] == answer.status_code
    assert document["type"].startswith("/problems/")
    assert document["title"]
    assert document["detail"]
    assert len(document["trace_id"]) == 32
    assert answer.headers["content-language"] == "id"
    if slug is not None:
        assert document["type"] == f"/problems/{slug}"
    return document


def faults(document: dict[str, Any]) -> set[str]:
    """Pointers and parameters that are named as wrong."""
    assert document["errors"]
    assert all(error["detail"] for error in document["errors"])
    return {error.get("pointer", error.get("parameter", "")) for error in document["errors"]}


@ON_SQLITE
@each([o for o in GUARDED if o.body is not None])
def test_malformed_json_is_400(operation: Operation, world: World) -> None:
    for body in (b'{"regency": ', b"\xff\xfe", b"{'a': 1}"):
        refused(sent(operation, world, world.token(), world.home, body=body), 400, slug="malformed-json")


@ON_SQLITE
@each([o for o in ALL if o.body is not None and o.id != "knock_on_drill_door"])
def test_a_wrong_body_is_422_and_says_where(operation: Operation, world: World) -> None:
    for pointer, body in wrong_bodies(operation):
        named = faults(refused(sent(operation, world, world.token(), world.home, body=body), 422))
        assert any(one == pointer or one.startswith(f"{pointer}/") for one in named), (pointer, body, named)


@ON_SQLITE
@each([o for o in GUARDED if list(wrong_parameters(o))])
def test_a_wrong_parameter_is_422_and_is_named(operation: Operation, world: World) -> None:
    for name, where, change in wrong_parameters(operation):
        document = refused(sent(operation, world, world.token(), world.home, **change), 422)
        assert {(error["parameter"], error["in"]) for error in document["errors"]} == {(name, where)}


@ON_SQLITE
@each([o for o in ALL if o.id not in NEVER_POSTED])
def test_a_parameter_that_is_not_known_is_422_and_told_those_that_are(operation: Operation, world: World) -> None:
    answer = sent(operation, world, world.token(), world.home, query=query_of(operation, regensi=HOME))
    (error,) = refused(answer, 422, slug="invalid-request")["errors"]
    assert (error["parameter"], error["in"], error["code"]) == ("regensi", "query", "parameter_unknown")
    known = [name for name, _, _ in operation.parameters("query")]
    assert error["detail"].endswith(f"Yang dikenal: {', '.join(known) or 'tidak ada'}.")


@each([o for o in GUARDED if any(name == "cursor" for name, _, _ in o.parameters("query"))])
def test_a_cursor_from_nowhere_is_422(operation: Operation, world: World) -> None:
    for cursor in ("AAAA", "e30=", "W10=", "9" * 300):
        answer = sent(operation, world, world.token(), world.home, query=query_of(operation, cursor=cursor))
        assert faults(refused(answer, 422)) == {"cursor"}


@each([o for o in GUARDED if names_a_regency(o)])
def test_a_foreign_regency_is_403(operation: Operation, world: World) -> None:
    token = world.token(regencies=[HOME])
    refused(_about(operation, world, token, FOREIGN), 403, slug="regency-forbidden")


@each([o for o in GUARDED if names_a_regency(o) and o.id != "put_regency"])
def test_a_regency_that_is_not_there_is_404(operation: Operation, world: World) -> None:
    refused(_about(operation, world, world.token(), NOWHERE), 404, slug="not-found")


def _about(operation: Operation, world: World, token: str, regency: str) -> httpx.Response:
    where = names_a_regency(operation)
    if where == "path":
        path = operation.path.format(code=regency)
        return world.send(operation.method, path, token, at_home(operation, regency))
    changed: dict[str, Any] = {"body": {**at_home(operation), "regency": regency}} if where == "body" else {}
    if where == "query":
        changed["query"] = query_of(operation, regency=regency)
    return sent(operation, world, token, world.home, **changed)


@ON_SQLITE
@each(GUARDED)
def test_without_a_good_token_it_is_401(operation: Operation, world: World) -> None:
    good = world.token()
    tokens = {
        "none": None,
        "no token": "nonsense",
        "expired": world.token(lifetime=timedelta(minutes=-10)),
        "forged": world.token(forged=True),
        "cut": good[:-4],
        "unsigned": f"eyJhbGciOiJub25lIn0.{good.split('.')[1]}.",
    }
    for token in tokens.values():
        answer = sent(operation, world, token, world.home)
        refused(answer, 401, slug="not-authenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer")


@each([o for o in ALL if any(name == "ticket" for name, _, _ in o.parameters("query"))])
def test_a_stream_s_ticket_that_nobody_issued_is_401(operation: Operation, world: World) -> None:
    refused(sent(operation, world, None, world.home, query="?ticket=nonsense"), 401, slug="not-authenticated")


@ON_SQLITE
@each([o for o in GUARDED if o.roles])
def test_with_another_role_it_is_403(operation: Operation, world: World) -> None:
    assert operation.roles is not None
    others = sorted(set(Role) - operation.roles)
    assert others
    token = world.token(others)
    document = refused(sent(operation, world, token, world.home), 403, slug="role-missing")
    assert set(document["roles"]) == set(operation.roles)


@ON_SQLITE
@each([o for o in ALL if o.writes])
def test_a_body_above_the_limit_is_413(operation: Operation, world: World) -> None:
    limit = LIMITS.get(operation.id, MIB)
    body = b'"' + b"a" * limit + b'"'
    refused(sent(operation, world, world.token(), world.home, body=body), 413, slug="too-large")


@ON_SQLITE
@each([o for o in ALL if o.body is not None])
def test_a_body_that_hides_its_length_is_413_too(operation: Operation, world: World) -> None:
    parts = [b'"', *[b"a" * 65_536] * (LIMITS.get(operation.id, MIB) // 65_536), b'"']
    headers = {"Authorization": f"Bearer {world.token()}", "Content-Type": "application/json"}
    headers |= {"Idempotency-Key": uuid4().hex, "If-Match": '"1"'}
    path = path_of(operation, world.home.ids) + query_of(operation)
    answer = world.http.request(operation.method, path, content=iter(parts), headers=headers)
    refused(answer, 413, slug="too-large")


@each([o for o in GUARDED if names_in(o.path) and o.id != "put_regency"])
def test_an_id_that_is_not_there_is_404(operation: Operation, world: World) -> None:
    for name in names_in(operation.path):
        changed = {name: NOWHERE if name == "code" else str(uuid4())}
        refused(sent(operation, world, world.token(), world.home, ids=changed), 404, slug="not-found")


@each([o for o in GUARDED if names_in(o.path) and "{code}" not in o.path])
def test_a_thing_of_a_foreign_regency_is_as_if_it_were_not_there(operation: Operation, world: World) -> None:
    token = world.token(regencies=[HOME])
    refused(sent(operation, world, token, world.foreign), 404, slug="not-found")


@each([o for o in ALL if "409" in o.spec["responses"] and o.id not in RACES])
def test_what_is_impossible_now_is_409_and_says_the_state(operation: Operation, world: World) -> None:
    told = "transitions.py: TRANSITIONS says how to ask for what the state forbids; RACES, that no state forbids it"
    assert operation.id in TRANSITIONS, told
    attempt = TRANSITIONS[operation.id](world)
    path = operation.path.format(**world.home.ids | attempt.ids)
    headers = {"If-Match": world.tag(attempt.tagged)} if attempt.tagged else {}
    token = world.token(agency=attempt.agency, subject="somebody else")
    answer = world.send(operation.method, path, token, attempt.body, **headers)
    document = refused(answer, 409)
    if attempt.state is not None:
        assert (document["type"], document["state"]) == ("/problems/not-allowed-in-state", attempt.state)


@each([o for o in GUARDED if o.method == "POST" and "dead-letters" not in o.path and o.id not in NEVER_POSTED])
def test_a_key_used_again_with_another_body_is_422(operation: Operation, world: World) -> None:
    assert operation.id in world.posted, "world.py: `prepare` does not post it once with success"
    posted = world.posted[operation.id]
    other = b"something else" if isinstance(posted.body, bytes) else {**(posted.body or {}), "surprise": 1}
    for _ in range(2):
        answer = world.send("POST", posted.path, world.token(), other, key=posted.key)
        refused(answer, 422, slug="idempotency-key-reused")


@ON_SQLITE
@each([o for o in GUARDED if o.creates])
def test_what_creates_demands_a_key(operation: Operation, world: World) -> None:
    headers = {"Authorization": f"Bearer {world.token()}"}
    path = operation.path.format(**world.home.ids)
    refused(world.http.post(path, json=at_home(operation), headers=headers), 400, slug="idempotency-key-missing")


@ON_SQLITE
@each(GUARDED)
def test_a_problem_speaks_the_reader_s_language(operation: Operation, world: World) -> None:
    told = {}
    for wanted, spoken in (("", "id"), ("en", "en"), ("en-GB;q=0.8, id;q=0.5", "en"), ("fr", "id")):
        answer = sent(operation, world, None, world.home, headers={"Accept-Language": wanted} if wanted else {})
        assert answer.headers["content-language"] == spoken
        told[spoken] = (answer.json()["title"], answer.json()["detail"])
    assert told["id"][0] != told["en"][0]
    assert told["id"][1] != told["en"][1]


@ON_SQLITE
@each([o for o in ALL if o.id == "put_regency"])
def test_a_wrong_pack_is_refused_whole_with_every_error_and_its_place(operation: Operation, world: World) -> None:
    wrong = {"code": HOME, "name": "", "time_zone": "Asia/Nowhere", "surprise": 1, "agencies": [{"code": "A B"}]}
    document = refused(world.send("PUT", f"/v1/regencies/{HOME}", world.token(), wrong), 422, slug="pack-invalid")
    named = faults(document)
    assert {"#/name", "#/time_zone", "#/surprise", "#/agencies/0/code", "#/agencies/0/name"} <= named
