"""`sigap up`: everything that a first try needs, in one command."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from sigap_cli import demonstration_accounts as accounts
from sigap_cli.console import DONE, fail, out, report, say_new
from sigap_cli.errors import Failed, Refused, Unreachable
from sigap_cli.options import DEFAULT_URL
from sigap_cli.run import DataDir, Port, settle

app = typer.Typer(add_completion=False)

SHAPES = "sigap.shapes"
"""The group of entry points for other shapes of an installation. Each is a function: (port, folder) -> the command that
starts the shape.
"""
SINGLE_HOST = [sys.executable, "-m", "sigap_cli.main", "run"]

READY_WITHIN = 120.0
LOOK_SECONDS = 0.05
END_WITHIN = 30.0


@app.command()
def up(
    port: Port = None,
    data_dir: DataDir = None,
    packs: Annotated[Path, typer.Option("--packs", help="Folder of packs; applied where none is in force")] = Path(
        "regencies"
    ),
    drill: Annotated[bool, typer.Option(help="Run one drill when all is there")] = True,
    cluster: Annotated[
        bool, typer.Option("--cluster", help="PostgreSQL, Kafka and one process a service; kept until the end only")
    ] = False,
) -> None:
    """Run all services on this host, apply packs where none is in force, run one drill, stay up until Ctrl-C."""
    settle(port, data_dir)
    folder = Path(".run/cluster" if cluster and data_dir is None else os.environ.get("SIGAP_DATA_DIR", "data"))
    url = f"http://127.0.0.1:{os.environ.get('SIGAP_PORT', '8112')}"
    if _answers(url, "/healthz"):
        fail(f"Something answers at {url} already; end it, or take another --port.")
    new = not cluster and not (folder / "bus.sqlite3").exists()
    if new:
        say_new(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = folder / "sigap.log"
    began = time.monotonic()
    host = _started(_cluster(folder, url) if cluster else SINGLE_HOST, log)
    try:
        _wait_until_ready(host, _said(log, url) if cluster else lambda: _answers(url, "/readyz"), log)
        out.print(f"services ready after {time.monotonic() - began:.1f} s")
        bring_in(url, sorted(packs.glob("*.yaml")))
        if new and os.environ.get("SIGAP_ENVIRONMENT", "demo") == "demo":
            accounts.add(folder, packs)
        if drill:
            _drill(url)
        _say_where(url, log)
        host.wait()
    except KeyboardInterrupt:
        out.print("\nstopping")
    finally:
        _end(host)
    raise typer.Exit(DONE)


def _cluster(folder: Path, url: str) -> list[str]:
    """The command that starts the cluster shape, from a plugin. It prints its URL when everything is ready."""
    found = list(entry_points(group=SHAPES, name="cluster"))
    if not found:
        fail("The cluster on one machine comes with the package sigap-testing, which is not installed here.")
    command: list[str] = found[0].load()(url.rpartition(":")[2], folder.absolute())
    return command


def _started(command: list[str], log: Path) -> "subprocess.Popen[bytes]":
    """Starts the services in a child process. It does not get Ctrl-C from the terminal, only one signal from this
    command.
    """
    with open(log, "wb", opener=_private) as output:
        return subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _wait_until_ready(host: "subprocess.Popen[bytes]", ready: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not ready():
        if host.poll() is not None or time.monotonic() > deadline:
            tail = log.read_text("utf-8", errors="replace").splitlines()[-15:]
            fail("\n".join([*tail, f"The services did not start; the whole log is {log}."]))
        time.sleep(LOOK_SECONDS)


def _said(log: Path, text: str) -> Callable[[], bool]:
    """Whether the cluster has printed its URL, which it does when everything is ready. The edge's answer alone does not
    show that.
    """
    return lambda: text in log.read_text("utf-8", errors="replace")


def _answers(url: str, path: str) -> bool:
    import httpx

    try:
        return httpx.get(url + path, timeout=5.0).is_success
    except httpx.TransportError:
        return False


def bring_in(url: str, packs: list[Path]) -> None:
    """Applies packs to regencies that have none. A pack that somebody has changed in a running system is
    not replaced.
    """
    import asyncio

    from sigap_cli.regency.applying import read_sources
    from sigap_cli.regency.bringing import apply_and_show, new_ones

    try:
        if packs:
            sources = read_sources(packs)
            asyncio.run(apply_and_show(url, None, sources, READY_WITHIN, yes=False, choose=new_ones))
    except (Failed, Refused, Unreachable) as trouble:
        report(trouble)


def _drill(url: str) -> None:
    import asyncio

    from sigap_cli.drill.command import drill_once

    out.print()
    asyncio.run(drill_once(url, None, None, to_agencies=False, within=30, as_json=False))


def _say_where(url: str, log: Path) -> None:
    command = os.path.relpath(sys.argv[0]) if os.sep in sys.argv[0] else "sigap"
    there = "" if url == DEFAULT_URL else f" --url {url}"
    lines = {
        **({"Console": f"{url}/console/"} if _answers(url, "/console/") else {}),
        **({"Sign in as": accounts.sentence()} if accounts.are_there(url) else {}),
        **({"API": f"{url}/docs"} if _answers(url, "/docs") else {}),
        "A token": f"{command} token --role operator --regency '*'{there}",
        "Another drill": f"{command} drill{there}",
        "Log": str(log),
    }
    out.print()
    for warning in _warnings():
        out.print(Text(warning, style="bold red"))
    for name, value in lines.items():
        out.print(Text.assemble((f"{name:14}", "bold"), value))
    out.print("Ctrl-C ends it.")


def _warnings() -> list[str]:
    from sigap_common.core.demonstration import warnings
    from sigap_common.core.production import published_settings
    from sigap_common.core.settings import CommonSettings

    return warnings(CommonSettings(), published_settings())


def _end(host: "subprocess.Popen[bytes]") -> None:
    """Asks the child process to end, as Ctrl-C would, and kills it if it does not."""
    if host.poll() is None:
        with suppress(KeyboardInterrupt):
            host.send_signal(signal.SIGINT)
            try:
                host.wait(END_WITHIN)
            except subprocess.TimeoutExpired:
                host.kill()
                host.wait()
