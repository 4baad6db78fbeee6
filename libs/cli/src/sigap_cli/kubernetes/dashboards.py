"""Grafana's dashboards: for those who operate the system, and for the operators' room."""

import json
from dataclasses import dataclass
from typing import Any

_WIDTH = 24
_HEIGHT = 8


@dataclass(frozen=True, slots=True)
class Panel:
    """One query. `unit` is Grafana's name of it; `legend` names each line by its labels. `last`: as the last value."""

    title: str
    expr: str
    unit: str = "short"
    legend: str = ""
    last: bool = False
    red_above: float | None = None
    width: int = 8


@dataclass(frozen=True, slots=True)
class Dashboard:
    name: str
    title: str
    panels: tuple[Panel, ...]
    refresh: str = "30s"


def _missed(promise: str) -> str:
    """The share of cases of the last hour that missed the promise, as the alerts' own rules record it."""
    return f'sigap:promise_missed:ratio_rate1h{{promise="{promise}"}}'


DASHBOARDS = (
    Dashboard(
        "operations",
        "Sigap 112: operations",
        (
            Panel(
                "Alerts",
                'count by (alertname, severity) (ALERTS{alertname=~"Sigap.+",alertstate="firing"})',
                legend="{{alertname}}",
                last=True,
                red_above=1,
                width=24,
            ),
            Panel(
                "Answered within 15 s: missed",
                _missed("answered"),
                "percentunit",
                "last hour",
                red_above=0.10,
            ),
            Panel(
                "Agency told within 30 s: missed",
                _missed("told"),
                "percentunit",
                "last hour",
                red_above=0.05,
            ),
            Panel("Cases a second", "sum by (promise) (rate(sigap_promise_cases_total[5m]))", "cps", "{{promise}}"),
            Panel(
                "Requests a second", "sum by (service) (rate(sigap_http_requests_total[5m]))", "reqps", "{{service}}"
            ),
            Panel(
                "Errors of ours a second",
                'sum by (service) (rate(sigap_http_requests_total{status=~"5.."}[5m]))',
                "reqps",
                "{{service}}",
            ),
            Panel(
                "Time to answer, 99 of 100",
                "histogram_quantile(0.99, sum by (service, le) (rate(sigap_http_request_seconds_bucket[5m])))",
                "s",
                "{{service}}",
            ),
            Panel(
                "Refused, since there was too much to do",
                "sum by (service, urgency) (rate(sigap_http_requests_refused_total[5m]))",
                "reqps",
                "{{service}} {{urgency}}",
            ),
            Panel(
                "Events published a second",
                "sum by (service) (rate(sigap_events_published_total[5m]))",
                "eps",
                "{{service}}",
            ),
            Panel(
                "Events handled a second",
                "sum by (service) (rate(sigap_events_handled_total[5m]))",
                "eps",
                "{{service}}",
            ),
            Panel(
                "Behind the bus, events",
                "sum by (service) (sigap_consumer_lag_events >= 0)",
                legend="{{service}}",
                red_above=500,
            ),
            Panel(
                "Oldest event that is not published",
                "max by (service) (sigap_outbox_oldest_seconds)",
                "s",
                "{{service}}",
                red_above=60,
            ),
            Panel(
                "Oldest event of an exchange that is not in a call",
                "max by (instance) (sigap_exchange_events_oldest_seconds)",
                "s",
                "{{instance}}",
                red_above=60,
            ),
            Panel("Dead letters", "max by (service) (sigap_dead_letters)", legend="{{service}}", red_above=1),
            Panel(
                "Nobody at the lease",
                "min by (service) (sigap_lease_unattended_seconds)",
                "s",
                "{{service}}",
                red_above=15,
            ),
            Panel(
                "Database and bus",
                "min by (service, dependency) (sigap_dependency_up)",
                legend="{{service}} {{dependency}}",
            ),
            Panel("Clock ahead of the database's", "sigap_clock_ahead_seconds", "s", "{{service}} {{instance}}"),
            Panel(
                "Free space", "sigap_disk_free_bytes / sigap_disk_size_bytes", "percentunit", "{{service}} {{instance}}"
            ),
            Panel(
                "Age of the last backup",
                "time() - max(sigap_backup_timestamp_seconds"
                " or barman_cloud_cloudnative_pg_io_last_available_backup_timestamp)",
                "s",
                last=True,
                red_above=93600,
            ),
            Panel(
                "Certificates end in",
                "min by (service, certificate) (sigap_certificate_expires_timestamp_seconds) - time()",
                "s",
                "{{service}} {{certificate}}",
                last=True,
            ),
            Panel("Live streams", "sum by (service) (sigap_stream_listeners)", legend="{{service}}"),
            Panel(
                "Rows deleted or erased by jobs, an hour",
                "sum by (job) (increase(sigap_job_rows_total[1h]))",
                legend="{{job}}",
                width=16,
            ),
        ),
    ),
    Dashboard(
        "room",
        "Sigap 112: ruang operator",
        (
            Panel(
                "Panggilan menunggu", "sum(max by (regency) (sigap_calls_waiting)) or vector(0)", last=True, red_above=5
            ),
            Panel(
                "Menunggu paling lama",
                "max(sigap_calls_longest_waiting_seconds) or vector(0)",
                "s",
                last=True,
                red_above=15,
            ),
            Panel(
                "Dijawab terlambat, 1 jam terakhir",
                _missed("answered"),
                "percentunit",
                last=True,
                red_above=0.10,
            ),
            Panel("Menunggu menurut daerah", "max by (regency) (sigap_calls_waiting)", legend="{{regency}}", width=12),
            Panel(
                "Paling lama menurut daerah",
                "max by (regency) (sigap_calls_longest_waiting_seconds)",
                "s",
                "{{regency}}",
                red_above=15,
                width=12,
            ),
            Panel(
                "Instansi terlambat diberi tahu, 1 jam terakhir",
                _missed("told"),
                "percentunit",
                last=True,
                red_above=0.05,
            ),
            Panel(
                "Belum diterima instansi: teleponlah",
                "max by (agency, endpoint) (sigap_endpoint_oldest_retry_seconds)",
                "s",
                "{{agency}} {{endpoint}}",
                last=True,
                red_above=60,
            ),
            Panel(
                "Saluran nonaktif",
                "max by (agency, endpoint) (sigap_endpoint_disabled)",
                legend="{{agency}} {{endpoint}}",
                last=True,
                red_above=1,
            ),
            Panel(
                "Peringatan untuk ruang operator",
                'count by (alertname) (ALERTS{audience="room",alertstate="firing"})',
                legend="{{alertname}}",
                last=True,
                red_above=1,
                width=24,
            ),
        ),
        "10s",
    ),
)


