"""`sigap regency`: the commands that apply and show packs."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from sigap_cli.console import DONE, fail, finish, out
from sigap_cli.options import DEFAULT_URL, Json, Token, Url
from sigap_cli.regency import versions
from sigap_cli.regency.applying import Source, read_sources
from sigap_cli.regency.bringing import Timeout, Yes, admin_api, apply_and_show, only_zones

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Packs of regencies: apply, list, show, history, revert, retire, schema, import-boundaries.",
)
app.command("history")(versions.history)
app.command("revert")(versions.revert)
app.command("retire")(versions.retire)


@app.command("apply")
def apply_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Packs, YAML or JSON")],
    yes: Yes = False,
    timeout: Timeout = 60,
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Apply packs to a running system and wait until every service uses them.

    Parts that a pack no longer has are retired. The command names them and asks first; `revert` restores them.
    """
    finish(_apply(url, token, files, yes, timeout))


async def _apply(url: str, token: str | None, files: list[Path], yes: bool, within: float) -> int:
    return await apply_and_show(url, token, read_sources(files), within, yes=yes)


@app.command("list")
def list_regencies(url: Url = DEFAULT_URL, token: Token = None, as_json: Json = False) -> None:
    """List the regencies, with the services' answers to their packs."""
    finish(_list(url, token, as_json))


async def _list(url: str, token: str | None, as_json: bool) -> int:
    async with admin_api(url, token) as api:
        items = [item async for item in api.pages("/v1/regencies", limit=200)]
    if as_json:
        out.print_json(data=items)
        return DONE
    table = Table("code", "name", "version", "in force in", "waited for")
    for item in items:
        name = item["name"] + (" (retired)" if item["retired"] else "")
        table.add_row(item["code"], name, str(item["version"]), _in_force(item), ", ".join(item["waiting_for"]))
    out.print(table)
    return DONE


def _in_force(item: dict[str, Any]) -> str:
    return ", ".join(
        answer["service"] if answer["applied"] else f"{answer['service']} (refused)" for answer in item["answers"]
    )


@app.command()
def show(code: Annotated[str, typer.Argument(metavar="CODE")], url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Print a regency's pack in force and the services' answers to it, as JSON."""
    finish(_show_one(url, token, code))


async def _show_one(url: str, token: str | None, code: str) -> int:
    async with admin_api(url, token) as api:
        print(json.dumps(await api.get(f"/v1/regencies/{code}"), indent=2, ensure_ascii=False))
    return DONE


@app.command()
def schema() -> None:
    """Print the JSON Schema of a pack."""
    from sigap_common.regency import pack_schema

    print(json.dumps(pack_schema(), indent=2, ensure_ascii=False))


@app.command("import-boundaries")
def import_boundaries(
    geojson: Annotated[Path, typer.Argument(metavar="GEOJSON", help="FeatureCollection, plain or gzipped")],
    regencies: Annotated[Path, typer.Option("--csv", help="Table with code, name, timezone, optionally population")],
    folder: Annotated[Path | None, typer.Option("--out", help="Write the packs into this folder")] = None,
    apply_now: Annotated[bool, typer.Option("--apply", help="Apply the packs to the running system")] = False,
    population_year: Annotated[int | None, typer.Option("--population-year", help="Year of the population")] = None,
    code_property: Annotated[
        str | None, typer.Option("--code-property", help="Property of the features that holds the regency's code")
    ] = None,
    yes: Yes = False,
    timeout: Timeout = 120,
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Make minimal packs from boundaries.

    Boundaries that are not valid are repaired. If several boundaries contain the same ground, the smallest regency gets
    it. With --apply a regency that has a pack keeps it; only its zone is replaced.
    """
    if folder is None and not apply_now:
        raise typer.BadParameter("give --out DIR, --apply, or both")
    documents = _imported(geojson, regencies, population_year, code_property)
    if folder is not None:
        _write(documents, folder)
    if apply_now:
        sources = [Source(code, document) for code, document in documents.items()]
        finish(apply_and_show(url, token, sources, timeout, yes=yes, choose=only_zones))


def _imported(geojson: Path, regencies: Path, year: int | None, code_property: str | None) -> dict[str, dict[str, Any]]:
    from sigap_cli.regency.boundaries import InvalidBoundaries, import_boundaries
    from sigap_common.core.table_files import named

    try:
        found = import_boundaries(geojson, regencies, year, code_property)
    except InvalidBoundaries as invalid:
        fail("\n".join(["No packs can be made:", *(f"  {error}" for error in named(invalid.errors))]))
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")
    for note in named(found.notes):
        out.print(Text(note))
    return found.packs


def _write(documents: dict[str, dict[str, Any]], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for code, document in documents.items():
        (folder / f"{code}.json").write_text(json.dumps(document, ensure_ascii=False) + "\n", "utf-8")
    out.print(f"{len(documents)} packs in {folder}")
