"""docs/exchanges.md: what integrators copy from it works as it stands."""

import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sigap_common.core.signatures import new_secret, verify
from sigap_intake.domain import TelephoneEvent, Told
from sigap_intake.exchanges.generic import GenericEvent, telephone_events

PAGE = (Path(__file__).parents[3] / "docs/exchanges.md").read_text()
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
