"""`sigap dead-letters`: events that a service could not handle."""

from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any

import typer
from rich.table import Table

from sigap_cli.api import Api
from sigap_cli.console import DONE, finish, out
from sigap_cli.options import DEFAULT_URL, Json, Token, Url
from sigap_cli.tokens import Who, signed_in

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Events that a service could not handle: list, show, replay, discard.",
)

Service = Annotated[str, typer.Argument(metavar="SERVICE", help="The service that could not handle them")]
EventId = Annotated[str, typer.Argument(metavar="EVENT_ID")]


def _path(service: str, *more: str) -> str:
    return "/".join([f"/v1/ops/{service}/dead-letters", *more])


def _api(url: str, token: str | None) -> AbstractAsyncContextManager[Api]:
    return signed_in(url, Who(("admin",)), token)


@app.command("list")
def list_letters(service: Service, url: Url = DEFAULT_URL, token: Token = None, as_json: Json = False) -> None:
    """List them, oldest first."""
    finish(_list(url, token, service, as_json))


async def _list(url: str, token: str | None, service: str, as_json: bool) -> int:
    async with _api(url, token) as api:
        letters = [letter async for letter in api.pages(_path(service))]
    if as_json:
        out.print_json(data=letters)
    else:
        out.print(_table(letters) if letters else f"{service} has none")
    return DONE


def _table(letters: list[dict[str, Any]]) -> Table:
    table = Table("event", "type", "subject", "tries", "since", "reason")
    for letter in letters:
        texts = (letter["event_id"], letter["type"], letter["subject"], letter["tries"], letter["first_at"])
        table.add_row(*(str(text or "-") for text in texts), letter["reason"])
    return table


@app.command()
def show(service: Service, event_id: EventId, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Show one with the event as it came; personal data stays sealed."""
    finish(_show(url, token, service, event_id))


async def _show(url: str, token: str | None, service: str, event_id: str) -> int:
    async with _api(url, token) as api:
        out.print_json(data=await api.get(_path(service, event_id)))
    return DONE


@app.command()
def replay(service: Service, event_id: EventId, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Let the service handle the event again."""
    finish(_tell(url, token, service, event_id, "replay"))


@app.command()
def discard(service: Service, event_id: EventId, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Discard the event: it counts as handled."""
    finish(_tell(url, token, service, event_id, "discard"))


async def _tell(url: str, token: str | None, service: str, event_id: str, what: str) -> int:
    async with _api(url, token) as api:
        letter = await api.post(_path(service, event_id, what))
    out.print(f"{what}: {letter['type'] or 'an unreadable record'} of {letter['first_at']}")
    return DONE
