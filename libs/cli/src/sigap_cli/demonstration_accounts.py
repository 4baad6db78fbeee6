"""Accounts of a demonstration, by which a newcomer signs in to the console. Everybody knows their password, so
production refuses it.
"""

import subprocess
import sys
from pathlib import Path

DEMONSTRATION_PASSWORD = "latihan-sigap-112"  # noqa: S105
ACCOUNTS = {
    "operator": ("Operator Latihan", ("operator",)),
    "operator2": ("Operator Latihan Dua", ("operator",)),
    "dispatcher": ("Dispatcher Latihan", ("dispatcher",)),
    "agency": ("Instansi Latihan", ("agency",)),
    "leader": ("Pimpinan Latihan", ("supervisor",)),
}
"""By user name: the person's name and the roles."""


def add(folder: Path, packs: Path) -> None:
    """Adds them to a new installation: for the regency of the first pack, in which `sigap up` runs its drill, and for
    its first agency. Without a pack there are none.
    """
    import yaml

    first = min(packs.glob("*.yaml"), default=None)
    if first is None:
        return
    pack = yaml.safe_load(first.read_text("utf-8"))
    for username, (name, roles) in ACCOUNTS.items():
        command = [sys.executable, "-m", "sigap_cli.main", "user", "add", username, "--name", name]
        command += ["--regency", str(pack["code"]), "--password-stdin", "--data-dir", str(folder)]
        command += [f"--role={role}" for role in roles]
        command += ["--agency", pack["agencies"][0]["code"]] if "agency" in roles else []
        subprocess.run(command, input=f"{DEMONSTRATION_PASSWORD}\n".encode(), capture_output=True, check=False)  # noqa: S603


def are_there(url: str) -> bool:
    """Whether the demonstration has them, with the password that everybody knows."""
    import httpx

    asked = {"username": "operator", "password": DEMONSTRATION_PASSWORD}
    try:
        return httpx.post(f"{url}/v1/auth/token", json=asked, timeout=5.0).is_success
    except httpx.TransportError:
        return False


def sentence() -> str:
    return f"{', '.join(ACCOUNTS)}; password {DEMONSTRATION_PASSWORD} (demonstration accounts, for everybody)"
