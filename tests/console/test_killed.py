"""A browser that is killed while somebody types, and opened again with the same profile."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from playwright.async_api import Error, async_playwright, expect

from sigap_cli.api import Api
from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually
from sigap_testing.plugin import or_missing

from .browsers import SIZE, Screen, chromium, tab
from .conftest import ring

WORDS = "Rumah panggung, dua orang di dalam"
OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage"]


@asynccontextmanager
async def browser_with(profile: Path, url: str) -> AsyncIterator[Screen]:
    """A browser that keeps what it knows in this folder. It may be killed meanwhile."""
    with or_missing():
        executable = chromium()
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            profile,
            executable_path=executable,
            args=OPTIONS,
            viewport=SIZE,  # type: ignore[arg-type]
            locale="id-ID",
        )
        shown = await tab(context, url)
        try:
            yield shown
        except BaseException:
            await shown.tell()
            raise
        finally:
            with suppress(Error):  # it was killed
                await context.close()


def kill(profile: Path) -> int:
    """Ends each process of the browser of this folder at once. Returns how many there were."""
    found = [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit() and str(profile) in _command(one)]
    for process in found:
        os.kill(process, signal.SIGKILL)
    return len(found)


def _command(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""  # it has just ended


def is_on_disk(profile: Path) -> bool:
    """Whether the profile's files have a text that the console keeps: the browser writes them some seconds later."""
    files = (profile / "Default/Local Storage/leveldb").glob("*.log")
    return any(b"sigap.kept." in file.read_bytes() for file in files)


async def test_what_was_typed_without_the_server_outlives_a_killed_browser(
    desks: SingleHost, api: Api, tmp_path: Path
) -> None:
    call = await ring(api)
    async with browser_with(tmp_path, desks.url) as ani:
        await ani.sign_in("ani")
        await ani.take_first()
        await ani.context.set_offline(True)
        await ani.page.keyboard.press("c")
        await ani.page.keyboard.type(WORDS)
        await eventually(lambda: is_on_disk(tmp_path), 60)
        assert kill(tmp_path) > 1
    assert (await api.get(f"/v1/calls/{call}/drafts"))["items"] == []
    async with browser_with(tmp_path, desks.url) as ani:
        await ani.sign_in("ani")
        await ani.page.get_by_role("button").filter(has_text="Tanpa nomor").click()
        await expect(ani.page.get_by_label("Catatan C")).to_have_value(WORDS)

        async def has_it() -> bool:
            drafts = (await api.get(f"/v1/calls/{call}/drafts"))["items"]
            return [one["text"] for one in drafts if one["field"] == "note"] == [WORDS]

        await eventually(has_it)