def text_of(dashboard: Dashboard) -> str:
    """The dashboard as Grafana imports it."""
    return json.dumps(_json(dashboard), indent=2, ensure_ascii=False) + "\n"


def _json(dashboard: Dashboard) -> dict[str, Any]:
    source = {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    return {
        "uid": f"sigap-{dashboard.name}",
        "title": dashboard.title,
        "tags": ["sigap"],
        "schemaVersion": 39,
        "editable": False,
        "refresh": dashboard.refresh,
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": [source]},
        "panels": _placed(dashboard.panels),
    }


def _placed(panels: tuple[Panel, ...]) -> list[dict[str, Any]]:
    """The panels from left to right, in rows."""
    placed, x, y = [], 0, 0
    for number, panel in enumerate(panels, start=1):
        if x + panel.width > _WIDTH:
            x, y = 0, y + _HEIGHT
        placed.append(_panel(panel, number) | {"gridPos": {"h": _HEIGHT, "w": panel.width, "x": x, "y": y}})
        x += panel.width
    return placed


def _panel(panel: Panel, number: int) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.red_above is not None:
        steps.append({"color": "red", "value": panel.red_above})
    return {
        "id": number,
        "title": panel.title,
        "type": "stat" if panel.last else "timeseries",
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "fieldConfig": {
            "defaults": {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}},
            "overrides": [],
        },
        "targets": [{"refId": "A", "expr": panel.expr, "legendFormat": panel.legend, "instant": panel.last}],
    }
