"""The output of commands: results on stdout, errors on stderr, and exit codes."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from sigap_cli.errors import Failed, Refused, Unreachable

DONE, NOT_ACHIEVED, USAGE, REFUSED, NOT_REACHED, CANNOT_LOAD = range(6)
INTERRUPTED = 130

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def fail(message: str, code: int = NOT_ACHIEVED) -> NoReturn:
    """Ends the command with one sentence in red."""
    err.print(Text(message, style="red"))
    raise typer.Exit(code)


def say_new(folder: Path) -> None:
    """Says that a new installation begins. If the folder was mistyped, nothing else would explain why it is empty."""
    err.print(f"A new installation begins in {folder.absolute()}.", markup=False)


def finish(work: Coroutine[Any, Any, int]) -> NoReturn:
    """Runs a command's work and exits with its code. Expected errors are printed as sentences."""
    try:
        code = asyncio.run(work)
    except (Failed, Refused, Unreachable) as trouble:
        code = report(trouble)
    except ExceptionGroup as several:
        code = report(_first(several))
    except KeyboardInterrupt:
        code = INTERRUPTED
    raise typer.Exit(code)


def _first(several: ExceptionGroup[Exception]) -> Exception:
    """The first expected error of tasks that failed together. Any other error is raised."""
    first = several.exceptions[0]
    if isinstance(first, ExceptionGroup):
        return _first(first)
    if not isinstance(first, (Failed, Refused, Unreachable)):
        raise several
    return first


def report(trouble: Exception) -> int:
    """Prints an error, and returns its exit code."""
    if isinstance(trouble, Refused):
        show_problem(trouble)
        return REFUSED
    err.print(Text(str(trouble), style="red"))
    return NOT_REACHED if isinstance(trouble, Unreachable) else NOT_ACHIEVED


def show_problem(refused: Refused) -> None:
    """Prints a problem document (RFC 9457): title, detail and the place of each error."""
    err.print(Text(f"{refused.title} ({refused.status})", style="bold red"))
    if refused.detail:
        err.print(Text(refused.detail, style="red"))
    for pointer, detail in refused.errors:
        err.print(Text(f"  {pointer or '/'}: {detail}", style="red"))
    if refused.trace_id:
        err.print(Text(f"trace {refused.trace_id}", style="dim"))
