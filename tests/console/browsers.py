"""The console in a real browser: people who sign in by its form, and what the browser asked of whom."""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, Response, async_playwright, expect

from sigap_testing.cluster import SingleHost
from sigap_testing.parts import NotHere
from sigap_testing.patience import patience

PASSWORD = "kata sandi uji coba"
HOSTILE = "<img src=x onerror=\"document.title='hit'\"> \u202egnp.exe <b>tebal</b>"
SIZE = {"width": 1366, "height": 768}
TOKEN = "eyJ"
"""The beginning of each token."""


def chromium() -> str:
    """Debian's Chromium, or the one that TEST_CHROMIUM names. Raises NotHere."""
    found = os.environ.get("TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        raise NotHere("no Chromium: apt-get install chromium, or name one by TEST_CHROMIUM")
    return found


@asynccontextmanager
async def browser(*more: str) -> AsyncIterator[Browser]:
    """`more`: further options of Chromium. Raises NotHere."""
    options = ["--no-sandbox", "--disable-dev-shm-usage", "--autoplay-policy=user-gesture-required", *more]
    executable = chromium()
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=executable, args=options)
        try:
            yield running
        finally:
            await running.close()


def add_account(host: SingleHost, username: str, name: str, role: str, regency: str, agency: str | None = None) -> None:
    command = [sys.executable, "-m", "sigap_cli.main", "user", "add", username, "--name", name, "--role", role]
    command += ["--regency", regency, "--password-stdin", "--data-dir", str(Path(host.folder) / "data")]
    command += ["--agency", agency] if agency else []
    environment = {**os.environ, "SIGAP_PUBLIC_URL": host.url}
    done = subprocess.run(command, input=f"{PASSWORD}\n", capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0 or "taken" in done.stderr, done.stderr


@dataclass
class Screen:
    """One person's page."""

    page: Page
    context: BrowserContext
    url: str
    asked: list[str] = field(default_factory=list)
    """The addresses that the page asked for."""
    refused: list[str] = field(default_factory=list)
    """What was refused or got no answer, with the status."""
    complaints: list[str] = field(default_factory=list)
    """What the browser complained about, such as something that the Content-Security-Policy forbids."""

    async def sign_in(self, username: str) -> None:
        await self.page.goto(f"{self.url}/")
        await self.page.get_by_label("Nama pengguna").fill(username)
        await self.page.get_by_label("Kata sandi").fill(PASSWORD)
        await self.page.get_by_role("button", name="Masuk").click()
        await self.page.get_by_role("button", name="Keluar").wait_for()

    async def take_first(self) -> None:
        """Answers the first call of the queue as soon as it rings."""
        await self.page.get_by_role("button", name="Jawab").wait_for()
        await self.page.keyboard.press("j")
        await self.page.get_by_role("article").wait_for()

    def note_answer(self, answer: Response) -> None:
        if not answer.ok:
            self.refused.append(f"{answer.status} {answer.request.method} {answer.url}")

    async def tell(self) -> None:
        """Prints what a failed test needs to be understood: what the page shows, and what the server refused."""
        print(f"{self.page.url} shows:", (await self.page.locator("body").inner_text())[:4000], sep="\n")
        print("refused:", *self.refused[-20:], "complaints:", *self.complaints, sep="\n")

    async def violations(self) -> list[dict[str, Any]]:
        """What axe finds on the page as it is shown now."""
        found = await Axe().run(self.page)
        return [{"id": one["id"], "nodes": [n["html"] for n in one["nodes"]]} for one in found.response["violations"]]

    def keeps_to_itself(self) -> None:
        """It has asked its own host alone, no address has a token, and the browser had nothing to say."""
        hosts = {urlsplit(one).netloc for one in self.asked if not one.startswith(("data:", "blob:"))}
        assert hosts <= {urlsplit(self.url).netloc}
        assert not [one for one in self.asked if TOKEN in one]
        assert self.complaints == []


@asynccontextmanager
async def screen(running: Browser, url: str, theme: str = "light", *, alone: bool = True) -> AsyncIterator[Screen]:
    """A person's page in a browser of its own. `alone`: at the end it must have kept to itself."""
    context = await running.new_context(
        viewport=SIZE,  # type: ignore[arg-type]
        color_scheme=theme,  # type: ignore[arg-type]
        locale="id-ID",
    )
    longest = patience(20) * 1000
    context.set_default_timeout(longest)
    expect.set_options(timeout=longest)
    shown = await tab(context, url)
    try:
        yield shown
        if alone:
            shown.keeps_to_itself()
    except BaseException:
        await shown.tell()
        raise
    finally:
        await context.close()


async def tab(context: BrowserContext, url: str) -> Screen:
    """A page in a new tab. The tabs of one browser share its connections to the host."""
    shown = Screen(await context.new_page(), context, url)
    shown.page.on("request", lambda request: shown.asked.append(request.url))
    shown.page.on(
        "console",
        lambda line: shown.complaints.append(line.text) if "Content Security Policy" in line.text else None,
    )
    shown.page.on("pageerror", lambda error: shown.complaints.append(str(error)))
    shown.page.on("response", shown.note_answer)
    shown.page.on("requestfailed", lambda request: shown.refused.append(f"{request.failure} {request.url}"))
    return shown
