"""Personal data: sealed wherever it is kept or carried, clear only in memory."""

import copy
import json
import stat
from base64 import b64encode, urlsafe_b64decode
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError

from sigap_common.personal_data import CannotOpen, InvalidKeyRing, KeyRing, Opaque, SealContext, Sealed
from sigap_intake.domain.phone_numbers import normalise

OLD, NEW = b64encode(b"o" * 32).decode(), b64encode(b"n" * 32).decode()


class Place(BaseModel):
    address: Sealed


class CallReceived(BaseModel):
    number: Sealed | None = None
    names: list[Sealed] = []
    place: Place | None = None


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing.parse(f"k2:{NEW},k1:{OLD}")


def context(ring: KeyRing | None, aggregate: str = "call-1") -> dict[str, SealContext]:
    return {"seal": SealContext(ring, aggregate)}


def test_what_is_sealed_opens_in_its_own_context_only(ring: KeyRing) -> None:
    token = ring.seal("+628123456789", "number/call-1")
    assert token.startswith("s1.k2.")
    assert "628123456789" not in token
    assert ring.open(token, "number/call-1") == "+628123456789"
    for other in ("number/call-2", "caller_name/call-1"):
        with pytest.raises(CannotOpen):
            ring.open(token, other)


def test_a_tampered_or_foreign_token_does_not_open(ring: KeyRing) -> None:
    token = ring.seal("x" * 40, "number/call-1")
    swapped = "A" if token[20] != "A" else "B"
    stranger = KeyRing.parse(f"k2:{OLD}")
    for broken in (
        token[:20] + swapped + token[21:],
        token[:-20],
        "s1.k9." + token[6:],
        "",
        "é",
        "s1.k2.é" * 9,
    ):
        with pytest.raises(CannotOpen):
            ring.open(broken, "number/call-1")
    with pytest.raises(CannotOpen):
        stranger.open(token, "number/call-1")


def test_rotating_keys_opens_old_tokens_and_keeps_every_lookup(ring: KeyRing) -> None:
    before = KeyRing.parse(f"k1:{OLD}")
    token = before.seal("+628123456789", "number/call-1")
    assert ring.open(token, "number/call-1") == "+628123456789"
    assert ring.lookup("+628123456789") == before.lookup("+628123456789")
    without_the_oldest = KeyRing.parse(f"k2:{NEW},lookup:{OLD}")
    assert without_the_oldest.lookup("+628123456789") == before.lookup("+628123456789")
    assert without_the_oldest.seal("x", "a/b").startswith("s1.k2.")
    assert ring.lookup("+628123456780") != ring.lookup("+628123456789")
    assert "8123456789" not in ring.lookup("+628123456789")


def test_a_key_for_others_is_of_one_purpose_and_stays_when_keys_rotate(ring: KeyRing) -> None:
    given = ring.key_for("texts kept for ani")
    assert len(urlsafe_b64decode(f"{given}=")) == 32
    assert given == KeyRing.parse(f"k1:{OLD}").key_for("texts kept for ani")
    assert given not in (ring.key_for("texts kept for budi"), ring.lookup("texts kept for ani"))


def test_bytes_are_sealed_as_texts_are(ring: KeyRing) -> None:
    sealed = ring.seal_bytes(b'{"number": "0812"}', "answer/key-1")
    assert b"0812" not in sealed
    assert ring.open_bytes(sealed, "answer/key-1") == b'{"number": "0812"}'
    for broken, where in (
        (sealed, "answer/key-2"),
        (sealed[:-1], "answer/key-1"),
        (b"", "answer/key-1"),
        (b"\x01\xff", "x"),
    ):
        with pytest.raises(CannotOpen):
            ring.open_bytes(broken, where)


@pytest.mark.parametrize(
    "text", ["", "k1", "k1:", "k1:eA==", f"k1:{OLD},k1:{NEW}", f"lookup:{OLD}", f"a b:{OLD}", "k1:nö"]
)
def test_an_unusable_ring_is_refused_without_showing_a_key(text: str) -> None:
    with pytest.raises(InvalidKeyRing) as refused:
        KeyRing.parse(text)
    assert OLD not in str(refused.value)


