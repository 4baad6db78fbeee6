"""`sigap up`: everything that a first try needs, in one command."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from sigap_cli.console import DONE, fail, out, report
from sigap_cli.errors import Failed, Refused, Unreachable
from sigap_cli.run import DataDir, Port, settle

app = typer.Typer(add_completion=False)

READY_WITHIN = 60.0
LOOK_SECONDS = 0.05
END_WITHIN = 10.0


@app.command()
def up(
    port: Port = None,
    data_dir: DataDir = None,
    packs: Annotated[Path, typer.Option("--packs", help="Folder of packs to apply")] = Path("regencies"),
    drill: Annotated[bool, typer.Option(help="Run one drill when all is there")] = True,
) -> None:
    """Run all services on this host, apply the packs, run one drill, and stay up until Ctrl-C."""
    settle(port, data_dir)
    folder = Path(os.environ.get("SIGAP_DATA_DIR", "data"))
    url = f"http://127.0.0.1:{os.environ.get('SIGAP_PORT', '8112')}"
    if _answers(url, "/healthz"):
        fail(f"Something answers at {url} already; end it, or take another --port.")
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "sigap.log"
    host = _started(log)
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    try:
        _lead(host, url, log, sorted(packs.glob("*.yaml")), drill)
        host.wait()
    except KeyboardInterrupt:
        out.print("\nstopping")
    finally:
        _end(host)
    raise typer.Exit(DONE)


def _started(log: Path) -> "subprocess.Popen[bytes]":
    """The services in a process of their own, which gets Ctrl-C from us alone, once."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "sigap_cli.main", "run"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _lead(host: "subprocess.Popen[bytes]", url: str, log: Path, packs: list[Path], drill: bool) -> None:
    began = time.monotonic()
    _wait_until_ready(host, url, log)
    out.print(f"services ready after {time.monotonic() - began:.1f} s")
    _apply(url, packs)
    if drill:
        _drill(url)
    _say_where(url, log)


def _wait_until_ready(host: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not _answers(url, "/readyz"):
        if host.poll() is not None or time.monotonic() > deadline:
            tail = log.read_text("utf-8", errors="replace").splitlines()[-15:]
            fail("\n".join([*tail, f"The services did not start; the whole log is {log}."]))
        time.sleep(LOOK_SECONDS)


def _answers(url: str, path: str) -> bool:
    import httpx

    try:
        return httpx.get(url + path, timeout=5.0).is_success
    except httpx.TransportError:
        return False


def _apply(url: str, packs: list[Path]) -> None:
    import asyncio

    from sigap_cli.regency.applying import read_source
    from sigap_cli.regency.command import apply_and_show

    try:
        if packs:
            asyncio.run(apply_and_show(url, None, [read_source(path) for path in packs], READY_WITHIN))
    except (Failed, Refused, Unreachable) as trouble:
        report(trouble)


def _drill(url: str) -> None:
    import asyncio

    from sigap_cli.drill.command import drill_once

    out.print()
    asyncio.run(drill_once(url, None, None, to_agencies=False, within=30, as_json=False))


def _say_where(url: str, log: Path) -> None:
    command = os.path.relpath(sys.argv[0]) if os.sep in sys.argv[0] else "sigap"
    lines = {
        "API": f"{url}/docs",
        "A token": f"{command} token --role operator --regency '*'",
        "Another drill": f"{command} drill",
        "Log": str(log),
    }
    out.print()
    for name, value in lines.items():
        out.print(Text.assemble((f"{name:14}", "bold"), value))
    out.print("Ctrl-C ends it.")


def _end(host: "subprocess.Popen[bytes]") -> None:
    """Asks it to end, as Ctrl-C would; kills what does not."""
    if host.poll() is None:
        with suppress(KeyboardInterrupt):
            host.send_signal(signal.SIGINT)
            try:
                host.wait(END_WITHIN)
            except subprocess.TimeoutExpired:
                host.kill()
                host.wait()
