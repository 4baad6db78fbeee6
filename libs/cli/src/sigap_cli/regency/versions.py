"""`sigap regency history`, `revert` and `retire`: earlier versions of a pack, and the end of a regency."""

from typing import Annotated, Any

import typer
from rich.table import Table

from sigap_cli.api import Api
from sigap_cli.console import DONE, finish, out
from sigap_cli.errors import Failed
from sigap_cli.options import DEFAULT_URL, Json, Token, Url
from sigap_cli.regency.applying import Planned, Source
from sigap_cli.regency.bringing import Timeout, Yes, admin_api, agree_and_carry_out

Code = Annotated[str, typer.Argument(metavar="CODE")]


def history(code: Code, url: Url = DEFAULT_URL, token: Token = None, as_json: Json = False) -> None:
    """List every version of a regency's pack: when it came into force, and who applied it."""
    finish(_history(url, token, code, as_json))


async def _history(url: str, token: str | None, code: str, as_json: bool) -> int:
    async with admin_api(url, token) as api:
        items = [item async for item in api.pages(f"/v1/regencies/{code}/versions", limit=200)]
    if as_json:
        out.print_json(data=items)
        return DONE
    table = Table("version", "in force from", "brought by", "")
    for item in items:
        by, now = item["configured_by"] or "", "in force" if item["in_force"] else ""
        table.add_row(str(item["version"]), item["configured_at"], by, now)
    out.print(table)
    return DONE


def revert(
    code: Code,
    version: Annotated[int | None, typer.Option("--to", min=1, help="The version; none: the one before")] = None,
    yes: Yes = False,
    timeout: Timeout = 60,
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Bring an earlier version of a pack back into force, as a new version."""
    finish(_revert(url, token, code, version, yes, timeout))


async def _revert(url: str, token: str | None, code: str, version: int | None, yes: bool, within: float) -> int:
    async with admin_api(url, token) as api:
        in_force, etag = await _in_force(api, code)
        wanted = version or in_force["version"] - 1
        if wanted < 1:
            raise Failed(f"{code} has had one pack only; there is none before it.")
        (before,) = (await api.get(f"/v1/regencies/{code}/versions", version=wanted))["items"]
        planned = Planned(Source(f"version {wanted}", before["pack"]), in_force["pack"], etag)
        return await agree_and_carry_out(api, [planned], within, yes=yes)


def retire(
    code: Code,
    yes: Yes = False,
    timeout: Timeout = 60,
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Retire a regency: nothing new begins there. Its data stays readable; `revert` restores the regency."""
    finish(_retire(url, token, code, yes, timeout))


async def _retire(url: str, token: str | None, code: str, yes: bool, within: float) -> int:
    async with admin_api(url, token) as api:
        in_force, etag = await _in_force(api, code)
        pack = in_force["pack"]
        planned = Planned(Source("this command", {**pack, "retired": True}), pack, etag)
        return await agree_and_carry_out(api, [planned], within, yes=yes)


async def _in_force(api: Api, code: str) -> tuple[dict[str, Any], str | None]:
    found = await api.send("GET", f"/v1/regencies/{code}")
    return found.body, found.etag
