"""`sigap user`: accounts of the built-in issuer, made in place. The command line mounts what `user` returns."""

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from sigap_common.auth import EVERYWHERE, Role

if TYPE_CHECKING:
    import typer

    from sigap_dispatch.models import Account
    from sigap_dispatch.repository import DispatchService

T = TypeVar("T")


def user() -> "typer.Typer":
    """The command group. typer is loaded here: a service has no use for it."""
    import typer

    app = typer.Typer(no_args_is_help=True, help="Accounts of the built-in issuer.")

    @app.callback()
    def group() -> None:
        """Accounts of the built-in issuer."""

    @app.command()
    def add(
        username: Annotated[str, typer.Argument(help="The name to sign in with")],
        role: Annotated[list[Role], typer.Option(help="May be given several times")],
        regency: Annotated[list[str], typer.Option(help=f"Code of a regency, or {EVERYWHERE} for all")],
        agency: Annotated[str | None, typer.Option(help="<regency>/<code>, for the role agency")] = None,
        name: Annotated[str | None, typer.Option(help="The person's name")] = None,
        password_stdin: Annotated[bool, typer.Option(help="Read the password from standard input")] = False,
    ) -> None:
        """Add an account. The password is asked for and shown nowhere."""
        if password_stdin:
            # A password from another system may not be UTF-8: then it is refused in words, below.
            password = sys.stdin.buffer.readline().decode("utf-8", "surrogateescape").rstrip("\r\n")
        else:
            password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        where, missing = _done(_add(username, password, role, regency, agency, name))
        typer.echo(f"{username}: {', '.join(sorted(role))} in {', '.join(regency)}; written to {where.database}")
        if missing:
            typer.echo(f"No pack in force there has {', '.join(missing)}: check the code, or apply the pack.", err=True)
        if where.is_another_than_runs():
            typer.echo(
                f"The host at {where.origin} uses another data folder and does not know this account: "
                "set SIGAP_DATA_DIR to the folder that it runs on.",
                err=True,
            )

    @app.command("list")
    def show() -> None:
        """Show every account: its roles, where they hold, and whether it may sign in."""
        for account in _done(_all()):
            who = f"{account.username}: {', '.join(account.roles)} in {', '.join(account.regencies)}"
            of = f", {account.agency}" if account.agency else ""
            typer.echo(f"{who}{of}{', disabled' if account.disabled else ''}")

    @app.command()
    def disable(username: Annotated[str, typer.Argument(help="The account's name")]) -> None:
        """Let an account sign in no more. Tokens that it has hold until they end, at most 12 hours."""
        _done(_may_sign_in(username, may=False))
        typer.echo(f"{username} signs in no more; tokens given out before hold until they end, at most 12 hours")

    @app.command()
    def enable(username: Annotated[str, typer.Argument(help="The account's name")]) -> None:
        """Let a disabled account sign in again."""
        _done(_may_sign_in(username, may=True))
        typer.echo(f"{username} may sign in")

    @app.command()
    def remove(username: Annotated[str, typer.Argument(help="The account's name")]) -> None:
        """Delete an account, as one that was added by a slip; its name is free again. Who leaves is better disabled."""
        _done(_remove(username))
        typer.echo(f"{username} is removed; tokens given out before hold until they end, at most 12 hours")

    return app


def _done(work: Coroutine[Any, Any, T]) -> T:
    """What it comes to; a refusal is told, and ends the command."""
    import typer

    try:
        return asyncio.run(work)
    except ValueError as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(1) from refused


@dataclass(frozen=True, slots=True)
class Where:
    """Where an account was written to, and how to tell whether a host runs on it: by the issuer's public keys."""

    database: str
    origin: str
    keys: dict[str, Any]

    def is_another_than_runs(self) -> bool:
        """Whether a host answers at the public URL whose issuer has none of these keys."""
        import httpx

        try:
            answer = httpx.get(f"{self.origin}/v1/auth/jwks", timeout=2, trust_env=False).json()
            theirs = {key["kid"] for key in answer["keys"]}
        except (httpx.HTTPError, ValueError, LookupError, TypeError):
            return False  # nobody answers, or nothing of ours
        return theirs.isdisjoint(key["kid"] for key in self.keys["keys"])


def _where(runtime: "DispatchService") -> Where:
    from sqlalchemy.engine.url import make_url

    from sigap_dispatch.use_cases.accounts import issuer_of

    url = make_url(runtime.database.url)
    file = runtime.database.is_sqlite and url.database
    database = str(Path(file).absolute()) if file else url.render_as_string()
    return Where(database, runtime.common.public_url, issuer_of(runtime).jwks())


async def _add(
    username: str, password: str, roles: list[Role], regencies: list[str], agency: str | None, name: str | None
) -> tuple[Where, list[str]]:
    """Where it lies, and what of it no pack has. Raises ValueError."""
    from sigap_dispatch.use_cases.accounts import add_user, without_pack

    async with _in_place() as runtime:
        async with runtime.transaction() as tx:
            await add_user(tx, username, password, roles, regencies, agency, name)
            missing = await without_pack(tx, regencies, agency)
        return _where(runtime), missing


async def _all() -> "list[Account]":
    async with _in_place(there=True) as runtime, runtime.view() as view:
        accounts: list[Account] = await view.accounts.all()
        return accounts


async def _remove(username: str) -> None:
    """Raises ValueError for a name that there is not."""
    from sigap_dispatch.use_cases.accounts import remove_user

    async with _in_place(there=True) as runtime, runtime.transaction() as tx:
        await remove_user(tx, username)


async def _may_sign_in(username: str, *, may: bool) -> None:
    """Raises ValueError for a name that there is not."""
    from sigap_dispatch.use_cases.accounts import let_sign_in

    async with _in_place(there=True) as runtime, runtime.transaction() as tx:
        await let_sign_in(tx, username, may=may)


@asynccontextmanager
async def _in_place(*, there: bool = False) -> "AsyncIterator[DispatchService]":
    """Dispatch on the database of the settings, brought to its newest form first; nothing of it runs.

    `there`: it must be there already; raises ValueError for a SQLite file that is not.
    """
    from sigap_common.app.host import runtimes
    from sigap_common.app.migrations import upgrade
    from sigap_common.bus import open_bus
    from sigap_common.core.private_folder import private_files
    from sigap_common.core.settings import CommonSettings
    from sigap_dispatch.main import service

    common = CommonSettings()
    url = service.settings().database_of(service.name, common)
    if there:
        _require_there(url)
    with private_files(common.data_dir):
        await upgrade(service, url)
        [runtime] = runtimes([service], common, open_bus(common.bus_url, data_dir=common.data_dir))
        try:
            yield runtime
        finally:
            await runtime.close()


def _require_there(url: str) -> None:
    """Raises ValueError for a SQLite file that there is not: it would be made, and be empty."""
    from sqlalchemy.engine.url import make_url

    parts = make_url(url)
    if parts.get_backend_name() == "sqlite" and parts.database and not Path(parts.database).exists():
        where = Path(parts.database).absolute()
        raise ValueError(f"there is no {where}: SIGAP_DATA_DIR names the folder of the accounts")
