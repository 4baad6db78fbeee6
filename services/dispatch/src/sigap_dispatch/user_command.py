"""`sigap user`: accounts of the built-in issuer. It works on the database directly. The command line mounts the group
that `user` returns.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from sigap_common.auth import EVERYWHERE, Role
from sigap_common.core.formats import agency_path

if TYPE_CHECKING:
    import typer

    from sigap_common.core.settings import CommonSettings
    from sigap_dispatch.models import Account
    from sigap_dispatch.repository import DispatchService

T = TypeVar("T")


def user() -> "typer.Typer":
    """The command group. typer is imported here, because services do not need it."""
    import typer

    app = typer.Typer(no_args_is_help=True, help="Accounts of the built-in issuer.")
    password_option = typer.Option("--password-stdin", help="Read the password from standard input")
    folder_option = typer.Option("--data-dir", help="The folder of databases, bus and keys (SIGAP_DATA_DIR; ./data)")

    @app.callback()
    def group() -> None:
        """Accounts of the built-in issuer."""

    @app.command()
    def add(
        username: Annotated[str, typer.Argument(help="The name to sign in with")],
        role: Annotated[list[Role], typer.Option(help="May be given several times")],
        regency: Annotated[list[str], typer.Option(help=f"Code of a regency, or {EVERYWHERE} for all")],
        agency: Annotated[str | None, typer.Option(help="Its code, or <regency>/<code>, for the role agency")] = None,
        name: Annotated[str | None, typer.Option(help="The person's name")] = None,
        password_stdin: Annotated[bool, password_option] = False,
        data_dir: Annotated[Path | None, folder_option] = None,
    ) -> None:
        """Add an account. You type the password, and it is not shown."""
        password = _password(password_stdin)
        where, missing = _done(_add(username, password, role, regency, agency, name), data_dir)
        typer.echo(f"{username}: {', '.join(sorted(role))} in {', '.join(regency)}; written to {where.database}")
        if missing:
            typer.echo(f"No pack in force there has {', '.join(missing)}: check the code, or apply the pack.", err=True)
        _warn(where)

    @app.command()
    def passwd(
        username: Annotated[str, typer.Argument(help="The account's name")],
        password_stdin: Annotated[bool, password_option] = False,
        data_dir: Annotated[Path | None, folder_option] = None,
    ) -> None:
        """Give an account another password. You type it, and it is not shown."""
        _warn(_done(_give_password(username, _password(password_stdin)), data_dir))
        typer.echo(f"{username} has a new password; sessions begun before go on, at most 24 hours")

    @app.command("list")
    def show(data_dir: Annotated[Path | None, folder_option] = None) -> None:
        """Show every account: its roles, its regencies, and whether it may sign in."""
        for account in _done(_all(), data_dir):
            who = f"{account.username}: {', '.join(account.roles)} in {', '.join(account.regencies)}"
            of = f", {account.agency}" if account.agency else ""
            typer.echo(f"{who}{of}{', disabled' if account.disabled else ''}")

    @app.command()
    def disable(
        username: Annotated[str, typer.Argument(help="The account's name")],
        data_dir: Annotated[Path | None, folder_option] = None,
    ) -> None:
        """Stop an account from signing in. Its tokens stay valid until they end, at most 12 hours."""
        _warn(_done(_may_sign_in(username, may=False), data_dir))
        typer.echo(f"{username} signs in no more; tokens given out before hold until they end, at most 12 hours")

    @app.command()
    def enable(
        username: Annotated[str, typer.Argument(help="The account's name")],
        data_dir: Annotated[Path | None, folder_option] = None,
    ) -> None:
        """Let a disabled account sign in again."""
        _warn(_done(_may_sign_in(username, may=True), data_dir))
        typer.echo(f"{username} may sign in")

    @app.command()
    def remove(
        username: Annotated[str, typer.Argument(help="The account's name")],
        data_dir: Annotated[Path | None, folder_option] = None,
    ) -> None:
        """Delete an account, such as one that was added by mistake; its name is free again. If a person leaves, disable
        the account instead.
        """
        _warn(_done(_remove(username), data_dir))
        typer.echo(f"{username} is removed; tokens given out before hold until they end, at most 12 hours")

    return app


def _password(from_stdin: bool) -> str:
    import typer

    if from_stdin:
        # A password from another system may not be UTF-8. It is read all the same, and the use case refuses it with a
        # text.
        return sys.stdin.buffer.readline().decode("utf-8", "surrogateescape").rstrip("\r\n")
    asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


def _warn(where: "Where") -> None:
    import typer

    if where.is_another_than_runs():
        typer.echo(
            f"The host at {where.origin} uses another data folder and does not know this change: "
            "name the folder that it runs on by --data-dir or SIGAP_DATA_DIR.",
            err=True,
        )


def _done(work: Coroutine[Any, Any, T], data_dir: Path | None) -> T:
    """Runs the work and returns its result. A refusal is printed and ends the command."""
    import typer

    if data_dir is not None:
        os.environ["SIGAP_DATA_DIR"] = str(data_dir)
    try:
        return asyncio.run(work)
    except ValueError as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(1) from refused


@dataclass(frozen=True, slots=True)
class Where:
    """The place of the database to which an account was written. By the issuer's public keys it can tell whether a
    running host uses the same installation.
    """

    database: str
    origin: str
    keys: dict[str, Any]

    def is_another_than_runs(self) -> bool:
        """Whether a host answers at the public URL, but its issuer has none of these keys."""
        import httpx

        try:
            answer = httpx.get(f"{self.origin}/v1/auth/jwks", timeout=2, trust_env=False).json()
            theirs = {key["kid"] for key in answer["keys"]}
        except (httpx.HTTPError, ValueError, LookupError, TypeError):
            return False  # nothing answers there, or another product does
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
    """Adds an account. Returns the place of its database, and its regencies and agency that no pack has. Raises
    ValueError.
    """
    from sigap_dispatch.use_cases.accounts import add_user, without_pack

    if agency is not None:
        agency = agency_path(agency, regencies)
    async with _in_place() as runtime:
        async with runtime.transaction() as tx:
            await add_user(tx, username, password, roles, regencies, agency, name)
            missing = await without_pack(tx, regencies, agency)
        return _where(runtime), missing


async def _give_password(username: str, password: str) -> Where:
    """Gives an account another password. Raises ValueError for an unknown name, or a password that sign-in would
    refuse.
    """
    from sigap_dispatch.use_cases.accounts import give_password

    async with _in_place() as runtime:
        async with runtime.transaction() as tx:
            await give_password(tx, username, password)
        return _where(runtime)


async def _all() -> "list[Account]":
    async with _in_place() as runtime, runtime.view() as view:
        accounts: list[Account] = await view.accounts.all()
        return accounts


async def _remove(username: str) -> Where:
    """Deletes an account. Raises ValueError for an unknown name."""
    from sigap_dispatch.use_cases.accounts import remove_user

    async with _in_place() as runtime:
        async with runtime.transaction() as tx:
            await remove_user(tx, username)
        return _where(runtime)


async def _may_sign_in(username: str, *, may: bool) -> Where:
    """Enables or disables an account. Raises ValueError for an unknown name."""
    from sigap_dispatch.use_cases.accounts import let_sign_in

    async with _in_place() as runtime:
        async with runtime.transaction() as tx:
            await let_sign_in(tx, username, may=may)
        return _where(runtime)


@asynccontextmanager
async def _in_place() -> "AsyncIterator[DispatchService]":
    """Dispatch with the database of the settings, which is migrated first. No worker and no server is started.

    Raises ValueError if the data folder holds no installation.
    """
    from sigap_common.app.carrier import bus_of
    from sigap_common.app.host import runtimes
    from sigap_common.app.migrations import upgrade
    from sigap_common.core.private_folder import private_files
    from sigap_common.core.settings import CommonSettings
    from sigap_dispatch.main import service

    common = CommonSettings()
    url = service.settings().database_of(service.name, common)
    _require_installation(common, url)
    with private_files(common.data_dir):
        await upgrade(service, url)
        [runtime] = runtimes([service], common, bus_of(common))
        try:
            yield runtime
        finally:
            await runtime.close()


def _require_installation(common: "CommonSettings", url: str) -> None:
    """Raises ValueError if a file of a single host is missing. Most likely the folder's name is misspelt: a new
    database would be created, and no host would know the account in it.
    """
    from sqlalchemy.engine.url import make_url

    parts = make_url(url)
    wanted = [Path(parts.database)] if parts.get_backend_name() == "sqlite" and parts.database else []
    if common.bus_url == "embedded://":
        wanted.append(common.data_dir / "bus.sqlite3")
    if missing := [path.absolute() for path in wanted if not path.exists()]:
        raise ValueError(
            f"there is no {missing[0]}: name the folder of your installation by --data-dir or SIGAP_DATA_DIR "
            "(`sigap migrate` creates a new one)"
        )
