"""The alerts and dashboards: an alert fires on what is wrong and on nothing else, and all metrics that are asked for
exist.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from sigap_cli.kubernetes.monitoring import ALERTS
from sigap_cli.openapi import document
from sigap_common.app.host import runtimes
from sigap_common.app.manifest import services
from sigap_common.app.site import sites
from sigap_common.bus import open_bus
from sigap_common.core.settings import CommonSettings
from sigap_common.observability.metrics import of_site
from sigap_testing.parts import NotHere
from sigap_testing.plugin import missing

from .kubernetes import ROOT

DASHBOARDS = ROOT / "deploy/k8s/components/monitoring/dashboards"
OTHERS = frozenset(
    {
        "up",
        "kubelet_volume_stats_available_bytes",
        "kubelet_volume_stats_capacity_bytes",
        "certmanager_certificate_expiration_timestamp_seconds",
        "probe_ssl_earliest_cert_expiry",
        "barman_cloud_cloudnative_pg_io_last_available_backup_timestamp",
        "cnpg_pg_stat_archiver_last_archived_time",
    }
)
"""Metrics that others expose: Prometheus itself, the kubelet, cert-manager, the blackbox exporter, CloudNativePG with
barman's plugin.
"""
ENDS = ("_total", "_bucket", "_count", "_sum")


def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        missing(NotHere("promtool is not here (Debian: prometheus)"))
    return found


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def alerts() -> dict[str, dict[str, Any]]:
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


@dataclass(frozen=True, slots=True)
class Case:
    """Series as promtool writes them, one value a minute. Looked at after `minutes`: so many alerts fire on `bad`."""

    bad: dict[str, str]
    good: dict[str, str]
    minutes: int = 30
    fires: int = 1


def one(series: str, bad: str, good: str, minutes: int = 30) -> Case:
    return Case({series: bad}, {series: good}, minutes)


def promise(name: str, bad: str, good: str, minutes: int) -> Case:
    """Ten cases a minute; so many of them are kept."""
    cases, kept = (f'sigap_promise_{what}_total{{promise="{name}",instance="a"}}' for what in ("cases", "kept"))
    return Case({cases: "0+10x500", kept: bad}, {cases: "0+10x500", kept: good}, minutes)


ENDPOINT = '{agency="99.01/damkar",endpoint="utama"}'
FEW = 'sigap_promise_{}_total{{promise="answered"}}'
BUS_CERTIFICATE = 'sigap_certificate_expires_timestamp_seconds{certificate="bus"}'
OTHER_CERTIFICATE = 'certmanager_certificate_expiration_timestamp_seconds{namespace="sigap",name="sigap"}'
CHARTS_CERTIFICATE = (
    "certmanager_certificate_expiration_timestamp_seconds"
    '{{namespace="cert-manager",exported_namespace="{}",name="sigap-tls"}}'
)
ARCHIVED = 'cnpg_pg_stat_archiver_last_archived_time{namespace="sigap",pod="postgres-1"}'
OWN_BACKUP = 'sigap_backup_timestamp_seconds{of="single-host",service="d"}'
CLUSTERS_BACKUP = 'barman_cloud_cloudnative_pg_io_last_available_backup_timestamp{namespace="sigap"}'
DAY = 86_400
NAMES = [service.name for service in services()]
THERE = {
    **{name: f'sigap_consumer_lag_events{{service="{name}"}}' for name in NAMES},
    **{site.name: f'sigap_site_served{{service="{site.name}"}}' for site in sites()},
}
"""The series by which each service and site is known to be there."""


CASES: dict[str, list[Case]] = {
    "SigapAnsweredLateFast": [
        promise("answered", "0+3x500", "0+8x500", 90),
        # Slowly: 40 % missed for six hours.
        promise("answered", "0+6x500", "0+8x500", 420),
        # Nothing is wrong with two calls of which one was late.
        Case(
            {FEW.format("cases"): "0+1x500", FEW.format("kept"): "0x500"},
            {FEW.format("cases"): "0x80 1x20 2x200", FEW.format("kept"): "0x300"},
            105,
        ),
    ],
    "SigapAnsweredLateSlow": [
        promise("answered", "0+8x500", "0+9.5x500", 420),
        # Two cases in six hours, both missed, say nothing of three days.
        Case(
            {FEW.format("cases"): "0+1x500", FEW.format("kept"): "0x500"},
            {FEW.format("cases"): "0x100 1x100 2x300", FEW.format("kept"): "0x500"},
            420,
        ),
    ],
    "SigapToldLateFast": [
        promise("told", "0+2x500", "0+9.6x500", 90),
        promise("told", "0+6x500", "0+8x500", 420),
    ],
    "SigapToldLateSlow": [promise("told", "0+9x500", "0+9.7x500", 420)],
    "SigapCallsWait": [one('sigap_calls_longest_waiting_seconds{regency="99.01"}', "0+60x30", "5+0x30", 5)],
    "SigapEndpointFails": [
        one(f"sigap_endpoint_oldest_retry_seconds{ENDPOINT}", "0+60x30", "0 60 _x30", 10),
    ],
    "SigapEndpointDisabled": [one(f"sigap_endpoint_disabled{ENDPOINT}", "1+0x30", "1 1 _x30", 10)],
    "SigapProcessSilent": [
        one('up{job="sigap",instance="a"}', "1x5 0x30", "1x5 0 1x30", 10),
        one('up{job="sigap/sigap",instance="a"}', "1x5 0x30", "1x30", 10),
        Case({'up{job="sigap",instance="a"}': "0x30"}, {'up{job="others",instance="a"}': "0x30"}, 10),
    ],
    "SigapServiceGone": [
        Case(dict.fromkeys(THERE.values(), "0x5 _x30"), dict.fromkeys(THERE.values(), "0x30"), 20, len(THERE)),
        # One of them was never there.
        *(
            Case(
                {series: "0x30" for name, series in THERE.items() if name != lacking},
                dict.fromkeys(THERE.values(), "0x5 _ 0x30"),
                20,
            )
            for lacking in (NAMES[0], sites()[0].name)
        ),
    ],
    "SigapDatabaseAway": [one('sigap_dependency_up{dependency="database",service="intake"}', "1x5 0x30", "1x30", 10)],
    "SigapBusAway": [one('sigap_dependency_up{dependency="bus",service="intake"}', "1x5 0x30", "1 0 1x30", 10)],
    "SigapEventsWait": [one('sigap_outbox_oldest_seconds{service="intake"}', "0+60x30", "0 30 0x30", 10)],
    "SigapExchangeEventsWait": [
        one('sigap_exchange_events_oldest_seconds{instance="a"}', "0+60x30", "0 40 0 50 0x30", 10),
        # Each process has a file of its own: two that wait are two.
        Case(
            {f'sigap_exchange_events_oldest_seconds{{instance="{n}"}}': "0+60x30" for n in "ab"},
            {f'sigap_exchange_events_oldest_seconds{{instance="{n}"}}': "0x30" for n in "ab"},
            10,
            2,
        ),
    ],
    "SigapExchangeEventsSetAside": [one('sigap_exchange_events_set_aside{instance="a"}', "0 1x60", "0x60")],
    "SigapLeaseWithoutHolder": [
        one('sigap_lease_unattended_seconds{service="dispatch"}', "0+60x30", "4x30", 5),
        # A replica that has just begun sees the holder.
        Case(
            {f'sigap_lease_unattended_seconds{{service="d",instance="{n}"}}': "0+60x30" for n in "ab"},
            {
                'sigap_lease_unattended_seconds{service="d",instance="a"}': "0+60x30",
                'sigap_lease_unattended_seconds{service="d",instance="b"}': "1x30",
            },
            5,
        ),
    ],
    "SigapConsumerStands": [
        Case(
            {'sigap_consumer_lag_events{service="d"}': "7x60", 'sigap_events_handled_total{service="d"}': "50x60"},
            {'sigap_consumer_lag_events{service="d"}': "7x60", 'sigap_events_handled_total{service="d"}': "0+9x60"},
        ),
        # A replica that does not know (promtool cannot write NaN, and -1 is left out like it) hides nothing.
        Case(
            {
                'sigap_consumer_lag_events{service="d",instance="a"}': "7x60",
                'sigap_consumer_lag_events{service="d",instance="b"}': "-1x60",
                'sigap_events_handled_total{service="d",instance="a"}': "50x60",
            },
            {'sigap_consumer_lag_events{service="d"}': "0x60", 'sigap_events_handled_total{service="d"}': "50x60"},
        ),
    ],
    "SigapConsumerLags": [one('sigap_consumer_lag_events{service="d"}', "900x60", "0 900 900 0x60")],
    "SigapDeadLetters": [one('sigap_dead_letters{service="d"}', "1x60", "0x60")],
    "SigapRefusesWork": [
        one('sigap_http_requests_refused_total{service="d",urgency="help"}', "0+3x60", "4x60"),
        Case(
            {'sigap_http_requests_refused_total{service="d",urgency="calls"}': "0+3x60"},
            {'sigap_http_requests_refused_total{service="d",urgency="overview"}': "0+3x60"},
        ),
    ],
    "SigapDiskFills": [
        Case(
            {'sigap_disk_free_bytes{instance="a"}': "10x60", 'sigap_disk_size_bytes{instance="a"}': "100x60"},
            {'sigap_disk_free_bytes{instance="a"}': "40x60", 'sigap_disk_size_bytes{instance="a"}': "100x60"},
        ),
        Case(
            {
                'kubelet_volume_stats_available_bytes{namespace="sigap",persistentvolumeclaim="p"}': "10x60",
                'kubelet_volume_stats_capacity_bytes{namespace="sigap",persistentvolumeclaim="p"}': "100x60",
            },
            {
                'kubelet_volume_stats_available_bytes{namespace="other",persistentvolumeclaim="p"}': "10x60",
                'kubelet_volume_stats_capacity_bytes{namespace="other",persistentvolumeclaim="p"}': "100x60",
            },
        ),
    ],
    "SigapDiskFull": [
        Case(
            {'sigap_disk_free_bytes{instance="a"}': "4x60", 'sigap_disk_size_bytes{instance="a"}': "100x60"},
            {'sigap_disk_free_bytes{instance="a"}': "6x60", 'sigap_disk_size_bytes{instance="a"}': "100x60"},
        ),
    ],
    "SigapCertificateEnds": [
        one(BUS_CERTIFICATE, f"{10 * DAY}x200", f"{20 * DAY}x200", 90),
        one(OTHER_CERTIFICATE, f"{DAY}x200", f"{90 * DAY}x200", 90),
        # As Prometheus's operator writes it if cert-manager's chart asks for the metrics.
        Case(
            {CHARTS_CERTIFICATE.format("sigap"): f"{DAY}x200"}, {CHARTS_CERTIFICATE.format("other"): f"{DAY}x200"}, 90
        ),
    ],
    "SigapBackupTooOld": [
        one(OWN_BACKUP, "0x1700", f"{DAY}x1700", 1600),
        one(CLUSTERS_BACKUP, "0x1700", f"{DAY}x1700", 1600),
    ],
    "SigapArchiveStands": [
        one(ARCHIVED, "0x90", "0+60x90", 60),
        # None was ever archived.
        one(ARCHIVED, "-1x90", "0 300 600x5 900x5 1200x20", 45),
    ],
    "SigapClockApart": [one('sigap_clock_ahead_seconds{instance="a"}', "-9x30", "2x30")],
}  # fmt: skip


def test_each_alert_has_cases() -> None:
    assert CASES.keys() == alerts().keys()


def _tested(alert: str, series: dict[str, str], fires: int, minutes: int) -> dict[str, Any]:
    asked = {
        "expr": f'count(ALERTS{{alertname="{alert}",alertstate="firing"}})',
        "eval_time": f"{minutes}m",
        "exp_samples": [{"labels": "{}", "value": fires}] if fires else [],
    }
    inputs = [{"series": name, "values": values} for name, values in series.items()]
    return {"interval": "1m", "input_series": inputs, "promql_expr_test": [asked]}


@pytest.mark.parametrize("alert", CASES)
def test_it_fires_on_what_is_wrong_and_on_nothing_else(alert: str, tmp_path: Path) -> None:
    tests = [
        test
        for case in CASES[alert]
        for test in (
            _tested(alert, case.bad, case.fires, case.minutes),
            _tested(alert, case.good, 0, case.minutes),
        )
    ]
    check_rules(tests, tmp_path)


VOLUMES = 'kubelet_volume_stats_{}_bytes{{namespace="sigap",instance="node-2",persistentvolumeclaim="data-intake-0"}}'
FOLDERS = 'sigap_disk_{}_bytes{{instance="10.0.0.7:8112"}}'


@pytest.mark.parametrize(
    ("free", "all_", "named"),
    [
        (VOLUMES.format("available"), VOLUMES.format("capacity"), "data-intake-0"),
        (FOLDERS.format("free"), FOLDERS.format("size"), "10.0.0.7:8112"),
    ],
)
def test_the_alert_of_a_disk_names_the_volume_and_not_the_node_that_measured_it(
    free: str, all_: str, named: str, tmp_path: Path
) -> None:
    said = alerts()["SigapDiskFull"]
    labels = dict(re.findall(r'(\w+)="([^"]*)"', free)) | said["labels"]
    notes = said["annotations"] | {"summary": f"4% of the disk of {named} is free"}
    fired = {"alertname": "SigapDiskFull", "eval_time": "10m"}
    test = {
        "interval": "1m",
        "input_series": [{"series": free, "values": "4x60"}, {"series": all_, "values": "100x60"}],
        "alert_rule_test": [{**fired, "exp_alerts": [{"exp_labels": labels, "exp_annotations": notes}]}],
    }
    check_rules([test], tmp_path)


def check_rules(tests: list[dict[str, Any]], folder: Path) -> None:
    asked = {"rule_files": [str(ALERTS)], "evaluation_interval": "1m", "tests": tests}
    (folder / "test.yaml").write_text(yaml.safe_dump(asked))
    done = subprocess.run(
        [promtool(), "test", "rules", "test.yaml"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_alert_of_a_service_that_is_gone_names_each_service() -> None:
    named = re.findall(r'service="([^"]+)"', alerts()["SigapServiceGone"]["expr"])
    assert sorted(named) == sorted(THERE)


def test_prometheus_takes_the_configuration_of_a_host() -> None:
    command = [promtool(), "check", "config", str(ROOT / "deploy/monitoring/prometheus.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The names of all samples that any service exposes."""
    folder = tmp_path_factory.mktemp("metrics")
    running = runtimes(services(), CommonSettings(data_dir=folder), open_bus("embedded://", data_dir=folder))
    registries = [*(runtime.metrics.registry for runtime in running), of_site()]
    found = {metric.name for registry in registries for metric in registry.collect()}
    return frozenset({f"{name}{end}" for name in found for end in ("", *ENDS)})


