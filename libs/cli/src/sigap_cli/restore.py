"""`sigap restore`: a single host's data folder from what `sigap backup` made."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from sigap_cli.console import DONE, fail, out
from sigap_cli.run import DataDir, settle

app = typer.Typer(add_completion=False)


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The folder that `sigap backup` made")],
    data_dir: DataDir = None,
    keys: Annotated[
        Path | None, typer.Option("--keys", exists=True, file_okay=False, help="Where the keys are")
    ] = None,
) -> None:
    """Check a backup and put it into an empty data folder. Start with `sigap run` afterwards."""
    settle(None, data_dir)
    from sigap_cli.snapshot import CannotBackUp, put_back
    from sigap_common.core.private_folder import private_files
    from sigap_common.core.settings import CommonSettings

    folder = CommonSettings().data_dir
    try:
        with private_files(folder):
            made, lines = put_back(source, folder, keys)
    except CannotBackUp as reason:
        fail(str(reason))
    except OSError as error:
        fail(f"Not restored: {error}")
    out.print(Text(f"{len(made.files)} files, as they were at {made.at}, in {folder}"))
    for line in lines:
        out.print(Text(line))
    raise typer.Exit(DONE)
