"""`sigap audit`: proves the record of incidents. It reads the database directly, also that of a running system, and
changes nothing.
"""

import asyncio
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

if TYPE_CHECKING:
    import typer

    from sigap_common.database import Database
    from sigap_common.messaging.audit_proof import DayDigest, Finding, Proof

_ENTRY = "entry {sequence} of {label} ({type}, {at})"
_SAYS = {
    "changed": f"{_ENTRY} was changed after it was sealed.",
    "moved": f"{_ENTRY} was moved: it was sealed as entry {{sequence}} and now stands as entry {{stands_at}}.",
    "removed": "entry {sequence} of {label} was removed.",
    "added": f"{_ENTRY} is sealed in no block: it was added past the program, or could not be sealed (see the log).",
    "erased_early": f"{_ENTRY} lacks a personal value, but no retention period can be over.",
    "added_to_beginning": "block {block} holds entries as from before the audit, but was sealed {at}, long after it.",
    "aggregate_gone": "incident {label} is gone with all of its entries.",
    "aggregate_behind": "incident {label} counts {sequence} entries, but its timeline does not have just these.",
    "block_changed": "block {block} does not fit its chain: entries of it were removed, added or put in another order.",
    "block_gone": "block {block} was removed.",
    "tail_cut": "the end was cut off: the digest of {day} names block {block}, and there is none.",
    "digest_differs": "block {block} is not the one of {day}'s digest: the record was rewritten after that day.",
}


def audit() -> "typer.Typer":
    """The command group. typer is imported here, because services do not need it."""
    import typer

    app = typer.Typer(no_args_is_help=True, help="The proof that no record of an incident was altered.")

    @app.callback()
    def group() -> None:
        """The proof that no record of an incident was altered."""

    @app.command()
    def verify(
        digests: Annotated[
            Path | None, typer.Option(help="The folder of daily digests; best a copy that others keep")
        ] = None,
        data_dir: Annotated[
            Path | None, typer.Option(help="The folder of the databases (SIGAP_DATA_DIR; ./data)")
        ] = None,
    ) -> None:
        """Prove the timelines of all incidents, or name what was changed, removed, moved, added or cut off.

        Ends with 0 if all fits, 1 if something does not, 2 if it could not look.
        """
        if data_dir is not None:
            os.environ["SIGAP_DATA_DIR"] = str(data_dir)
        began = time.monotonic()
        try:
            proof = asyncio.run(_proved(digests))
        except (ValueError, OSError) as refused:
            typer.echo(str(refused), err=True)
            raise typer.Exit(2) from refused
        for line in _told(proof, time.monotonic() - began):
            typer.echo(line)
        raise typer.Exit(1 if proof.broken else 0)

    return app


async def _proved(folder: Path | None) -> "Proof":
    """Raises ValueError if there is no database, or a digest cannot be read."""
    from sigap_common.core.clock import system_clock
    from sigap_common.core.errors import Problem
    from sigap_common.core.settings import CommonSettings
    from sigap_common.database import Database
    from sigap_common.messaging.audit_proof import prove
    from sigap_dispatch.main import service
    from sigap_dispatch.models import audited, tables

    common, settings = CommonSettings(), service.settings()
    database = Database(settings.database_of(service.name, common), pool_size=1)
    _require_database(database)
    try:
        kept = _read(folder or settings.digests_in(common), must_be_there=folder is not None)
        return await prove(database, audited, tables.outbox, kept, system_clock())
    except Problem as away:
        raise ValueError(f"the database of dispatch cannot be read: {away}") from away
    finally:
        await database.close()


def _require_database(database: "Database") -> None:
    """Raises ValueError if the file of a single host is missing: SQLite would create an empty one."""
    from sqlalchemy.engine.url import make_url

    file = make_url(database.url).database
    if database.is_sqlite and file and not Path(file).exists():
        raise ValueError(
            f"there is no {Path(file).absolute()}: name the folder of your installation by --data-dir or SIGAP_DATA_DIR"
        )


def _read(folder: Path, *, must_be_there: bool) -> "list[DayDigest]":
    from sigap_common.messaging.audit_proof import DayDigest

    if must_be_there and not folder.is_dir():
        raise ValueError(f"there is no folder {folder}")
    found = []
    for file in sorted(folder.glob("*/*.json")):
        try:
            told = json.loads(file.read_text("ascii"))
            found.append(DayDigest(str(told["regency"]), str(told["day"]), int(told["block"]), str(told["digest"])))
        except (ValueError, LookupError, TypeError) as reason:
            raise ValueError(f"{file} is not a daily digest") from reason
    return found


def _told(proof: "Proof", seconds: float) -> list[str]:
    """What a person reads: the first broken entry first, then what was looked at."""
    lines = [f"{one.regency}: {in_words(one)}" for one in proof.findings]
    if left := proof.broken - len(proof.findings):
        lines.append(f"and {left} more.")
    looked = f"{proof.entries} entries in {proof.blocks} blocks of {len(proof.ends)} regencies, in {seconds:.1f} s"
    lines.append(f"{'BROKEN' if proof.broken else 'All fits'}: {looked}.")
    if proof.waiting:
        lines.append(f"{proof.waiting} entries are newer than the last block; they are sealed when they are published.")
    if proof.beginning:
        lines.append(f"{proof.beginning} entries are from before the audit began: they are proved as they were then.")
    if proof.erased:
        lines.append(f"{proof.erased} personal values are erased; what is left of their entries is proved.")
    lines.append(
        f"{proof.digests} daily digests were compared."
        if proof.digests
        else "No daily digest was compared, so an end that was cut off cannot be seen: name their folder by --digests."
    )
    return lines


def in_words(finding: "Finding") -> str:
    """The finding as a sentence."""
    told = {name: getattr(finding, name) for name in finding.__dataclass_fields__}
    told["at"] = finding.at.isoformat(timespec="seconds") if finding.at else "?"
    told["type"] = finding.type.split(".")[1] if finding.type and finding.type.count(".") > 1 else finding.type
    return _SAYS[finding.broken.value].format(**told)
