"""What systemd's units say, and our rules for those of the single host."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

SYSTEMD = Path(__file__).parents[2] / "deploy/systemd"
INSTALLED = "/opt/sigap"
"""The folder of the sources on a host."""

Unit = Mapping[str, list[str]]
"""The values of each directive, in their order; an empty one takes those before it away, as systemd does."""

HARDENED = {
    "User": "sigap",
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "MemoryDenyWriteExecute": "yes",
    "SystemCallArchitectures": "native",
    "SystemCallErrorNumber": "EPERM",
    "CapabilityBoundingSet": "",
    "UMask": "0077",
}
GRACEFUL_SECONDS = 5
"""What open requests have, after SIGAP_DRAIN_SECONDS (docs/platform.md)."""
WORKERS_SECONDS = 10
"""What workers may need to end, generously."""


def read(text: str) -> Unit:
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, is_one, value = line.partition("=")
        if is_one and not line.startswith("#"):
            found[name] = [*found.get(name, []), value] if value else [""]
    return found


def environment(unit: Unit) -> dict[str, str]:
    return dict(word.split("=", 1) for value in unit.get("Environment", []) for word in shlex.split(value))


def command(unit: Unit) -> list[str]:
    return shlex.split(unit["ExecStart"][-1])


def settings(text: str) -> dict[str, str]:
    """The variables of an EnvironmentFile."""
    lines = (line.partition("=") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: "".join(shlex.split(value)) for name, _, value in lines}


def seconds(value: str) -> float:
    number = value.rstrip("minh")
    return float(number) * {"": 1, "min": 60, "h": 3600}[value.removeprefix(number)]


def faults(unit: Unit, written: set[str], drain_seconds: float) -> Iterator[str]:
    """What a unit of ours lacks. `written`: the folders that it may write, and no others."""
    for name, value in HARDENED.items():
        if unit.get(name, [None])[-1] != value:
            yield f"{name}={value} is missing"
    if {path for value in unit.get("ReadWritePaths", []) for path in value.split()} != written:
        yield f"ReadWritePaths is not {' '.join(sorted(written))}"
    if environment(unit).get("SIGAP_DATA_DIR") not in written:
        yield "SIGAP_DATA_DIR is not among what may be written"
    if unit.get("SystemCallFilter", [""])[0] != "@system-service":
        yield "SystemCallFilter allows more than @system-service"
    if unit.get("Type") != ["oneshot"]:
        yield from _faults_of_running(unit, drain_seconds)


def _faults_of_running(unit: Unit, drain_seconds: float) -> Iterator[str]:
    if unit.get("Restart") != ["always"] or unit.get("StartLimitIntervalSec") != ["0"]:
        yield "it is not started again for ever"
    if seconds(unit.get("TimeoutStopSec", ["0"])[-1]) < drain_seconds + GRACEFUL_SECONDS + WORKERS_SECONDS:
        yield "TimeoutStopSec is shorter than the drain"
    if int(unit.get("LimitNOFILE", ["0"])[-1]) < 4096 + 256:
        yield "LimitNOFILE is below SIGAP_CONNECTIONS"
