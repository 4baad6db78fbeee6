"""`sigap run`: all services in one process, or one of them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigap_cli.console import CANNOT_LOAD, DONE, fail, say_new
from sigap_cli.migrate import Services

if TYPE_CHECKING:
    from sigap_common.core.settings import CommonSettings

app = typer.Typer(add_completion=False)

Port = Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Port to listen on (SIGAP_PORT; 8112)")]
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="The folder of databases, bus and keys (SIGAP_DATA_DIR; ./data)")
]


@app.command()
def run(services: Services = None, port: Port = None, data_dir: DataDir = None) -> None:
    """Run all services in one process and on one origin, or the named ones. Ctrl-C ends it."""
    settle(port, data_dir)
    from sigap_common.core.settings import CommonSettings

    common = CommonSettings()
    _refuse_unsafe(common)
    single = common.bus_url.startswith("embedded")
    from sigap_common.app.site import apart, sites

    services, of_sites = apart(services)
    first = single and services != [] and not (common.data_dir / "bus.sqlite3").exists()
    if first:
        say_new(common.data_dir)
    migrating = _begin_migration(services or []) if first else None
    from sigap_cli.revisions import all_newest
    from sigap_common.app.host import serve
    from sigap_common.app.manifest import services as installed
    from sigap_common.app.plugins import CannotLoad
    from sigap_common.app.startup import CannotStart
    from sigap_common.core.production import UnsafeSettings
    from sigap_common.personal_data import InvalidKeyRing

    try:
        found = installed(services)
        if found and single and not first and not all_newest(found, common):
            migrating = _begin_migration(services or [])
        _finish_migration(migrating)
        serve(found, common, sites(of_sites))
    except CannotLoad as error:
        fail(str(error), CANNOT_LOAD)
    except (UnsafeSettings, InvalidKeyRing, CannotStart) as error:
        fail(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(DONE) from None


def _refuse_unsafe(common: "CommonSettings") -> None:
    """Refuses unsafe settings before databases and keys are made."""
    from sigap_common.core.demonstration import refuse_open_demonstration
    from sigap_common.core.production import UnsafeSettings, refuse_published

    try:
        refuse_published(common)
        refuse_open_demonstration(common)
    except UnsafeSettings as unsafe:
        fail(str(unsafe))


def settle(port: int | None, data_dir: Path | None) -> None:
    """Writes the options into environment variables, where settings and child processes read them. The public URL of a
    single host has its own port.
    """
    if data_dir is not None:
        os.environ["SIGAP_DATA_DIR"] = str(data_dir)
    if port is not None:
        os.environ["SIGAP_PORT"] = str(port)
    own = os.environ.get("SIGAP_PORT")
    if own and os.environ.get("SIGAP_BUS_URL", "embedded").startswith("embedded"):
        os.environ.setdefault("SIGAP_PUBLIC_URL", f"http://127.0.0.1:{own}")


def _begin_migration(services: list[str]) -> "subprocess.Popen[bytes]":
    """Starts the migration in a child process, so that its memory does not stay in the serving process; both load at
    the same time.
    """
    return subprocess.Popen([sys.executable, "-m", "sigap_common.app.migrations", *services])  # noqa: S603


def _finish_migration(migrating: "subprocess.Popen[bytes] | None") -> None:
    if migrating is not None and migrating.wait() != 0:
        fail("The databases could not be brought to their newest revision; the lines above say why.")
