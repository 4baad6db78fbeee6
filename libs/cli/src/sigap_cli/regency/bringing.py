"""Applies packs and prints the outcome. It asks the person before anything is retired."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any

import typer
from rich.text import Text

from sigap_cli.api import Api
from sigap_cli.console import DONE, NOT_ACHIEVED, err, out
from sigap_cli.errors import Refused, Unreachable
from sigap_cli.regency.applying import AT_ONCE, Applied, Planned, Source, carry_out, plan
from sigap_cli.tokens import Who, signed_in
from sigap_common.core.limits import MOST_FAULTS

Yes = Annotated[bool, typer.Option("--yes", help="Retire what the packs no longer have, without asking")]
Timeout = Annotated[float, typer.Option("--timeout", min=1, help="Seconds to wait for the services' answers")]
Choice = Callable[[list[Planned]], list[Planned]]
"""Selects the packs that are applied, when the packs in force are known."""


def admin_api(url: str, token: str | None) -> AbstractAsyncContextManager[Api]:
    return signed_in(url, Who(("admin",)), token)


async def apply_and_show(
    url: str, token: str | None, sources: Sequence[Source], within: float, *, yes: bool, choose: Choice = list
) -> int:
    """Applies packs, prints each outcome, and returns the exit code. If one of them may not be applied, none is."""
    async with admin_api(url, token) as api:
        planned = choose(await plan(api, sources))
        return await agree_and_carry_out(api, planned, within, yes=yes) if planned else DONE


async def agree_and_carry_out(api: Api, planned: Sequence[Planned], within: float, *, yes: bool) -> int:
    """Does the same as `apply_and_show` with packs that have already been compared with those in force."""
    if not _agreed(planned, yes):
        return NOT_ACHIEVED
    outcomes = await carry_out(api, planned, within)
    for outcome in outcomes:
        _show(outcome)
    taken = [outcome for outcome in outcomes if outcome.ok]
    if len(outcomes) > 1:
        out.print(f"{len(taken)} of {len(outcomes)} in force in every service")
    await _complain(api, taken, _overlaps)
    await _complain(api, taken, _unfit_endpoints)
    await _complain(api, taken, _unread)
    await _complain(api, taken, _wordless)
    return DONE if len(taken) == len(outcomes) else NOT_ACHIEVED


def new_ones(planned: list[Planned]) -> list[Planned]:
    """The packs of regencies that have no pack in force. Prints that the other regencies keep their packs."""
    for one in planned:
        if one.in_force is not None:
            version = (one.etag or "").strip('"')
            out.print(Text(f"● {one.head}: version {version} is in force and stays as it is"))
    if any(one.in_force is not None for one in planned):
        out.print("  (`sigap regency apply FILE` applies a file)")
    return [one for one in planned if one.in_force is None]


def only_zones(planned: list[Planned]) -> list[Planned]:
    """The packs in force with only their zones replaced; for a new regency the whole new pack."""
    chosen = []
    for one in planned:
        if one.in_force is not None:
            document = {**one.in_force, "zone": one.source.document["zone"]}
            one = Planned(Source(one.source.name, document), one.in_force, one.etag)
            out.print(Text(f"● {one.head} keeps its pack; only its zone is replaced"))
        chosen.append(one)
    return chosen


def _agreed(planned: Sequence[Planned], yes: bool) -> bool:
    """Whether the packs may be applied although they retire parts. A person is asked; a script must use --yes."""
    retiring = [(one, phrases) for one in planned if (phrases := one.retired)]
    for one, phrases in retiring[:MOST_FAULTS]:
        err.print(Text(f"{one.head}: {one.source.name} retires", style="bold yellow"))
        for phrase in phrases:
            err.print(Text(f"  {phrase}", style="yellow"))
    if len(retiring) > MOST_FAULTS:
        err.print(Text(f"and packs of {len(retiring) - MOST_FAULTS} more regencies, {len(retiring)} in all"))
    if not retiring or yes:
        return True
    if sys.stdin.isatty() and typer.confirm("Apply all the same?", err=True):
        return True
    err.print(Text("Nothing was applied. --yes applies it without asking.", style="red"))
    return False


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


Looks = Callable[[Api, Source], Awaitable[list[str]]]
"""Checks a pack that was applied. Returns warnings, each a sentence."""


async def _complain(api: Api, applied: Sequence[Applied], look: Looks) -> None:
    limit = asyncio.Semaphore(AT_ONCE)

    async def looked(source: Source) -> list[str]:
        async with limit:
            try:
                return await look(api, source)
            except (Refused, Unreachable) as failure:  # the pack is in force all the same
                return [f"{source.code}: applied, but the check afterwards failed: {_why(failure)}"]

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(looked(outcome.source)) for outcome in applied]
    found = [sentence for task in tasks for sentence in task.result()]
    for sentence in found[:MOST_FAULTS]:
        err.print(Text(f"! {sentence}", style="yellow"))
    if len(found) > MOST_FAULTS:
        err.print(Text(f"! and {len(found) - MOST_FAULTS} more, {len(found)} in all", style="yellow"))


def _why(failure: Refused | Unreachable) -> str:
    return f"{failure.title} ({failure.status})" if isinstance(failure, Refused) else str(failure)


async def _overlaps(api: Api, source: Source) -> list[str]:
    """Warnings about zones that overlap the pack's zone. Shared ground belongs to the smaller zone, and the other
    regency may not expect that.
    """
    if not source.document.get("zone"):
        return []
    items = (await api.get("/v1/zones/overlaps", regency=source.code))["items"]
    head = f"{source.code} {source.document.get('name', '')}"
    return [
        f"{head}: its zone overlaps that of {item['regency']} {item['name']} by {item['area_m2'] / 1e6:.2f} km²; "
        "that ground belongs to the smaller zone"
        for item in items
    ]


async def _unread(_: Api, source: Source) -> list[str]:
    """A warning about keys of the pack that nothing reads."""
    from sigap_common.regency.unread import unread_keys

    found = [source.place(pointer) for pointer in unread_keys(source.document)]
    head = f"{source.code} {source.document.get('name', '')}"
    return [f"{head}: nothing reads this yet, it is only kept: {'; '.join(found)}"] if found else []


async def _wordless(_: Api, source: Source) -> list[str]:
    """A warning about capabilities, kinds and roles of the pack for which there are no words."""
    from sigap_common.regency import Pack, wordless

    found = wordless(Pack.model_validate(source.document))
    head = f"{source.code} {source.document.get('name', '')}"
    return [f"{head}: people read these codes, write words under `capabilities`: {', '.join(found)}"] if found else []


async def _unfit_endpoints(api: Api, source: Source) -> list[str]:
    """Warnings about endpoints of the pack that were disabled. `POST /v1/endpoints` would refuse them; a pack with such
    an endpoint is applied, and the endpoint is disabled.
    """
    if not any(agency.get("endpoints") for agency in source.document.get("agencies", ())):
        return []
    endpoints = [one async for one in api.pages("/v1/endpoints", regency=source.code, limit=200)]
    unfit = [one for one in endpoints if one["source"] == "pack" and one["state"] == "disabled"]
    return [_unfit(one) for one in sorted(unfit, key=lambda one: (one["agency"], one["position"]))]


def _unfit(endpoint: Mapping[str, Any]) -> str:
    reasons = {
        "secret-missing": f"its signing secret {endpoint['secret_ref'] or '(no secret_ref)'} is missing, is not valid, "
        "or has a name that does not belong to the regency",
        "channel-unknown": f"no channel called {endpoint['channel']} is installed",
        "definition-invalid": f"the channel {endpoint['channel']} refuses its url or its options: a webhook needs an "
        "http or https URL of a public address, or of a network in SIGAP_ALLOWED_NETWORKS",
        "gone": "its receiver wanted no more notices",
    }
    why = reasons.get(endpoint["disabled_reason"], endpoint["disabled_reason"])
    return f"{endpoint['agency']} {endpoint['name']}: {why}; until then the agency's other endpoints or its desk"
