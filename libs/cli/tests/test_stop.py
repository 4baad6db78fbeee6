"""A single host that is told to stop while browsers listen to its live streams."""

import signal
import subprocess
import sys
from pathlib import Path

import httpx

from sigap_testing.eventually import eventually
from sigap_testing.parts import bounded, free_port
from sigap_testing.patience import patience

STREAMS = ("queue", "incidents", "forwardings")


async def test_open_streams_do_not_hold_up_the_end(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    command = [sys.executable, "-m", "sigap_cli.main", "run", "--port", str(port), "--data-dir", str(tmp_path / "data")]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    with (
        bounded(process),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=patience(30), trust_env=False) as client,
    ):
        await eventually(lambda: _ready(client), within=60)
        asked = {"roles": ["dispatcher", "operator", "supervisor"], "regencies": ["*"]}
        token = client.post("/v1/auth/demo-tokens", json=asked).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(
            base_url=client.base_url, headers=headers, timeout=patience(30), trust_env=False
        ) as browser:
            streams = [await _opened(browser, f"/v1/{name}/stream") for name in STREAMS]
            process.send_signal(signal.SIGTERM)
            texts = [(await stream.aread()).decode() for stream in streams]
        assert process.wait(30) == 0
    assert ["event: stopping" in text for text in texts] == [True] * len(STREAMS)
    said = log.read_text()
    assert "Traceback" not in said
    assert "timeout graceful shutdown exceeded" not in said


def _ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").is_success
    except httpx.TransportError:
        return False


async def _opened(browser: httpx.AsyncClient, path: str) -> httpx.Response:
    """The stream, not read yet: what it says comes with the rest."""
    response = await browser.send(browser.build_request("GET", path), stream=True)
    assert response.status_code == 200, path
    return response
