"""`sigap check-secrets`: checks the environment for published secrets, before anything starts."""

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from sigap_cli.console import err, fail

app = typer.Typer(add_completion=False)

DEMO_CLIENT = "SIGAP_DEMO_CLIENT"
DEMO_CLIENT_ON = f"  {DEMO_CLIENT}: set it to false: the client gives tokens for a name and a password"

LISTENS = ("SIGAP_LISTEN", "KEYCLOAK_LISTEN")
OPENED = (
    "SIGAP_ENVIRONMENT=demo gives every token to everybody, and {} lets other machines in. Set "
    "SIGAP_ENVIRONMENT=production, or listen at 127.0.0.1. If others shall reach the demonstration, set "
    "SIGAP_DEMO_BEYOND_LOOPBACK=true too."
)

Accounts = Annotated[
    Path | None, typer.Option("--accounts", exists=True, dir_okay=False, help="Keycloak's import file of accounts")
]


@app.command("check-secrets")
def check_secrets(accounts: Accounts = None) -> None:
    """Look for secrets that Sigap's own files contain. Production refuses them; a demonstration gets a warning."""
    from sigap_common.core.production import published_settings, refusal
    from sigap_common.core.settings import CommonSettings

    common, names = CommonSettings(), published_settings()
    if accounts is not None:
        names += [f"the password of {name} in {accounts}" for name in known_accounts(accounts)]
    lines = refusal(names).splitlines() if names else []
    if os.environ.get(DEMO_CLIENT, "").strip().lower() == "true":
        lines.append(DEMO_CLIENT_ON)
    if not common.demo:
        if lines:
            fail("\n".join(lines))
        return
    if (beyond := opened()) and not common.demo_beyond_loopback:
        fail(OPENED.format(", ".join(beyond)))
    err.print("DEMONSTRATION: enter no data of real people. Everybody knows these secrets:")
    err.print("\n".join(lines[1:] if names else lines), markup=False)


def opened() -> list[str]:
    """The settings by which compose lets other machines reach the demonstration."""
    from sigap_common.core.demonstration import is_loopback

    given = {name: os.environ[name] for name in LISTENS if name in os.environ}
    return [f"{name}={value}" for name, value in given.items() if not is_loopback(value.rpartition(":")[0])]


def known_accounts(file: Path) -> list[str]:
    """The names of the accounts whose password is published."""
    from sigap_common.core.published import is_published

    users: list[dict[str, Any]] = json.loads(file.read_text("utf-8")).get("users", [])
    return [
        str(user.get("username"))
        for user in users
        if any(is_published(str(one.get("value", ""))) for one in user.get("credentials", []))
    ]
