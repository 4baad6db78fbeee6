"""Manifests for a restore of a cluster's databases and its drill: CronJobs run `sigap reconcile`, with an account at
Kafka.
"""

from collections.abc import Sequence

from sigap_cli.kubernetes.workloads import Manifest, database_env, labels, pod
from sigap_common.app.manifest import AnyService

NAME = "reconcile"
DATABASES, RESTORED = "postgres", "postgres-drill"
"""The Clusters of CloudNativePG: the one that the services use, and the one that a drill makes of its copies."""
_A_WEEK = 604800
_NEVER = "0 0 1 1 *"
"""A CronJob must have a schedule; this one is suspended all the time."""


def reconciliation(services: Sequence[AnyService]) -> list[Manifest]:
    """The account, and CronJobs that run by hand alone: `kubectl create job NAME --from=cronjob/reconcile`."""
    account = {"name": NAME, "labels": labels(NAME)}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account, "automountServiceAccountToken": False},
        _kafka_user(),
        _by_hand(NAME, [NAME], services, DATABASES),
        _by_hand(f"{NAME}-apply", [NAME, "--apply"], services, DATABASES),
        _by_hand(f"{NAME}-drill", [NAME], services, RESTORED),
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


def _by_hand(name: str, args: list[str], services: Sequence[AnyService], cluster: str) -> Manifest:
    volumes: list[Manifest] = [{"name": kind, "emptyDir": {"sizeLimit": "64Mi"}} for kind in ("tmp", "data")]
    volumes += [{"name": path, "secret": secret} for path, secret in _secrets(cluster).items()]
    # It remembers something of each event that it reads, so it needs more memory the more calls there were.
    resources = {"requests": {"cpu": "250m", "memory": "512Mi"}, "limits": {"memory": "2Gi"}}
    template = pod(
        NAME,
        args,
        volumes,
        env=_databases_of(services, cluster),
        more={"resources": resources},
        spec={"restartPolicy": "Never"},
    )
    # A Job of the same name can be made again a week later.
    job = {
        "backoffLimit": 0,
        "ttlSecondsAfterFinished": _A_WEEK,
        "template": {"metadata": {"labels": labels(NAME)}, "spec": template},
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name, "labels": labels(NAME)},
        "spec": {"suspend": True, "schedule": _NEVER, "jobTemplate": {"spec": job}},
    }


def _secrets(cluster: str) -> dict[str, Manifest]:
    """Folders under /etc/sigap in the container, each with the Secret whose files it holds. Of the databases' authority
    it is the certificate alone: that Secret has the key too.
    """
    certificate = [{"key": "ca.crt", "path": "ca.crt"}]
    return {
        "postgres-ca": {"secretName": f"{cluster}-ca", "items": certificate},
        "kafka-ca": {"secretName": "sigap-cluster-ca-cert"},
        "kafka-user": {"secretName": NAME},
    }


def _databases_of(services: Sequence[AnyService], cluster: str) -> list[Manifest]:
    found = {variable["name"]: variable for service in services for variable in database_env(service.name)}
    if cluster != DATABASES:
        found["DATABASE_HOST"] = {"name": "DATABASE_HOST", "value": f"{cluster}-rw"}
    return list(found.values())
