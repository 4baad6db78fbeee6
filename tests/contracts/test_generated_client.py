"""A client that a machine writes from the merged OpenAPI alone compiles, and speaks to a running system."""

import asyncio
import compileall
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually
from sigap_testing.operations import Operation, api, operations
from sigap_testing.patience import patience

REGENCY = "99.95"
PACKAGE = "generated_sigap_client"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _is_file(operation: Operation) -> bool:
    """Whether a file is sent or given. The generator knows none, and says so."""
    gives = operation.spec["responses"].get("200", {}).get("content", {})
    return ("requestBody" in operation.spec and operation.body is None) or SPREADSHEET in gives


NOT_JSON = [operation.path for operation in operations() if _is_file(operation)]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The package, importable while this module's tests run."""
    folder = tmp_path_factory.mktemp("client")
    document, config = folder / "openapi.json", folder / "config.yaml"
    document.write_text(json.dumps(api().document))
    config.write_text("post_hooks: []\n")
    command: list[str | Path] = [Path(sys.executable).with_name("openapi-python-client"), "generate", "--meta", "none"]
    options: list[str | Path] = ["--path", document, "--config", config, "--output-path", folder / PACKAGE]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    warnings = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("WARNING")]
    assert [line for line in warnings if not any(path in line for path in NOT_JSON)] == []
    sys.path.insert(0, str(folder))
    yield folder / PACKAGE
    sys.path.remove(str(folder))


def test_it_compiles_and_has_every_operation(client: Path) -> None:
    assert compileall.compile_dir(client, quiet=1)
    written = {path.stem for path in client.glob("api/*/*.py")}
    assert {operation.id for operation in operations()} <= written


def test_it_makes_a_call_arrive(client: Path, single_host: SingleHost) -> None:
    models, receive = import_module(f"{PACKAGE}.models"), import_module(f"{PACKAGE}.api.calls.receive_call")
    token = _token(single_host.url)
    _configure(single_host.url, token)
    speaking = import_module(f"{PACKAGE}.client").AuthenticatedClient(base_url=single_host.url, token=token)
    body = models.ReceiveCall(regency=REGENCY, channel=models.Channel.TELEPHONE, number="0812-3456-7890")
    with speaking:
        answer = receive.sync_detailed(client=speaking, body=body, idempotency_key=uuid4().hex)
    assert answer.status_code == 201
    assert isinstance(answer.parsed, models.CallOut)
    assert (answer.parsed.regency, answer.parsed.number) == (REGENCY, "+6281234567890")


def _token(url: str) -> str:
    asked = {"roles": ["admin", "operator"], "regencies": [REGENCY]}
    answer = httpx.post(f"{url}/v1/auth/demo-tokens", json=asked, timeout=patience(30))
    token: str = answer.json()["access_token"]
    return token


def _configure(url: str, token: str) -> None:
    """Waits until every service knows the regency."""
    pack: dict[str, Any] = {"code": REGENCY, "name": "Kota Uji", "time_zone": "Asia/Jakarta"}
    path, headers = f"/v1/regencies/{REGENCY}", {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, timeout=patience(30)) as http:
        assert http.put(path, json=pack).is_success
        asyncio.run(eventually(lambda: http.get(path).json()["complete"], within=30))
