"""`sigap reconcile`: after a restore of a cluster's databases beside a log that went on."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from sigap_cli.console import DONE, NOT_ACHIEVED, err, finish, out
from sigap_cli.errors import Failed
from sigap_cli.options import Json

if TYPE_CHECKING:
    from sigap_cli.reconcile.work import Report

app = typer.Typer(add_completion=False)
MOST_HOURS = 6 * 24
"""Services forget after 7 days what they handled. Older events would count as not handled, and be handled again."""


@app.command()
def reconcile(
    apply: Annotated[bool, typer.Option("--apply", help="Make them agree; no service may run")] = False,
    hours: Annotated[
        float, typer.Option(min=0, max=MOST_HOURS, help="How far to look back before the restored moment")
    ] = 24,
    restored_to: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%dT%H:%M:%S%z"], help="The restored moment; none: the newest that a database has"),
    ] = None,
    lost: Annotated[
        Path | None, typer.Option("--lost", help="Write what was published and not restored into this new file")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare a cluster's restored databases with the log of Kafka, which was not restored.

    Ends with 0 if they agree, or do so after --apply; with 1 if they do not.
    """
    finish(_reconcile(apply, hours, restored_to, lost, as_json))


async def _reconcile(apply: bool, hours: float, restored_to: datetime | None, lost: Path | None, as_json: bool) -> int:
    from sigap_cli.reconcile.work import reconciliation
    from sigap_common.app.manifest import services
    from sigap_common.bus import BusUnavailable, TopicAbsent
    from sigap_common.bus.kafka_history import GroupInUse
    from sigap_common.core.settings import CommonSettings
    from sigap_common.database import LockHeld, Unavailable

    try:
        async with reconciliation(services(), CommonSettings()) as work:
            report = await work.look(hours, restored_to)
            if lost:
                _write(report, lost)
            _show(report, as_json)
            if report.agrees:
                err.print("They agree.")
                return DONE
            if not apply:
                err.print("Nothing was changed. --apply makes them agree; stop all services before.")
                return NOT_ACHIEVED
            await work.apply(report)
            err.print("They agree now. Start the services.")
    except GroupInUse as used:
        raise Failed(f"A service still reads as {used}. Stop all services, and run this again") from used
    except (BusUnavailable, TopicAbsent) as away:
        raise Failed(f"Kafka: {away}") from away
    except (Unavailable, LockHeld) as away:
        raise Failed(f"A database: {away}") from away
    return DONE


def _write(report: "Report", lost: Path) -> None:
    """One JSON line an event. Personal data stays sealed. The file is private, and none is written over."""
    try:
        with open(lost, "x", opener=partial(os.open, mode=0o600)) as file:
            for one in report.compared.orphans:
                told = asdict(one.envelope) | {"data": json.loads(one.data)}
                file.write(json.dumps(told, ensure_ascii=False, default=str) + "\n")
    except OSError as error:
        raise Failed(f"Nothing was changed: {lost} cannot be written: {error}") from error


def _show(report: "Report", as_json: bool) -> None:
    if as_json:
        out.print_json(data=document(report))
        return
    for line in lines(report):
        out.print(Text(line))


def document(report: "Report") -> dict[str, Any]:
    compared = report.compared
    return {
        "restored_to": _told(compared.restored_to),
        "compared_since": _told(report.since),
        "events_in_log": compared.records,
        "published_and_not_restored": _by_kind(compared.orphans_by_kind),
        "numbers_given": sorted(_numbers(report)),
        "waiting": {name: len(ids) for name, ids in report.waiting.items()},
        "waiting_and_in_log": {name: len(ids) for name, ids in compared.in_log.items()},
        "restored_and_in_neither": _by_kind(report.absent),
        "readers": {
            name: {
                "reads_again": reader.again,
                "passes_over": len(reader.passes_over),
                "positions_moved": len(report.moves[name].differing),
            }
            for name, reader in compared.readers.items()
        },
        "agrees": report.agrees,
    }


def lines(report: "Report") -> Iterator[str]:
    """The report as sentences."""
    compared = report.compared
    yield (
        f"The databases are as they were at {_told(compared.restored_to)}. Compared with the log since"
        f" {_told(report.since)}: {compared.records} events."
    )
    yield f"Published and not restored: {len(compared.orphans)} events"
    yield from _kinds(compared.orphans_by_kind)
    if numbers := sorted(_numbers(report)):
        yield f"  Numbers that agencies and callers know of them, which are not given again: {', '.join(numbers)}"
    waiting, known = sum(map(len, report.waiting.values())), sum(map(len, compared.in_log.values()))
    yield f"Restored and waiting to be published: {waiting} events, of which the log has {known} already"
    yield f"Restored, and neither in the log nor waiting: {report.absent.total()} events"
    yield from _kinds(report.absent)
    for name, reader in compared.readers.items():
        yield (
            f"{name} has {reader.again} events of the log to handle, {len(reader.passes_over)} to pass over, and"
            f" {len(report.moves[name].differing)} positions to move"
        )


def _kinds(counts: Counter[tuple[str, str]]) -> Iterator[str]:
    for (service, kind), count in sorted(counts.items()):
        yield f"  {service}: {count} {kind}"


def _by_kind(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (service, kind), count in sorted(counts.items()):
        found.setdefault(service, {})[kind] = count
    return found


def _numbers(report: "Report") -> Iterator[str]:
    """Of incidents and referrals."""
    from sigap_common.contracts.base import type_name
    from sigap_common.contracts.incidents import IncidentCreated
    from sigap_common.contracts.referrals import ReferralOpened

    numbered = {type_name(IncidentCreated), type_name(ReferralOpened)}
    for one in report.compared.orphans:
        if one.envelope.type in numbered:
            yield str(json.loads(one.data)["number"])


def _told(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
