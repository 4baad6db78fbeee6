"""Logs: JSON lines without personal data."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import structlog
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import ResponseValidationError
from httpx import ASGITransport, AsyncClient
from pydantic import BaseModel
from sqlalchemy import bindparam, literal, select
from sqlalchemy.exc import StatementError

from sigap_common.database import CompiledStatement, Database, Unavailable
from sigap_common.messaging.outages import wait_out
from sigap_common.observability import tracing
from sigap_common.observability.logging import AccessLog, configure, get_logger, speaking_for
from sigap_common.personal_data import Sealed

NUMBER = "+628123456789"
CALL = "0192f0c1-7b7a-7c3e-9d7e-1f2a3b4c5d6e"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    target = io.StringIO()
    configure("host", stream=target)
    yield target
    root.handlers[:], root.level = before[0], before[1]
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_text_that_is_no_utf_8_does_not_lose_the_line(stream: io.StringIO) -> None:
    get_logger().info("read", name="a\ud800b", number=Sealed("0812"))
    (line,) = lines(stream)
    assert (line["name"], line["number"]) == ("a\ud800b", "***")


def test_a_line_says_when_who_what_and_in_which_trace(stream: io.StringIO) -> None:
    with (
        tracing.continue_from("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        speaking_for("intake"),
    ):
        get_logger().info("call received", call_id=UUID(CALL), number=Sealed("0812"), nested={"n": Sealed("0812")})
    get_logger().debug("not shown")
    (line,) = lines(stream)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "event": "call received",
        "service": "intake",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "call_id": CALL,
        "number": "***",
        "nested": {"n": "***"},
    }


def test_the_standard_library_speaks_the_same_way(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").warning("started on %s", 8112)
    logging.getLogger("uvicorn.access").info("GET /v1/calls?number=0812")
    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"], line["service"]) == (
        "started on 8112",
        "warning",
        "uvicorn.error",
        "host",
    )


def test_a_traceback_does_not_quote_what_was_sent(stream: io.StringIO) -> None:
    class Body(BaseModel):
        count: int

    def by_pydantic() -> None:
        Body.model_validate({"count": f"call {NUMBER}"})

    def by_fastapi() -> None:
        raise ResponseValidationError([{"type": "int_parsing", "loc": ("count",), "input": NUMBER}])

    def by_sqlalchemy() -> None:
        raise StatementError("too long", "INSERT ...", (NUMBER,), ValueError())

    for fail in (by_pydantic, by_fastapi, by_sqlalchemy):
        try:
            fail()
        except Exception:
            logging.getLogger("x").exception("went wrong")
            get_logger().exception("went wrong")
    assert len(lines(stream)) == 6
    for line in lines(stream):
        assert "Error: " in line["exception"] or "ValidationError" in line["exception"]
        assert NUMBER not in json.dumps(line)


async def test_a_request_is_one_line_without_path_or_query(stream: io.StringIO) -> None:
    app, router = FastAPI(), APIRouter(prefix="/v1")

    @router.get("/callers/{number}/calls/{call_id}")
    async def read(number: str, call_id: str) -> str:
        return "ok"

    @router.get("/broken")
    async def broken() -> str:
        raise RuntimeError

    app.include_router(router)
    app.add_middleware(AccessLog, service="intake")
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        await client.get(f"/v1/callers/+628123456789/calls/{CALL}?name=Siti")
        await client.get("/v1/nowhere/+628123456789")
        await client.get("/healthz")
        await client.get("/v1/broken")
    seen = lines(stream)
    assert [(line["route"], line["status"], line["service"]) for line in seen] == [
        ("/v1/callers/{number}/calls/{call_id}", 200, "intake"),
        ("-", 404, "intake"),
        ("/v1/broken", 500, "intake"),
    ]
    assert seen[0]["call_id"] == CALL
    assert seen[0]["ms"] >= 0
    assert not any(text in stream.getvalue() for text in ("8123456789", "Siti"))


def test_what_a_line_of_the_standard_library_brings_along_is_in_it(stream: io.StringIO) -> None:
    logging.getLogger("sigap_common.messaging.outbox").warning(
        "relay waits", extra={"reason": "no broker", "number": NUMBER}
    )
    (line,) = lines(stream)
    assert (line["event"], line["reason"]) == ("relay waits", "no broker")
    assert NUMBER not in stream.getvalue()


def test_what_the_kafka_client_says_at_each_try_is_written_once_in_a_while(stream: io.StringIO) -> None:
    client, ours = logging.getLogger("aiokafka"), logging.getLogger("sigap_common.bus")
    for node in range(100):
        client.error("Unable connect to node with id %s", node)
        ours.error("each of ours counts")
    client.error("something else")
    said = [line["event"] for line in lines(stream)]
    assert said.count("each of ours counts") == 100
    assert [event for event in said if event != "each of ours counts"] == [
        "Unable connect to node with id 0",
        "something else",
    ]


async def test_a_worker_that_waits_says_so_once_in_a_while(stream: io.StringIO) -> None:
    relay = logging.getLogger("sigap_common.messaging.outbox")
    for _ in range(20):
        await wait_out(relay, "relay waits", Unavailable("the database is starting up"), seconds=0)
    (said,) = lines(stream)
    assert (said["event"], said["reason"]) == ("relay waits", "the database is starting up")
    assert "seldom" not in said


async def test_debug_lines_of_libraries_show_no_parameters_and_no_tokens(tmp_path: Path) -> None:
    root, target = logging.getLogger(), io.StringIO()
    before = (root.handlers[:], root.level)
    configure("host", "DEBUG", stream=target)
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite3'}")
    try:
        async with database.read() as connection:
            await connection.execute(select(literal(NUMBER)))
            await CompiledStatement(select(bindparam("number"))).rows(connection, {"number": NUMBER})
        logging.getLogger("httpcore.http11").debug("send_request_headers.started authorization %s", NUMBER)
        logging.getLogger("sigap_intake.use_cases").debug("our own detail")
    finally:
        await database.close()
        root.handlers[:], _ = before
        root.setLevel(before[1])
        structlog.reset_defaults()
    assert NUMBER not in target.getvalue()
    assert "our own detail" in target.getvalue()
