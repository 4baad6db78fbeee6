"""A real Prometheus, with the product's own alerts, that watches an installation."""

import shutil
import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import httpx
import yaml

from sigap_testing.parts import NotHere, end, free_port, spawn, wait_until_up

SCRAPE = "2s"


class Prometheus:
    """Scrapes the addresses every 2 s and evaluates the file of alerts. A context manager."""

    def __init__(self, folder: Path, alerts: Path, targets: Iterable[str]) -> None:
        """`targets`: `host:port`. Raises NotHere."""
        if (found := shutil.which("prometheus")) is None:
            raise NotHere("prometheus is not here (Debian: prometheus)")
        self._binary, self._folder = found, folder
        self.url = f"http://127.0.0.1:{free_port()}"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        scraped = {"job_name": "sigap", "honor_labels": True, "static_configs": [{"targets": sorted(targets)}]}
        intervals = {"scrape_interval": SCRAPE, "scrape_timeout": SCRAPE, "evaluation_interval": SCRAPE}
        config = {"global": intervals, "rule_files": [str(alerts)], "scrape_configs": [scraped]}
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))

    def __enter__(self) -> Self:
        log = self._folder / "log"
        command = [
            self._binary,
            f"--config.file={self._folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self._folder / 'data'}",
            f"--web.listen-address={self.url.removeprefix('http://')}",
        ]
        self._process = spawn(command, log)
        wait_until_up(self._process, log, self._is_up, 30)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            end(self._process, signal.SIGTERM, 10)

    def _is_up(self) -> bool:
        try:
            return httpx.get(f"{self.url}/-/ready", timeout=2, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def firing(self) -> list[dict[str, Any]]:
        """The alerts that fire now: `labels` and `annotations`."""
        answer = httpx.get(f"{self.url}/api/v1/alerts", timeout=10, trust_env=False).json()
        return [alert for alert in answer["data"]["alerts"] if alert["state"] == "firing"]

    def value(self, query: str) -> float | None:
        """The first value of a query now; None if there is none."""
        answer = httpx.get(f"{self.url}/api/v1/query", params={"query": query}, timeout=10, trust_env=False).json()
        found = answer["data"]["result"]
        return float(found[0]["value"][1]) if found else None