def _asked(expr: str) -> Iterator[str]:
    """The names of metrics in a query: no labels, functions, keywords or recorded series."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^]]*\]|\b(by|on)\s*\([^)]*\)', " ", expr)
    for name in re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*(?!\w)(?!\s*\()", bare):
        if name not in {"by", "on", "and", "or", "sum", "max", "min", "count", "time", "ALERTS", "le"}:
            yield name


def _recorded() -> frozenset[str]:
    return frozenset(rule["record"] for rule in rules() if "record" in rule)


def test_alerts_ask_for_metrics_that_exist(known: frozenset[str]) -> None:
    for rule in rules():
        asked = set(_asked(rule["expr"]))
        assert asked, rule
        assert asked <= known | OTHERS | _recorded(), rule


@pytest.mark.parametrize("name", ["operations", "room"])
def test_dashboards_ask_for_metrics_that_exist(name: str, known: frozenset[str]) -> None:
    panels = json.loads((DASHBOARDS / f"{name}.json").read_text())["panels"]
    for panel in panels:
        expr = panel["targets"][0]["expr"]
        assert set(_asked(expr)) <= known | OTHERS | _recorded(), expr
        assert "sigap" in expr or "ALERTS" in expr


def test_a_metric_that_is_not_there_is_found(known: frozenset[str]) -> None:
    assert set(_asked('sum by (service) (rate(sigap_events_handld_total{a="b"}[5m])) > 0')) - known == {
        "sigap_events_handld_total"
    }


def test_each_page_is_of_an_alert_and_names_it() -> None:
    pages = {path for path in (ROOT / "docs/runbooks").glob("*.md") if path.name != "README.md"}
    named = {ROOT / alert["annotations"]["runbook_url"]: name for name, alert in alerts().items()}
    assert pages == named.keys()
    for name, alert in alerts().items():
        assert f"`{name}`" in (ROOT / alert["annotations"]["runbook_url"]).read_text()


def test_the_list_of_pages_names_every_alert_with_its_severity() -> None:
    text = (ROOT / "docs/runbooks/README.md").read_text()
    for name, alert in alerts().items():
        page = alert["annotations"]["runbook_url"].rpartition("/")[2]
        assert re.search(rf"\| `{name}` \| {alert['labels']['severity']}.*\({page}\)", text), name


def test_what_pages_ask_of_the_api_is_there() -> None:
    paths = document(None)["paths"]
    assert isinstance(paths, dict)
    asked = [
        (path.name, *found)
        for path in (ROOT / "docs/runbooks").glob("*.md")
        for found in re.findall(r"`(GET|POST|PUT) (/v1/[^?`]*)\??([^`]*)`", path.read_text())
    ]
    assert len(asked) > 10
    for page, method, path, query in asked:
        pattern = re.compile(re.sub(r"\\{id\\}", r"\\{[a-z_]+\\}", re.escape(path)))
        known = [
            key for key in paths if pattern.fullmatch(key) or re.fullmatch(re.sub(r"{\w+}", "[a-z0-9_]+", key), path)
        ]
        operations = [paths[key][method.lower()] for key in known if method.lower() in paths[key]]
        assert operations, (page, method, path)
        taken = {one["name"] for operation in operations for one in operation.get("parameters", [])}
        assert set(re.findall(r"(\w+)=", query)) <= taken, (page, path, query)
