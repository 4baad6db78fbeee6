"""Tabs of a browser, one of which hides the others. Playwright lets every page believe that it is looked at, and
switches the slowing down of hidden tabs off. So this browser is driven by its own protocol (CDP) through a pipe.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from .browsers import PASSWORD, chromium

_LONGEST_MESSAGE = 2**26
_START = """
import fcntl, os, sys
reads, writes = (fcntl.fcntl(int(pipe), fcntl.F_DUPFD, 10) for pipe in sys.argv[1:3])
os.dup2(reads, 3)
os.dup2(writes, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""The browser reads its commands from 3, and writes to 4."""


class Browser:
    """Sends a command and waits for its answer; one at a time."""

    def __init__(self, answers: asyncio.StreamReader, commands: int) -> None:
        self._answers, self._commands, self._ids = answers, commands, count(1)

    async def send(self, method: str, session: str | None = None, /, **params: Any) -> dict[str, Any]:
        sent = next(self._ids)
        command = {"id": sent, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self._commands, json.dumps(command).encode() + b"\0")
        while True:
            answer = json.loads((await self._answers.readuntil(b"\0"))[:-1])
            if answer.get("id") == sent:
                assert "error" not in answer, (method, answer)
                found: dict[str, Any] = answer["result"]
                return found

    async def open(self, address: str, *, before: str = "") -> "Tab":
        """A new tab in front of the others. `before`: the script that runs before the page's own."""
        target = (await self.send("Target.createTarget", url="about:blank"))["targetId"]
        session = (await self.send("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        await self.send("Target.activateTarget", targetId=target)
        tab = Tab(self, session)
        await tab.send("Page.enable")  # without it no script runs before the page's own
        await tab.send("Page.addScriptToEvaluateOnNewDocument", source=before)
        await tab.send("Page.navigate", url=address)
        return tab


class Tab:
    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        return await self._browser.send(method, self._session, **params)

    async def value(self, expression: str) -> Any:
        answer = await self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    async def sign_in(self, username: str) -> None:
        """By the form, which must be there. A key is pressed, so the page may sound from then on."""
        for field, text in (("username", username), ("password", PASSWORD)):
            await self.value(f"document.querySelector('input[name={field}]').focus()")
            await self.send("Input.insertText", text=text)
        for kind in ("rawKeyDown", "char", "keyUp"):
            key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
            await self.send("Input.dispatchKeyEvent", type=kind, **key)


@asynccontextmanager
async def tabbed_browser(*options: str) -> AsyncIterator[Browser]:
    """Raises NotHere."""
    executable = chromium()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        its_commands, our_commands = os.pipe()
        our_answers, its_answers = os.pipe()
        command = [executable, "--headless", "--no-sandbox", "--disable-dev-shm-usage", "--no-first-run"]
        command += ["--remote-debugging-pipe", f"--user-data-dir={folder}"]
        pipes = (its_commands, its_answers)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _START, *map(str, pipes)),
            *(*command, *options, "about:blank"),
            pass_fds=pipes,
            stderr=asyncio.subprocess.DEVNULL,
        )
        os.close(its_commands)
        os.close(its_answers)
        answers = asyncio.StreamReader(limit=_LONGEST_MESSAGE)
        reading, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(answers), os.fdopen(our_answers, "rb")
        )
        try:
            yield Browser(answers, our_commands)
        finally:
            process.terminate()
            await process.wait()
            reading.close()
            os.close(our_commands)
