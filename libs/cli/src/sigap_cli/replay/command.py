"""The command line of the replay."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from sigap_cli.console import DONE, NOT_ACHIEVED, err, finish, out
from sigap_cli.errors import Failed
from sigap_cli.options import DEFAULT_URL, Json, Token, Url
from sigap_cli.replay.course import Summary, replay
from sigap_cli.replay.mapping import load_map
from sigap_cli.replay.pace import due_times
from sigap_cli.replay.rows import name_of, read_rows
from sigap_cli.replay.scripts import Script, generated, in_order, of_rows
from sigap_cli.replay.tally import Tally

app = typer.Typer(add_completion=False)

SHOWN_ERRORS = 10


def parse_speed(text: str) -> float | None:
    """A factor above 0; None for `max`."""
    try:
        factor = None if text == "max" else float(text)
    except ValueError:
        factor = 0.0
    if factor is not None and factor <= 0:
        raise typer.BadParameter("a number above 0, or max")
    return factor


File = typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="CSV with a head")


@app.command("replay")
def replay_file(
    file: Annotated[Path, File],
    how: Annotated[Path, typer.Option("--map", exists=True, dir_okay=False, help="The map: a YAML file")],
    regency: Annotated[str, typer.Option("--regency", help="Code of the calls' regency")],
    speed: Annotated[
        str, typer.Option("--speed", help="Factor of the original speed, or max; gaps over 10 minutes are skipped")
    ] = "max",
    concurrency: Annotated[int, typer.Option("--concurrency", min=1, max=200, help="Simulated operators")] = 8,
    mix: Annotated[
        int, typer.Option("--mix", min=0, help="Generated calls of all other classes mixed in, not backfilled")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the generated calls")] = 1,
    patience: Annotated[float, typer.Option("--patience", min=1, help="Seconds to wait without progress")] = 60,
    url: Url = DEFAULT_URL,
    token: Token = None,
    as_json: Json = False,
) -> None:
    """Replay historic calls through the API, with simulated operators and agencies.

    If you run it again, nothing is created twice. Exit code 0 only if every row is one incident, forwarded and
    acknowledged.
    """
    factor = parse_speed(speed)
    finish(_replay(url, token, file, how, regency, factor, concurrency, mix, seed, patience, as_json))


async def _replay(
    url: str,
    token: str | None,
    file: Path,
    how: Path,
    regency: str,
    speed: float | None,
    operators: int,
    mix: int,
    seed: int,
    patience: float,
    as_json: bool,
) -> int:
    scripts = _scripts(file, how, regency, speed, mix, seed)
    with Shown(len(scripts), hidden=as_json) as progress:
        summary = await replay(url, token, regency, scripts, operators, patience, progress)
    if as_json:
        print(json.dumps(summary.as_json()))
    else:
        _print(summary)
    return DONE if summary.ok else NOT_ACHIEVED


def _scripts(file: Path, how: Path, regency: str, speed: float | None, mix: int, seed: int) -> list[Script]:
    """The scripts of the calls. Raises Failed with the faults of the map or the table."""
    mapping = load_map(how)
    rows = read_rows(file, mapping)
    if not rows:
        raise Failed(f"{file} has no rows")
    historic = of_rows(rows, mapping, regency, due_times([row.at for row in rows], speed))
    return in_order(historic, generated(mix, seed, regency, historic, name_of(rows)))


class Shown:
    """Two bars on stderr: calls led, and acknowledgements of the forwardings there are."""

    def __init__(self, calls: int, hidden: bool) -> None:
        columns = (TextColumn("{task.description:13}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bars = Progress(*columns, console=err, disable=hidden)
        self._calls = self._bars.add_task("calls", total=calls)
        self._acknowledged = self._bars.add_task("acknowledged", total=None)

    def __enter__(self) -> "Shown":
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def call_led(self) -> None:
        self._bars.advance(self._calls)

    def acknowledged(self) -> None:
        self._bars.advance(self._acknowledged)

    def counted(self, tally: Tally) -> None:
        self._bars.update(self._acknowledged, total=tally.forwardings, completed=tally.acknowledged)


def _print(summary: Summary) -> None:
    table = Table("", "", show_header=False)
    for name in ("rows", "generated", "calls", "incidents", "forwardings", "acknowledged"):
        table.add_row(name, str(getattr(summary, name)))
    table.add_row("rows finished", str(summary.finished))
    table.add_row("seconds", f"{summary.seconds:.1f}")
    table.add_row("errors", str(len(summary.errors)))
    out.print(table)
    for error in summary.errors[:SHOWN_ERRORS]:
        err.print(Text(error, style="red"))
    if not summary.ok:
        err.print(Text("Not every row is one incident, forwarded and acknowledged.", style="bold red"))
