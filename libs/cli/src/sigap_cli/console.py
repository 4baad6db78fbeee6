"""What people see: results on stdout, what went wrong on stderr, and the exit codes."""

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
    """Whoever mistyped the folder of an installation would otherwise see an empty one and nothing that explains it."""
    err.print(f"A new installation begins in {folder.absolute()}.", markup=False)


def finish(work: Coroutine[Any, Any, int]) -> NoReturn:
    """Runs a command's work to its end and exits with its code; what went wrong is said in words."""
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
    """Of tasks that failed together the first one's reason; a fault of ours is not hidden."""
    first = several.exceptions[0]
    if isinstance(first, ExceptionGroup):
        return _first(first)
    if not isinstance(first, (Failed, Refused, Unreachable)):
        raise several
    return first


def report(trouble: Exception) -> int:
    """Says what went wrong; the exit code for it."""
    if isinstance(trouble, Refused):
        show_problem(trouble)
        return REFUSED
    err.print(Text(str(trouble), style="red"))
    return NOT_REACHED if isinstance(trouble, Unreachable) else NOT_ACHIEVED


def show_problem(refused: Refused) -> None:
    """A problem document (RFC 9457) as title, detail and the place of each error."""
    err.print(Text(f"{refused.title} ({refused.status})", style="bold red"))
    if refused.detail:
        err.print(Text(refused.detail, style="red"))
    for pointer, detail in refused.errors:
        err.print(Text(f"  {pointer or '/'}: {detail}", style="red"))
    if refused.trace_id:
        err.print(Text(f"trace {refused.trace_id}", style="dim"))
