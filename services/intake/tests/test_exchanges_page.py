"""docs/exchanges.md: what integrators copy from it works as it stands."""

import asyncio
import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sigap_common.core.signatures import new_secret, verify
from sigap_common.personal_data import Sealed
from sigap_intake.domain import TelephoneEvent, Told
from sigap_intake.exchanges.generic import GenericEvent, telephone_events
from sigap_testing.receiver import RESETS, Receiver

DOCS = Path(__file__).parents[3] / "docs"
PAGE, INTEGRATIONS = (DOCS / "exchanges.md").read_text(), DOCS / "integrations"
SECRET = new_secret()


def snippets(language: str, holding: str) -> str:
    (found,) = [text for text in re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL) if holding in text]
    return str(found)


def genuine(headers: dict[str, str], body: bytes) -> bool:
    return bool(verify(SECRET, {name.lower(): value for name, value in headers.items()}, body, datetime.now(UTC)))


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
def test_the_signature_of_the_shell_is_genuine() -> None:
    """curl is replaced by what shows its arguments."""
    script = "curl() { printf '%s\\0' \"$@\"; }\n" + snippets("sh", "SIGNATURE=")
    known = {"PATH": os.environ["PATH"], "SIGAP_SECRET_17_71_PBX": SECRET}
    ran = subprocess.run(["sh", "-c", script], env=known, capture_output=True, check=True, timeout=60)
    arguments = ran.stdout.decode().split("\0")
    headers = dict(arguments[n + 1].split(": ", 1) for n, one in enumerate(arguments) if one == "-H")
    body = arguments[arguments.index("--data-raw") + 1]
    assert genuine(headers, body.encode())
    assert arguments[1].endswith("/v1/cti/generic?exchange=17.71/pbx")
    assert [event.told for event in telephone_events(json.loads(body))] == [Told.RINGING]


def test_the_signature_of_python_is_genuine() -> None:
    known: dict[str, Any] = {}
    exec(snippets("python", "def signed"), known)
    assert genuine(known["signed"](SECRET, b"{}"), b"{}")


def test_the_adapter_of_the_page_is_one() -> None:
    known: dict[str, Any] = {}
    exec(snippets("python", "def telephone_events"), known)
    (event,) = known["telephone_events"]({"whistle": "w-1", "from": "0811"})
    assert isinstance(event, TelephoneEvent)


def test_the_page_names_each_field_of_the_generic_document() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == set(GenericEvent.model_fields)


def kamailios_sender() -> ModuleType:
    spec = spec_from_file_location("sigap_of_kamailio", INTEGRATIONS / "kamailio/sigap.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_kamailios_sender_makes_documents_of_the_generic_adapter() -> None:
    """Whatever bytes a caller sends: Kamailio escapes them."""
    told = "event=answered&at=1708311600.250000&call_id=a%26b%3D%FF%40host&number=%2b62812+345&extension=201&ended_by="
    (event,) = telephone_events(json.loads(kamailios_sender().document(told)))
    assert (event.told, event.call_id.clear) == (Told.ANSWERED, "a&b=\N{REPLACEMENT CHARACTER}@host")
    assert event.number == Sealed("+62812+345")
    assert event.extension == Sealed("201")
    assert event.at == datetime(2024, 2, 19, 3, 0, 0, 250000, UTC)
    told = "event=ended&at=1708311600.250000&call_id=1&number=<null>&extension=&ended_by=caller"
    (event,) = telephone_events(json.loads(kamailios_sender().document(told)))
    assert (event.told, event.number, event.extension, event.ended_by) == (Told.ENDED, None, None, "caller")
    assert event.complaints == ()


async def test_kamailios_sender_sends_again_until_it_is_kept_and_leaves_what_nobody_can_keep(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    module = kamailios_sender()
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.0)
    async with Receiver() as receiver:
        receiver.will(503, RESETS, 202, 422, 202)
        sender = module.Sigap(receiver.url, "17.71/pbx", SECRET)
        for call in ("one", "wrong", "two"):
            told = f"event=ringing&at=1708311600.0&call_id={call}&number=&extension=&ended_by="
            assert await asyncio.to_thread(sender.tell, None, told) == 1
        sender.close()
    calls = [json.loads(request.body)["call_id"] for request in receiver.received]
    assert calls == ["one", "one", "one", "wrong", "two"]
    assert {request.path for request in receiver.received} == {"/112/v1/cti/generic?exchange=17.71/pbx"}
    assert all(genuine(dict(request.headers), request.body) for request in receiver.received)
    assert [line.split()[1] for line in capfd.readouterr().err.splitlines()] == ["503", "0", "422"]
