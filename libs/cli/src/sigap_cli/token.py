"""`sigap token`: prints a token and nothing else, so that a script can put it into a variable."""

from typing import Annotated

import typer

from sigap_cli.console import DONE, finish
from sigap_cli.options import DEFAULT_URL, Url

app = typer.Typer(add_completion=False)


@app.command()
def token(
    role: Annotated[list[str], typer.Option("--role", help="operator, dispatcher, supervisor, ...; may be repeated")],
    regency: Annotated[
        list[str] | None, typer.Option("--regency", help="A code, or * for all; may be repeated")
    ] = None,
    agency: Annotated[str | None, typer.Option("--agency", help="The agency's code, or <regency>/<code>")] = None,
    url: Url = DEFAULT_URL,
) -> None:
    """Print a token: for the account in SIGAP_USERNAME and SIGAP_PASSWORD, otherwise a demonstration token."""
    finish(_print(url, tuple(role), tuple(regency or ("*",)), _full(agency, regency)))


def _full(agency: str | None, regency: list[str] | None) -> str | None:
    """The agency as `<regency>/<code>`, from this form or from the code alone."""
    from sigap_common.core.formats import agency_path

    try:
        return agency_path(agency, regency or ()) if agency else None
    except ValueError as unclear:
        raise typer.BadParameter(str(unclear), param_hint="--agency") from unclear


async def _print(url: str, roles: tuple[str, ...], regencies: tuple[str, ...], agency: str | None) -> int:
    from sigap_cli.api import Api
    from sigap_cli.tokens import Who, fetched

    async with Api(url) as api:
        print(await fetched(api, Who(roles, regencies, agency)))
    return DONE
