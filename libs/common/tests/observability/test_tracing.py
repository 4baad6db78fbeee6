"""One trace from the request through the event to the webhook."""

import pytest
from httpx import ASGITransport, AsyncClient
from starlette.types import Receive, Scope, Send

from sigap_common.observability import tracing
from sigap_common.observability.tracing import TraceMiddleware, continue_from, parse, span

GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    body = (tracing.current() or "none").encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


async def asked(path: str = "/v1/calls", **headers: str) -> str:
    async with AsyncClient(transport=ASGITransport(TraceMiddleware(echo)), base_url="http://test") as client:
        return (await client.get(path, headers=headers)).text


async def test_a_request_continues_the_trace_it_came_with() -> None:
    seen = parse(await asked(traceparent=GIVEN))
    assert seen is not None
    assert seen.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert seen.span_id != "00f067aa0ba902b7"
    assert tracing.current() is None


async def test_a_request_without_one_begins_its_own() -> None:
    first, second = await asked(), await asked(traceparent="nonsense")
    assert parse(first)
    assert parse(second)
    assert first[:35] != second[:35]


async def test_probes_are_not_traced() -> None:
    assert await asked("/healthz") == "none"


@pytest.mark.parametrize(
    "malformed",
    [
        None,
        "",
        GIVEN.upper(),
        GIVEN[:-1],
        GIVEN + "-more",
        "ff" + GIVEN[2:],
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-" + "0" * 16 + "-01",
    ],
)
def test_a_malformed_traceparent_is_ignored(malformed: str | None) -> None:
    assert parse(malformed) is None


def test_a_later_version_is_understood_as_far_as_it_goes() -> None:
    later = parse("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-what-comes")
    assert later is not None
    assert not later.sampled


def test_an_event_handler_continues_where_the_request_was() -> None:
    with continue_from(GIVEN):
        handled = tracing.current()
        assert tracing.trace_id() == "4bf92f3577b34da6a3ce929d0e0e4736"
        with span("webhook", "client", endpoint="e1"):
            inner = tracing.context()
        assert tracing.current() == handled
        assert inner is not None
        assert inner.trace_id == tracing.trace_id()
        assert inner.traceparent != handled
    assert tracing.current() is None
    with continue_from(None):
        assert tracing.current() is not None


async def test_spans_reach_the_exporter_under_the_same_trace() -> None:
    pytest.importorskip("opentelemetry.sdk", reason="the extra otel is not installed")
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    end = tracing.export_to(exporter, "test")
    try:
        answered = parse(await asked("/v1/calls?number=0812", traceparent=GIVEN))
        with continue_from(GIVEN), span("publish", "producer", topic="sigap.calls"):
            pass
    finally:
        end()
    server, producer = exporter.get_finished_spans()
    assert answered is not None
    assert server.context is not None
    assert server.parent is not None
    assert f"{server.context.trace_id:032x}" == "4bf92f3577b34da6a3ce929d0e0e4736" == answered.trace_id
    assert f"{server.context.span_id:016x}" == answered.span_id
    assert f"{server.parent.span_id:016x}" == "00f067aa0ba902b7"
    assert "0812" not in server.to_json()
    assert (producer.name, dict(producer.attributes or {})) == ("publish", {"topic": "sigap.calls"})
    with span("later"):
        assert tracing.current() is not None
