"""The month of Lebaran in the four cities, by all rules of their packs: planned, published, and counted from the
published duties by `services/roster/tests/independent.py`, which shares nothing with the rules or the solver. The pages
for the wall are written to a folder, to be looked at.
"""

import asyncio
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from services.roster.tests.lebaran import PACKS, PEOPLE, Published, pack_of, published
from tests.load.report import Figure, show

from sigap_roster.main import service
from sigap_testing.clocks import SetClock
from sigap_testing.kit import started

SECONDS = 60
NOW = datetime(2027, 2, 15, 3, tzinfo=UTC)
"""The day of publication: three weeks before the first holiday, as Bengkulu wants it."""
FOLDER = Path(os.environ.get("SIGAP_LEBARAN_PAGES", f"{gettempdir()}/lebaran"))
"""Where the pages go."""


def measure() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in PACKS:
        began = time.monotonic()
        plan = asyncio.run(_published(path))
        page = FOLDER / f"{path.stem}.html"
        page.write_text(plan.page, "utf-8")
        show(f"{plan.pack.name}, March 2027, {len(PEOPLE)} people", _figures(plan, time.monotonic() - began, page))


async def _published(path: Path) -> Published:
    with TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/roster.sqlite3"
        async with started(service, url, Path(folder), clock=SetClock(NOW)) as kit:
            return await published(kit, pack_of(path), SECONDS)


def _figures(plan: Published, seconds: float, page: Path) -> list[Figure]:
    found, broken, hours, nights = plan.found, plan.broken, plan.hours(), plan.nights()
    taken = [nights[name] for name in hours if nights[name]]
    return [
        Figure("search, import and publication", f"{seconds:.0f} s, proven {found['proven']}"),
        Figure("open seats", f"{plan.open_seats} of {plan.open_seats + len(plan.duties)}", "0", plan.open_seats == 0),
        Figure("hard rules broken, counted apart", ", ".join(sorted(broken)) or "none", "none", not broken),
        Figure("soft rules broken, counted apart", ", ".join(sorted(plan.broken_softly)) or "none"),
        Figure("breaches of soft rules, as the search tells", str(found["soft"])),
        Figure("wishes not met", f"{plan.wishes_not_met}"),
        Figure("hours of overtime", f"{found['overtime_hours']}"),
        Figure("hours of a person", f"{min(hours.values()):g} to {max(hours.values()):g}"),
        Figure("nights of those who have some", f"{min(taken)} to {max(taken)}, {len(taken)} people"),
        Figure("page", str(page)),
    ]