def test_a_key_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "ring"
    token = KeyRing.load_or_create(path).seal("x", "a/b")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert KeyRing.load_or_create(path).open(token, "a/b") == "x"
    assert [entry.name for entry in path.parent.iterdir()] == ["ring"]


def test_an_event_is_sealed_by_field_and_aggregate_nested_models_included(ring: KeyRing) -> None:
    event = CallReceived(
        number=Sealed("+628123456789"), names=[Sealed("Siti")], place=Place(address=Sealed("Jalan Merdeka 1"))
    )
    written = event.model_dump_json(context=context(ring))
    assert not any(clear in written for clear in ("8123", "Siti", "Merdeka"))
    read = json.loads(written)
    assert ring.open(read["number"], "number/call-1") == "+628123456789"
    assert ring.open(read["names"][0], "names/call-1") == "Siti"
    assert ring.open(read["place"]["address"], "address/call-1") == "Jalan Merdeka 1"
    assert CallReceived.model_validate_json(written, context=context(ring)) == event
    assert event.model_dump(context=context(ring))["number"].startswith("s1.")


def test_an_event_of_another_aggregate_or_in_clear_is_refused(ring: KeyRing) -> None:
    written = CallReceived(number=Sealed("+628123456789")).model_dump_json(context=context(ring))
    for data, where in (
        (written, "call-2"),
        ('{"number": "+628123456789"}', "call-1"),
        ('{"number": 5}', "call-1"),
    ):
        with pytest.raises(ValidationError):
            CallReceived.model_validate_json(data, context=context(ring, where))


def test_a_service_without_a_key_passes_tokens_on_unread(ring: KeyRing) -> None:
    written = CallReceived(number=Sealed("+628123456789")).model_dump_json(context=context(ring))
    for keyless in (context(None), None):
        event = CallReceived.model_validate_json(written, context=keyless)
        assert event.number is not None
        assert event.number.opaque
        with pytest.raises(Opaque):
            _ = event.number.clear
        assert event.model_dump_json(context=keyless) == written
        assert event.model_dump_json(context=context(ring)) == written
    with pytest.raises(PydanticSerializationError):
        CallReceived(number=Sealed("lost")).model_dump_json(context=context(None))


def test_personal_data_never_shows_by_accident() -> None:
    secret = Sealed("Siti")
    event = CallReceived(number=secret)
    shown = [repr(secret), f"{secret}", repr(event), event.model_dump_json(), str(event.model_dump())]
    assert not any("Siti" in text for text in shown)
    assert json.loads(event.model_dump_json())["number"] == "***"
    assert event.model_dump()["number"] is secret
    assert CallReceived.model_validate(event.model_dump()) == event
    assert CallReceived.model_json_schema()["properties"]["names"]["items"] == {
        "type": "string",
        "format": "sealed",
    }


def test_it_compares_by_what_it_says() -> None:
    assert Sealed("a") == Sealed("a") != Sealed("b")
    assert len({Sealed("a"), Sealed("a")}) == 1
    assert Sealed("a") != "a"
    event = CallReceived(number=Sealed("a"))
    assert copy.deepcopy(event) == event
    assert event.model_copy(deep=True) == event


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0812-3456-789", "+628123456789"),
        ("+62 812 3456 789", "+628123456789"),
        ("628123456789", "+628123456789"),
        ("(0736) 21118", "+6273621118"),
        ("+1 610 555 0123", "+16105550123"),
        ("tel:+62-812-3456-789", "+628123456789"),
        ("112", None),
        ("12345", None),
        ("0812-3456-789O", None),
        ("0812-abc", None),
        ("08123456789 ext 5", None),
        ("anonymous", None),
        ("", None),
        ("0" * 400, None),
        ("\x00\ud800", None),
    ],
)
def test_numbers_as_written_become_one(written: str, number: str | None) -> None:
    assert normalise(written) == number


def test_what_is_taken_for_a_mobile_number_is_what_the_library_makes_of_it() -> None:
    for digits in (8, 9, 10):
        for head in range(1000):
            number = f"+628{head:03}".ljust(4 + digits, str(head % 7))
            assert normalise(number) == number == normalise(f" {number}"), "the space sends it to the library"
    assert normalise("+62 8" + "1" * 20) is None
