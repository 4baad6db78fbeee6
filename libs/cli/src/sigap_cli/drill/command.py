"""The command line of the drill."""

import json
from typing import Annotated, Any

import typer
from rich.text import Text

from sigap_cli.api import Api
from sigap_cli.console import DONE, NOT_ACHIEVED, finish, out, report
from sigap_cli.drill.exercise import Exercise, Outcome, Step
from sigap_cli.drill.labels import AGENCY_STEPS, ARRIVED, LEFT_OPEN, MISSED, SILENT, STEPS, TITLE, TOLD_NOBODY
from sigap_cli.errors import Failed, Refused, Unreachable
from sigap_cli.options import DEFAULT_URL, Json, Token, Url
from sigap_cli.tokens import Who, signed_in

app = typer.Typer(add_completion=False)


@app.command()
def drill(
    regency: Annotated[str | None, typer.Option("--regency", help="A code; without it the first in service")] = None,
    to_agencies: Annotated[
        bool, typer.Option("--to-agencies", help="Tell the real agencies too, and wait for their answers (supervisors)")
    ] = False,
    timeout: Annotated[float, typer.Option("--timeout", min=1, help="Seconds to wait for acknowledgements")] = 30,
    url: Url = DEFAULT_URL,
    token: Token = None,
    as_json: Json = False,
) -> None:
    """Take one drill call through all services and print each step with its time.

    Exit code 0 only if the drill agency's acknowledgement came back. With --to-agencies each real agency must have
    answered too. If one has not, the exit code is 1 and the incident stays open for a dispatcher to close.
    """
    finish(drill_once(url, token, regency, to_agencies=to_agencies, within=timeout, as_json=as_json))


async def drill_once(
    url: str, token: str | None, regency: str | None, *, to_agencies: bool, within: float, as_json: bool
) -> int:
    """Runs one drill and returns the exit code. It prints each step at once, or all of them as JSON at the end."""
    outcome = Outcome(to_agencies)
    try:
        await _rehearse(url, token, regency, within, outcome, show=not as_json)
        code = DONE if outcome.ok else NOT_ACHIEVED
    except (Failed, Refused, Unreachable) as trouble:
        code = report(trouble)
    else:
        if not as_json:
            _conclude(outcome, within)
    if as_json:
        print(_json(outcome, ok=code == DONE))
    elif outcome.left_open:
        _name_the_silent(outcome, within)
    return code


async def _rehearse(
    url: str, token: str | None, regency: str | None, within: float, outcome: Outcome, *, show: bool
) -> None:
    roles = ("operator", "dispatcher", *(("supervisor",) if outcome.to_agencies else ()))
    async with signed_in(url, Who(roles), token) as api:
        pack = await _pack(api, regency)
        if show:
            out.print(Text(TITLE.format(**pack), style="bold"))
        told = (lambda step: _print_step(step, outcome)) if show else (lambda _: None)
        await Exercise(api, pack, outcome, told).run(within)


async def _pack(api: Api, regency: str | None) -> Any:
    if regency is None:
        in_service = [item["code"] async for item in api.pages("/v1/regencies", limit=200) if not item["retired"]]
        if not in_service:
            raise Failed("No regency is in service: `sigap regency apply FILE` adds one.")
        regency = in_service[0]
    found = await api.get(f"/v1/regencies/{regency}")
    return found.get("pack", found)


def _print_step(step: Step, outcome: Outcome) -> None:
    mark = "✔" if step.name == "acknowledged" else "●"
    style = "bold green" if step.name == "acknowledged" else "cyan"
    out.print(Text.assemble((f"{step.seconds:8.3f} s  ", "dim"), (f"{mark} ", style), _in_words(step, outcome)))


def _in_words(step: Step, outcome: Outcome) -> str:
    return AGENCY_STEPS[step.name].format(agency=outcome.name_of(step.agency)) if step.agency else STEPS[step.name]


def _conclude(outcome: Outcome, within: float) -> None:
    acknowledged, answered = outcome.seconds("acknowledged"), outcome.seconds("answered")
    if acknowledged is not None and answered is not None:
        out.print(Text(ARRIVED.format(seconds=acknowledged - answered), style="green"))
    else:
        out.print(Text(MISSED.format(seconds=within, last=outcome.reached), style="bold red"))
    if outcome.came_back and outcome.told_nobody:
        out.print(Text(TOLD_NOBODY, style="bold red"))


def _name_the_silent(outcome: Outcome, within: float) -> None:
    silent = ", ".join(map(outcome.name_of, outcome.silent))
    out.print(Text(SILENT.format(seconds=within, agencies=silent), style="bold red"))
    out.print(Text(LEFT_OPEN.format(number=outcome.number), style="yellow"))


def _json(outcome: Outcome, ok: bool) -> str:
    steps = [_plain(step) for step in outcome.steps]
    found = {"ok": ok, "call_id": outcome.call_id, "incident_id": outcome.incident_id, "steps": steps}
    return json.dumps(found | {"silent": outcome.silent, "left_open": outcome.left_open})


def _plain(step: Step) -> dict[str, Any]:
    plain = {"name": step.name, "seconds": round(step.seconds, 6)}
    return plain | ({"agency": step.agency} if step.agency else {})
