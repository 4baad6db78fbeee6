"""A real telephone exchange on this machine: Kamailio, callers and operators' telephones (sipp), by UDP with losses."""

import csv
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sigap_testing.cluster import HOST, steady_port
from sigap_testing.parts import DidNotStart, NotHere, end, spawn
from sigap_testing.patience import patience

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "docs/integrations/kamailio"
SCENARIOS = Path(__file__).parent / "scenarios"
PACKAGES = ("kamailio", "kamailio-python3-modules", "sip-tester")
MODULE = "kamailio/modules/app_python3.so"
LOST_PERCENT = 5
"""Of the packets that callers and operators send and receive; the rest of SIP over UDP is to repeat them."""
ENDS_WITHIN = 60.0
"""Seconds after the last call began."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How calls of one scenario go, and what must be known of them. `numbers`: how the callers' numbers begin."""

    scenario: str
    numbers: str
    state: str
    ended_by: str


KINDS = {
    kind.scenario: kind
    for kind in (
        Kind("caller_hangs_up", "62812", "ended", "caller"),
        Kind("caller_gives_up", "62813", "abandoned", "caller"),
        Kind("operator_hangs_up", "62814", "ended", "operator"),
        Kind("busy", "62815", "abandoned", "exchange"),
    )
}
SHARES = {"caller_hangs_up": 0.5, "caller_gives_up": 0.35, "operator_hangs_up": 0.1, "busy": 0.05}
WITHOUT_NUMBER = "anonymous"
EACH_WITHOUT_NUMBER = 10
"""Of so many calls that are answered one has no number."""


@dataclass(slots=True)
class SipCall:
    """A call as the caller's telephone lived it. `at`: Unix seconds of `invited`, `answered`, `ending` (the caller
    begins to end it, or waits for its end) and `over`.
    """

    id: str
    kind: Kind
    number: str | None
    at: dict[str, float] = field(default_factory=dict)


def tools() -> dict[str, str]:
    """The programs by name. Raises NotHere."""
    found = {name: shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin") for name in ("kamailio", "sipp")}
    lacking = [name for name, path in found.items() if path is None]
    if not any(Path("/usr/lib").glob(f"*/{MODULE}")):
        lacking.append(MODULE)
    if lacking:
        raise NotHere(f"{', '.join(lacking)} not found; Debian's packages are {' '.join(PACKAGES)}")
    return {name: path for name, path in found.items() if path}


class Exchange:
    """Kamailio with the configuration of docs/, the operators' telephones behind it, and callers."""

    def __init__(self, folder: Path, url: str, name: str, secret: str) -> None:
        """`url`: Sigap's; `name` and `secret`: the exchange's. Raises NotHere."""
        self._tools, self._folder = tools(), folder
        self._environment = {**os.environ, "SIGAP_URL": url, "SIGAP_EXCHANGE": name, "SIGAP_SECRET": secret}
        self._port = steady_port()
        self._running = ExitStack()

    def __enter__(self) -> "Exchange":
        self._folder.mkdir(parents=True, exist_ok=True)
        operators = steady_port()
        self._start("operators", [*self._sipp("operators", operators), "-nostdin"])
        self._start("kamailio", self._kamailio(operators), self._environment)
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def _start(self, name: str, command: Sequence[str], env: dict[str, str] | None = None) -> None:
        # By SIGTERM also if we are killed: Kamailio ends its other processes then.
        process = spawn(command, self._folder / f"{name}.log", env=env, at_our_end=signal.SIGTERM)
        self._running.callback(end, process, signal.SIGTERM, within=10)
        if process.poll() is not None:
            raise DidNotStart(self.log_of(name)[-2000:])

    def log_of(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text(errors="replace")

    def _kamailio(self, operators: int) -> list[str]:
        settings = {
            "LISTEN": f"udp:{HOST}:{self._port}",
            "OPERATORS": f'"sip:{HOST}:{operators}"',
            "SCRIPT": f'"{CONFIGURATION / "sigap.py"}"',
        }
        defined = [part for name, value in settings.items() for part in ("-A", f"{name}={value}")]
        files = ["-f", str(CONFIGURATION / "kamailio.cfg"), "-Y", str(self._folder)]
        return [self._tools["kamailio"], *files, "-P", str(self._folder / "kamailio.pid"), "-DD", "-E", *defined]

    def _sipp(self, scenario: str, port: int) -> list[str]:
        own = ["-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", HOST, "-p", str(port), "-t", "u1"]
        errors = ["-trace_err", "-error_file", str(self._folder / f"{scenario}.errors")]
        return [self._tools["sipp"], *own, *errors, "-lost", str(LOST_PERCENT)]

    @contextmanager
    def calling(self, count: int, rate: float) -> Iterator["Callers"]:
        """Callers of each kind, `rate` calls a second together."""
        callers = Callers(self._folder)
        with ExitStack() as stack:
            for kind in KINDS.values():
                of_kind = max(1, round(count * SHARES[kind.scenario]))
                numbers = self._folder / f"{kind.scenario}.csv"
                numbers.write_text("SEQUENTIAL\n" + "".join(f"{n}\n" for n in numbers_of(kind, of_kind)))
                lasts = count / rate + ENDS_WITHIN
                command = [*self._sipp(kind.scenario, steady_port()), "-nostdin", "-inf", str(numbers)]
                command += ["-m", str(of_kind), "-r", str(round(1000 * of_kind * rate / count)), "-rp", "1000000"]
                command += ["-trace_logs", "-log_file", str(callers.log_of(kind)), "-timeout", f"{lasts:.0f}"]
                command += ["-trace_stat", "-stf", str(callers.statistics_of(kind)), "-fd", "1"]
                command += [f"{HOST}:{self._port}"]
                process = spawn(command, self._folder / f"{kind.scenario}.log")
                stack.callback(end, process, signal.SIGTERM, within=10)
                callers.processes[kind.scenario] = process
            yield callers


class Callers:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def log_of(self, kind: Kind) -> Path:
        return self._folder / f"{kind.scenario}.calls"

    def statistics_of(self, kind: Kind) -> Path:
        return self._folder / f"{kind.scenario}.statistics"

    def wait(self, within: float) -> dict[str, int]:
        """The exit codes by scenario: 0 if each call went as its scenario says."""
        return {name: process.wait(patience(within)) for name, process in self.processes.items()}

    def calls(self) -> list[SipCall]:
        return [call for kind in KINDS.values() for call in self._calls_of(kind)]

    def _calls_of(self, kind: Kind) -> list[SipCall]:
        found: dict[str, SipCall] = {}
        for line in self.log_of(kind).read_text().splitlines():
            call_id, number, what, *_, at = line.split()
            known = None if number == WITHOUT_NUMBER else f"+{number}"
            found.setdefault(call_id, SipCall(call_id, kind, known)).at[what] = float(at)
        return list(found.values())

    def retransmissions(self) -> int:
        """Of the callers alone."""
        return sum(self._retransmissions_of(kind) for kind in KINDS.values())

    def _retransmissions_of(self, kind: Kind) -> int:
        with self.statistics_of(kind).open(newline="") as file:
            *_, last = csv.DictReader(file, delimiter=";")
        return int(last["Retransmissions(C)"])


def numbers_of(kind: Kind, count: int) -> list[str]:
    anonymous = EACH_WITHOUT_NUMBER if kind.scenario == "caller_hangs_up" else count + 1
    return [WITHOUT_NUMBER if n % anonymous == anonymous - 1 else f"{kind.numbers}{n:07d}" for n in range(count)]
