"""One single host for the tests of the commands that speak to one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from sigap_cli.main import app
from sigap_testing.cluster import SingleHost
from sigap_testing.patience import patience

REGENCIES = Path(__file__).parents[3] / "regencies"

Said = tuple[int, str, str]
"""Exit code, stdout, stderr."""
Sigap = Callable[..., Said]
"""See `sigap`."""
Items = Callable[..., list[Any]]
"""See `items`."""


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SingleHost]:
    """All services, and the four packs."""
    with SingleHost(folder=tmp_path_factory.mktemp("host")) as started:
        code, _, err = speak(started.url, "regency", "apply", *map(str, sorted(REGENCIES.glob("*.yaml"))))
        assert code == 0, err
        yield started


def speak(url: str, *args: str, stdin: str | None = None, **environment: str) -> Said:
    environment = {"SIGAP_URL": url, "COLUMNS": "200", **environment}
    result = CliRunner().invoke(app, list(args), stdin, env=environment)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def sigap(host: SingleHost) -> Sigap:
    """The command against the host: `sigap("drill", "--json")`."""
    return lambda *args, **environment: speak(host.url, *args, **environment)


@pytest.fixture
def speak_to() -> Callable[..., Said]:
    """The command against any address: `speak_to(url, "drill")`."""
    return speak


@pytest.fixture
def api(host: SingleHost) -> Iterator[httpx.Client]:
    """The API, with a token of the roles that may read all that the tests look at."""
    _, token, _ = speak(host.url, "token", "--role", "supervisor", "--role", "admin")
    headers = {"Authorization": f"Bearer {token.strip()}"}
    with httpx.Client(base_url=host.url, headers=headers, timeout=patience(30)) as client:
        yield client


@pytest.fixture
def items(api: httpx.Client) -> Items:
    """All items of a list: `items("/v1/calls", regency="99.01")`."""

    def read(path: str, **params: Any) -> list[Any]:
        found: list[Any] = []
        page: dict[str, Any] = {"next": ""}
        while (cursor := page["next"]) is not None:
            page = api.get(path, params={"limit": 200, **params, **({"cursor": cursor} if cursor else {})}).json()
            found += page["items"]
        return found

    return read
