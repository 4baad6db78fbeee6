"""The command line of regencies."""

import json
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from sigap_cli.api import Api
from sigap_cli.console import DONE, NOT_ACHIEVED, err, fail, finish, out
from sigap_cli.options import DEFAULT_URL, Json, Token, Url
from sigap_cli.regency.applying import Applied, Source, apply, read_source
from sigap_cli.tokens import Who, signed_in

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Regencies' packs: apply, list, show, schema, import-boundaries."
)

Timeout = Annotated[float, typer.Option("--timeout", min=1, help="Seconds to wait for the services' answers")]


def _api(url: str, token: str | None) -> AbstractAsyncContextManager[Api]:
    return signed_in(url, Who(("admin",)), token)


@app.command("apply")
def apply_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Packs, YAML or JSON")],
    timeout: Timeout = 60,
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Bring packs into a running system and wait until every service works by them."""
    finish(_apply(url, token, files, timeout))


async def _apply(url: str, token: str | None, files: list[Path], within: float) -> int:
    sources = [read_source(path) for path in files]
    return await apply_and_show(url, token, sources, within)


async def apply_and_show(url: str, token: str | None, sources: list[Source], within: float) -> int:
    """Applies packs and prints what became of each; the exit code."""
    async with _api(url, token) as api:
        outcomes = await apply(api, sources, within)
    for outcome in outcomes:
        _show(outcome)
    taken = sum(outcome.ok for outcome in outcomes)
    if len(outcomes) > 1:
        out.print(f"{taken} of {len(outcomes)} in force in every service")
    return DONE if taken == len(outcomes) else NOT_ACHIEVED


def _show(outcome: Applied) -> None:
    source = outcome.source
    head = f"{source.code} {source.document.get('name', '')}"
    if outcome.ok:
        services = ", ".join(answer["service"] for answer in outcome.answers)
        out.print(Text.assemble(("✔ ", "green"), f"{head}: version {outcome.version} in {services}"))
        return
    err.print(Text(f"✘ {head} ({source.name})", style="bold red"))
    for error in outcome.errors:
        err.print(Text(f"  {error}", style="red"))
    if outcome.waiting_for:
        err.print(Text(f"  no answer yet from {', '.join(outcome.waiting_for)}", style="red"))


@app.command("list")
def list_regencies(url: Url = DEFAULT_URL, token: Token = None, as_json: Json = False) -> None:
    """List the regencies in force, with what the services say."""
    finish(_list(url, token, as_json))


async def _list(url: str, token: str | None, as_json: bool) -> int:
    async with _api(url, token) as api:
        items = [item async for item in api.pages("/v1/regencies", limit=200)]
    if as_json:
        out.print_json(data=items)
        return DONE
    table = Table("code", "name", "version", "in force in", "waited for")
    for item in items:
        table.add_row(item["code"], item["name"], str(item["version"]), _in_force(item), ", ".join(item["waiting_for"]))
    out.print(table)
    return DONE


def _in_force(item: dict[str, Any]) -> str:
    return ", ".join(
        answer["service"] if answer["applied"] else f"{answer['service']} (refused)" for answer in item["answers"]
    )


@app.command()
def show(code: Annotated[str, typer.Argument(metavar="CODE")], url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Print a regency as it is in force, its pack and the services' answers, as JSON."""
    finish(_show_one(url, token, code))


async def _show_one(url: str, token: str | None, code: str) -> int:
    async with _api(url, token) as api:
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
    regencies: Annotated[Path, typer.Option("--csv", help="Table with code, name, timezone and perhaps population")],
    folder: Annotated[Path | None, typer.Option("--out", help="Write one pack a regency into this folder")] = None,
    apply_now: Annotated[bool, typer.Option("--apply", help="Bring them into the running system")] = False,
    population_year: Annotated[int | None, typer.Option("--population-year", help="Year of the population")] = None,
    timeout: Timeout = 120,
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Make minimal packs from boundaries: made valid, ground claimed twice given to the smallest claimant."""
    if folder is None and not apply_now:
        raise typer.BadParameter("say --out DIR, --apply, or both")
    documents = _minimal_packs(geojson, regencies, population_year)
    if folder is not None:
        _write(documents, folder)
    if apply_now:
        sources = [Source(code, document) for code, document in documents.items()]
        finish(apply_and_show(url, token, sources, timeout))


def _minimal_packs(geojson: Path, regencies: Path, year: int | None) -> dict[str, dict[str, Any]]:
    from sigap_cli.regency.boundaries import InvalidBoundaries, minimal_packs

    try:
        return minimal_packs(geojson, regencies, year)
    except InvalidBoundaries as invalid:
        fail("\n".join(["No packs can be made:", *(f"  {error}" for error in invalid.errors)]))
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")


def _write(documents: dict[str, dict[str, Any]], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for code, document in documents.items():
        (folder / f"{code}.json").write_text(json.dumps(document, ensure_ascii=False) + "\n", "utf-8")
    out.print(f"{len(documents)} packs in {folder}")
