"""`sigap user`: accounts of the built-in issuer, made in place. The command line mounts what `user` returns."""

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

from sigap_common.auth import EVERYWHERE, Role

if TYPE_CHECKING:
    import typer


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
            asyncio.run(_add(username, password, role, regency, agency, name))
        except ValueError as refused:
            typer.echo(str(refused), err=True)
            raise typer.Exit(1) from refused
        typer.echo(f"{username}: {', '.join(sorted(role))} in {', '.join(regency)}")

    return app


async def _add(
    username: str, password: str, roles: list[Role], regencies: list[str], agency: str | None, name: str | None
) -> None:
    """In the database of the settings, brought to its newest form first. Raises ValueError."""
    from sigap_common.bus import open_bus
    from sigap_common.host import runtimes
    from sigap_common.migrations import upgrade
    from sigap_common.settings import CommonSettings
    from sigap_dispatch.main import service
    from sigap_dispatch.use_cases.accounts import add_user

    common = CommonSettings()
    common.data_dir.mkdir(parents=True, exist_ok=True)
    await upgrade(service, service.settings().database_of(service.name, common))
    [runtime] = runtimes([service], common, open_bus(common.bus_url, data_dir=common.data_dir))
    try:
        async with runtime.transaction() as tx:
            await add_user(tx, username, password, roles, regencies, agency, name)
    finally:
        await runtime.close()
