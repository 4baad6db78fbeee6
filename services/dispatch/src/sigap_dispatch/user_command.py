"""`sigap user`: accounts of the built-in issuer, made in place. The command line mounts what `user` returns."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from sigap_common.auth import EVERYWHERE, Role

if TYPE_CHECKING:
    import typer

    from sigap_common.runtime import Runtime


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
            password = sys.stdin.readline().rstrip("\n")
        else:
            password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        try:
            where, missing = asyncio.run(_add(username, password, role, regency, agency, name))
        except ValueError as refused:
            typer.echo(str(refused), err=True)
            raise typer.Exit(1) from refused
        typer.echo(f"{username}: {', '.join(sorted(role))} in {', '.join(regency)}; written to {where.database}")
        if missing:
            typer.echo(f"No pack in force there has {', '.join(missing)}: check the code, or apply the pack.", err=True)
        if where.is_another_than_runs():
            typer.echo(
                f"The host at {where.origin} uses another data folder and does not know this account: "
                "set SIGAP_DATA_DIR to the folder that it runs on.",
                err=True,
            )

    return app


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


def _where(runtime: "Runtime") -> Where:
    from sqlalchemy.engine.url import make_url

    from sigap_dispatch.use_cases.accounts import issuer_of

    url = make_url(runtime.database.url)
    file = runtime.database.is_sqlite and url.database
    database = str(Path(file).absolute()) if file else url.render_as_string()
    return Where(database, runtime.common.public_url, issuer_of(runtime).jwks())


async def _add(
    username: str, password: str, roles: list[Role], regencies: list[str], agency: str | None, name: str | None
) -> tuple[Where, list[str]]:
    """In the database of the settings, brought to its newest form first; and what of it no pack has.

    Raises ValueError.
    """
    from sigap_common.bus import open_bus
    from sigap_common.host import runtimes
    from sigap_common.migrations import upgrade
    from sigap_common.settings import CommonSettings
    from sigap_dispatch.main import service
    from sigap_dispatch.use_cases.accounts import add_user, without_pack

    common = CommonSettings()
    common.data_dir.mkdir(parents=True, exist_ok=True)
    await upgrade(service, service.settings().database_of(service.name, common))
    [runtime] = runtimes([service], common, open_bus(common.bus_url, data_dir=common.data_dir))
    try:
        async with runtime.transaction() as tx:
            await add_user(tx, username, password, roles, regencies, agency, name)
            missing = await without_pack(tx, regencies, agency)
        return _where(runtime), missing
    finally:
        await runtime.close()
