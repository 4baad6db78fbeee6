"""The alerts as an object of the Prometheus operator, from the file that Prometheus on a host reads."""

from pathlib import Path
from typing import Any

import yaml

ALERTS = Path(__file__).resolve().parents[5] / "deploy/monitoring/alerts.yaml"


def alerts() -> dict[str, Any]:
    """The PrometheusRule. Its spec is the file itself."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "sigap", "labels": {"app.kubernetes.io/part-of": "sigap"}},
        "spec": yaml.safe_load(ALERTS.read_text()),
    }
