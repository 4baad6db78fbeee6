"""Writes what of deploy/k8s follows from the manifests and the contracts.

python -m sigap_cli.kubernetes [FOLDER]
"""

import sys
from pathlib import Path
from typing import Any

import yaml

from sigap_cli.kubernetes import around
from sigap_cli.kubernetes.dashboards import DASHBOARDS, text_of
from sigap_cli.kubernetes.monitoring import alerts
from sigap_cli.kubernetes.restoring import reconciliation
from sigap_cli.kubernetes.workloads import objects_of, objects_of_site
from sigap_common.app.manifest import services
from sigap_common.app.site import sites

HEAD = "# Made by `make docs` from the services' manifests and the contracts; do not edit, patch it in an overlay.\n"


def files() -> dict[str, str]:
    """The text of each file, by its path below deploy/k8s."""
    installed, beside = services(), sites()
    made = {f"base/{service.name}.yaml": objects_of(service) for service in installed}
    made |= {f"base/{site.name}.yaml": objects_of_site(site) for site in beside}
    made |= {
        "base/migration.yaml": around.migration(installed),
        "components/gateway/routes.yaml": around.gateway_routes(installed, beside),
        "components/strimzi/topics.yaml": around.kafka_topics(),
        "components/strimzi/users.yaml": around.kafka_users(installed),
        "components/strimzi/certificates.yaml": around.kafka_certificates(installed),
        "base/kustomization.yaml": [_base(sorted([*(one.name for one in installed), *(one.name for one in beside)]))],
        "components/scaling/scaled.yaml": [*around.scaling(installed), *around.scaling_accounts(installed)],
        "components/monitoring/alerts.yaml": [alerts()],
        "components/reconcile/reconcile.yaml": reconciliation(installed),
    }
    dashboards = {f"components/monitoring/dashboards/{one.name}.json": text_of(one) for one in DASHBOARDS}
    return {path: _text(objects) for path, objects in made.items()} | dashboards


def _base(names: list[str]) -> dict[str, Any]:
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": ["namespace.yaml", *(f"{name}.yaml" for name in names), "migration.yaml"],
    }


def _text(objects: list[dict[str, Any]]) -> str:
    return HEAD + yaml.dump_all(objects, Dumper=_Plain, sort_keys=False, width=120)


class _Plain(yaml.SafeDumper):
    """Writes a value that occurs twice twice: no anchors."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "deploy/k8s")
    for path, text in files().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
