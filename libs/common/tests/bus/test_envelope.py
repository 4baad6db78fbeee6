"""CloudEvents 1.0 in Kafka's binary mode."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_common.bus.envelope import Envelope, MalformedEnvelope

WIB = timezone(timedelta(hours=7))
CALL = Envelope(
    id=UUID("018dc0a7-5b1c-7000-8000-000000000001"),
    source="intake",
    type="sigap.CallReceived.v1",
    subject="018dc0a7-5b1c-7000-8000-000000000002",
    time=datetime(2024, 2, 19, 3, 23, 0, 120, tzinfo=UTC),
    regency="17.71",
    sequence=1,
    correlationid=UUID("018dc0a7-5b1c-7000-8000-000000000003"),
    partitionkey="018dc0a7-5b1c-7000-8000-000000000002",
)


def test_it_is_written_as_the_binding_says() -> None:
    assert dict(CALL.headers()) == {
        "ce_specversion": b"1.0",
        "ce_id": b"018dc0a7-5b1c-7000-8000-000000000001",
        "ce_source": b"intake",
        "ce_type": b"sigap.CallReceived.v1",
        "ce_subject": b"018dc0a7-5b1c-7000-8000-000000000002",
        "ce_time": b"2024-02-19T03:23:00.000120Z",
        "ce_regency": b"17.71",
        "ce_sequence": b"1",
        "ce_correlationid": b"018dc0a7-5b1c-7000-8000-000000000003",
        "ce_partitionkey": b"018dc0a7-5b1c-7000-8000-000000000002",
        "ce_drill": b"false",
        "content-type": b"application/json",
    }


text = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1)


@given(
    st.builds(
        Envelope,
        id=st.uuids(),
        source=text,
        type=text,
        subject=text,
        time=st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.sampled_from([UTC, WIB])),  # noqa: DTZ001
        regency=text,
        sequence=st.integers(0, 10**15),
        correlationid=st.uuids(),
        causationid=st.none() | st.uuids(),
        traceparent=st.none() | text,
        partitionkey=st.just("") | text,
        drill=st.booleans(),
        order=st.just("") | text,
    )
)
def test_what_is_written_is_read_back_exactly(envelope: Envelope) -> None:
    read = Envelope.from_headers(envelope.headers())
    assert read == envelope
    assert read.time.tzinfo is UTC


def test_what_it_does_not_know_is_passed_over() -> None:
    assert Envelope.from_headers([*CALL.headers(), ("ce_novelty", b"\xff"), ("x", b"y")]) == CALL


@pytest.mark.parametrize("header", [name for name, _ in CALL.headers() if name not in ("ce_drill", "ce_partitionkey")])
@pytest.mark.parametrize("value", [None, b"", b"\xff"])
def test_a_header_missing_empty_or_no_text_is_named(header: str, value: bytes | None) -> None:
    headers = [(name, content) for name, content in CALL.headers() if name != header]
    with pytest.raises(MalformedEnvelope, match=f"^{header}: ") as caught:
        Envelope.from_headers(headers if value is None else [*headers, (header, value)])
    assert caught.value.header == header


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("ce_specversion", "0.3"),
        ("ce_id", "{018dc0a7-5b1c-7000-8000-000000000001}"),
        ("ce_id", "018dc0a75b1c70008000000000000001"),
        ("ce_correlationid", "urn:uuid:018dc0a7-5b1c-7000-8000-000000000001"),
        ("ce_causationid", ""),
        ("ce_time", "2024-02-19T03:23:00"),
        ("ce_time", "2024-02-19 03:23:00Z"),
        ("ce_time", "2024-02-30T03:23:00Z"),
        ("ce_time", "0001-01-01T00:00:00+07:00"),
        ("ce_time", "2024-W08-1T03:23:00Z"),
        ("ce_sequence", "-1"),
        ("ce_sequence", "1_0"),
        ("ce_sequence", "1.0"),
        ("ce_sequence", "٣"),
        ("ce_drill", "True"),
        ("ce_drill", ""),
        ("content-type", "application/cloudevents+json"),
        ("content-type", "text/plain"),
    ],
)
def test_a_wrong_value_is_named(header: str, value: str) -> None:
    headers = [(name, content) for name, content in CALL.headers() if name != header]
    with pytest.raises(MalformedEnvelope) as caught:
        Envelope.from_headers([*headers, (header, value.encode())])
    assert caught.value.header == header


def test_a_header_given_twice_is_refused() -> None:
    with pytest.raises(MalformedEnvelope, match="ce_id: given twice"):
        Envelope.from_headers([*CALL.headers(), ("ce_id", b"018dc0a7-5b1c-7000-8000-000000000009")])


def test_a_charset_is_no_other_media_type_and_an_offset_is_read_as_utc() -> None:
    headers = dict(CALL.headers())
    headers["content-type"] = b"application/json; charset=utf-8"
    headers["ce_time"] = b"2024-02-19T10:23:00.000120+07:00"
    assert Envelope.from_headers(headers.items()) == CALL


def test_a_time_without_an_offset_is_not_written() -> None:
    with pytest.raises(ValueError, match="without an offset"):
        replace(CALL, time=datetime(2024, 2, 19)).headers()  # noqa: DTZ001
