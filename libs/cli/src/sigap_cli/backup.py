"""`sigap backup`: a consistent copy of a single host's data while it runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from sigap_cli.console import DONE, err, fail, out
from sigap_cli.run import DataDir, settle

app = typer.Typer(add_completion=False)


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="A folder that is not there yet, or empty")],
    data_dir: DataDir = None,
    keys: Annotated[
        Path | None, typer.Option("--keys", help="Copy the keys too, into this folder; take another disk than TARGET's")
    ] = None,
) -> None:
    """Copy the single host's databases and bus as they are at one moment, and what lies beside them. It may run."""
    settle(None, data_dir)
    from sigap_cli.snapshot import back_up, back_up_keys
    from sigap_common.app.gauges import note_backup
    from sigap_common.app.manifest import services
    from sigap_common.core.settings import CommonSettings

    common = CommonSettings()
    with _told():
        made = back_up(services(), common, target)
    out.print(Text(f"{len(made.files)} files, as they were at {made.at}, in {target}"))
    try:
        note_backup(common.data_dir, made.at)
    except OSError as error:
        err.print(Text(f"The backup is whole, but the metric of its age does not know of it: {error}"))
    with _told():
        copied = back_up_keys(common.data_dir, keys) if keys else []
    if copied:
        out.print(Text(f"keys: {', '.join(copied)} in {keys}"))
    elif common.key_ring is None:
        err.print("The keys are not in it. Without them nobody can read what is sealed: --keys FOLDER copies them.")
    raise typer.Exit(DONE)


@contextmanager
def _told() -> Iterator[None]:
    """Ends the command with a sentence if the copy of its block fails."""
    from sigap_cli.snapshot import CannotBackUp

    try:
        yield
    except CannotBackUp as reason:
        fail(str(reason))
    except OSError as error:
        fail(f"Not backed up: {error}")
