"""Manifests for a restore of a cluster's databases: two CronJobs run `sigap reconcile`, with an account at Kafka."""

from collections.abc import Sequence

from sigap_cli.kubernetes.workloads import Manifest, database_env, labels, pod
from sigap_common.app.manifest import AnyService

NAME = "reconcile"
_SECRETS = {
    "postgres-ca": "postgres-ca",
    "kafka-ca": "sigap-cluster-ca-cert",
    "kafka-user": NAME,
}
"""Folders under /etc/sigap in the container, each with the Secret whose files it holds."""
_NEVER = "0 0 1 1 *"
"""A CronJob must have a schedule; this one is suspended all the time."""


def reconciliation(services: Sequence[AnyService]) -> list[Manifest]:
    """The account, and two CronJobs that run by hand alone: `kubectl create job NAME --from=cronjob/reconcile`."""
    account = {"name": NAME, "labels": labels(NAME)}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account, "automountServiceAccountToken": False},
        _kafka_user(),
        _by_hand(NAME, [NAME], services),
        _by_hand(f"{NAME}-apply", [NAME, "--apply"], services),
    ]


def _kafka_user() -> Manifest:
    """It reads what all services wrote, and moves the positions of their groups."""
    acls = [
        {"resource": {"type": kind, "name": "sigap.", "patternType": "prefix"}, "operations": ["Read", "Describe"]}
        for kind in ("topic", "group")
    ]
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaUser",
        "metadata": {"name": NAME, "labels": {"strimzi.io/cluster": "sigap"}},
        "spec": {"authentication": {"type": "tls"}, "authorization": {"type": "simple", "acls": acls}},
    }


def _by_hand(name: str, args: list[str], services: Sequence[AnyService]) -> Manifest:
    databases = {variable["name"]: variable for service in services for variable in database_env(service.name)}
    volumes: list[Manifest] = [{"name": kind, "emptyDir": {"sizeLimit": "64Mi"}} for kind in ("tmp", "data")]
    volumes += [{"name": path, "secret": {"secretName": secret}} for path, secret in _SECRETS.items()]
    # It remembers something of each event that it reads, so it needs more memory the more calls there were.
    resources = {"requests": {"cpu": "250m", "memory": "512Mi"}, "limits": {"memory": "2Gi"}}
    template = pod(
        NAME,
        args,
        volumes,
        env=list(databases.values()),
        more={"resources": resources},
        spec={"restartPolicy": "Never"},
    )
    job = {"backoffLimit": 0, "template": {"metadata": {"labels": labels(NAME)}, "spec": template}}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name, "labels": labels(NAME)},
        "spec": {"suspend": True, "schedule": _NEVER, "jobTemplate": {"spec": job}},
    }
