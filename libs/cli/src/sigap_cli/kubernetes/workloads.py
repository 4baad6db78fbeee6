"""The objects of each service in deploy/k8s/base: workload, Services, account, disruption budget."""

from dataclasses import dataclass
from typing import Any

from sigap_common.app.manifest import AnyService
from sigap_common.app.site import Site

Manifest = dict[str, Any]

PORT = 8112
IMAGE = "sigap"
DRAIN_SECONDS = 10
"""Longer than a gateway needs to notice that a pod leaves."""
GRACE_SECONDS = 45
"""The drain, 5 s for requests in flight, 12 s for a client of Kafka that hangs, and some to spare."""
MIGRATION_SETTINGS = "sigap-databases"
"""The ConfigMap of what the migration reads too. Its name has no digest: a changed digest would change the Job."""
SOLVER_BYTES = 700_000_000
"""With the service's own memory below the pod's limit: above that, the kernel would end the service with its solver."""
_USER = 10112


@dataclass(frozen=True, slots=True)
class Size:
    """The resources that a pod requests: `cpu` in millicores, `memory` in MiB. `limit` bounds its memory, in MiB.

    The CPU has no limit, because a limit would slow a call down while the node is idle. Shares follow ADR 0014: intake
    goes first.
    """

    cpu: int
    memory: int
    limit: int
    replicas: int = 2


_SIZES = {
    "intake": Size(500, 256, 512),
    "dispatch": Size(250, 256, 512),
    "agency-gateway": Size(250, 256, 512),
    "roster": Size(100, 256, 1024),  # its solver is a process of its own
    "analytics": Size(100, 256, 512, replicas=1),
    "console": Size(50, 128, 256),
}
_OTHER = Size(100, 256, 512)


def labels(name: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "sigap"}


def objects_of(service: AnyService) -> list[Manifest]:
    """Everything in the base that is of one service."""
    name, size = service.name, _SIZES.get(service.name, _OTHER)
    return [
        _account(name),
        *([_volume_of_audit()] if name == "dispatch" else []),
        _workload(name, size),
        _service(name, name, {}),
        *_of_intake(name),
        _disruption_budget(name),
    ]


def objects_of_site(site: Site) -> list[Manifest]:
    """Everything in the base that is of one site: it has neither database nor keys."""
    name, size = site.name, _SIZES.get(site.name, _OTHER)
    workload = _workload(name, size)
    [container] = workload["spec"]["template"]["spec"]["containers"]
    container |= {"envFrom": [{"configMapRef": {"name": "sigap-settings"}}], "env": []}
    return [_account(name), workload, _service(name, name, {}), _disruption_budget(name)]


def _account(name: str) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": _meta(name),
        "automountServiceAccountToken": False,
    }


def _disruption_budget(name: str) -> Manifest:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": _meta(name),
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": labels(name)}},
    }


def _of_intake(name: str) -> list[Manifest]:
    """The headless Service of its StatefulSet, and the one by which exchanges reach also pods that are not ready."""
    if name != "intake":
        return []
    anyway = {"publishNotReadyAddresses": True}
    return [
        _service(name, "intake-pods", {"clusterIP": "None", **anyway}),
        _service(name, "intake-cti", anyway),
    ]


def _service(selected: str, name: str, more: Manifest) -> Manifest:
    ports = [{"name": "http", "port": PORT, "targetPort": "http", "appProtocol": "http"}]
    metadata = {"name": name, "labels": labels(selected) | {"sigap.id/service": name}}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": {"selector": labels(selected), "ports": ports, **more},
    }


def _volume_of_audit() -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "dispatch-audit", "labels": labels("dispatch")},
        "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "5Gi"}}},
    }


def _meta(name: str) -> Manifest:
    return {"name": name, "labels": labels(name)}


def kind_of(service: AnyService) -> str:
    """Intake keeps what exchanges tell in a file of its own, the others keep nothing."""
    return "StatefulSet" if service.name == "intake" else "Deployment"


def _workload(name: str, size: Size) -> Manifest:
    spec: Manifest = {
        "replicas": size.replicas,
        "selector": {"matchLabels": labels(name)},
        "template": {"metadata": {"labels": labels(name)}, "spec": _pod(name, size)},
    }
    if name != "intake":
        rolling = {"maxSurge": 1, "maxUnavailable": 0}
        spec["strategy"] = {"type": "RollingUpdate", "rollingUpdate": rolling}
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": _meta(name), "spec": spec}
    # If the database is away, the events of exchanges are kept in a file. The claim keeps that file if the pod ends.
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    spec |= {
        "serviceName": "intake-pods",
        "podManagementPolicy": "Parallel",
        "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}],
    }
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": _meta(name), "spec": spec}


def _pod(name: str, size: Size) -> Manifest:
    volumes: list[Manifest] = [{"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}}, *_mounted(name)]
    if name != "intake":
        volumes.append({"name": "data", "emptyDir": {"sizeLimit": "64Mi"}})
    return pod(
        name,
        ["run", name],
        volumes,
        env=_settings_of(name),
        more={
            "ports": [{"name": "http", "containerPort": PORT}],
            "resources": {
                "requests": {"cpu": f"{size.cpu}m", "memory": f"{size.memory}Mi"},
                "limits": {"memory": f"{size.limit}Mi"},
            },
            "startupProbe": _probe("/healthz", failureThreshold=60, periodSeconds=2),
            "livenessProbe": _probe("/healthz", failureThreshold=6, periodSeconds=10),
            # For requests: without Kafka calls are still taken, and their events wait in the outbox.
            "readinessProbe": _probe("/readyz?for=requests", failureThreshold=2, periodSeconds=3),
        },
        spec={
            "terminationGracePeriodSeconds": GRACE_SECONDS,
            "topologySpreadConstraints": [
                _spread(name, "kubernetes.io/hostname"),
                _spread(name, "topology.kubernetes.io/zone"),
            ],
        },
    )


def pod(
    name: str,
    args: list[str],
    volumes: list[Manifest],
    *,
    env: list[Manifest],
    more: Manifest,
    spec: Manifest,
    settings: str = "sigap-settings",
) -> Manifest:
    """The specification of a pod with one container of our image, under the restricted Pod Security Standard."""
    paths = {"tmp": "/tmp", "data": "/data", "audit": "/audit"}  # noqa: S108 (in the container)
    mounts = [
        {"name": volume["name"], "mountPath": paths.get(volume["name"], f"/etc/sigap/{volume['name']}")}
        | ({"readOnly": True} if "secret" in volume else {})
        for volume in volumes
    ]
    if name == "intake":
        mounts.append({"name": "data", "mountPath": "/data"})  # of the StatefulSet's own claim
    container = {
        "name": name,
        "image": IMAGE,
        "args": args,
        "envFrom": [{"configMapRef": {"name": settings}}, {"secretRef": {"name": "sigap-keys"}}],
        "env": env,
        **more,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": mounts,
    }
    return {
        "serviceAccountName": name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "fsGroup": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        **spec,
        "containers": [container],
        "volumes": volumes,
    }


def database_env(service: str) -> list[Manifest]:
    """The variables of a service's database. A URL is put together here, so that a Secret holds name and password
    alone, as operators of databases write them. The query says how TLS is checked.
    """
    name = service.upper().replace("-", "_")
    secret, settings = f"{service}-database", {"name": MIGRATION_SETTINGS}
    parts = {f"{name}_DATABASE_USER": "username", f"{name}_DATABASE_PASSWORD": "password"}
    user, password = parts
    database = service.replace("-", "_")
    return [
        *(
            {"name": v, "valueFrom": {"configMapKeyRef": settings | {"key": v}}}
            for v in ("DATABASE_HOST", "DATABASE_TLS")
        ),
        *({"name": v, "valueFrom": {"secretKeyRef": {"name": secret, "key": k}}} for v, k in parts.items()),
        {
            "name": f"SIGAP_{name}_DATABASE_URL",
            "value": f"postgresql+asyncpg://$({user}):$({password})@$(DATABASE_HOST)/{database}?ssl=$(DATABASE_TLS)",
        },
    ]


def _settings_of(name: str) -> list[Manifest]:
    own: dict[str, str] = {
        "intake": {"SIGAP_INTAKE_SECRETS_DIR": "/etc/sigap/exchanges"},
        "dispatch": {"SIGAP_DISPATCH_AUDIT_FOLDER": "/audit"},
        "agency-gateway": {
            "SIGAP_AGENCY_GATEWAY_SELF_URL": f"http://agency-gateway:{PORT}",
            "SIGAP_AGENCY_GATEWAY_SECRETS_DIR": "/etc/sigap/agencies",
        },
        "roster": {"SIGAP_ROSTER_SOLVER_BYTES": str(SOLVER_BYTES)},
    }.get(name, {})
    given: list[Manifest] = [{"name": key, "value": value} for key, value in own.items()]
    if name == "roster":  # the node, not the pod: its pods search for plans one at a time
        given.append({"name": "SIGAP_ROSTER_MACHINE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}})
    return [*database_env(name), *given]


def _mounted(name: str) -> list[Manifest]:
    found = []
    if name == "dispatch":
        found.append({"name": "audit", "persistentVolumeClaim": {"claimName": "dispatch-audit"}})
    for service, secrets in (("intake", "exchanges"), ("agency-gateway", "agencies")):
        if name == service:
            found.append({"name": secrets, "secret": {"secretName": f"sigap-{secrets}", "optional": True}})
    return found


def _probe(path: str, **times: int) -> Manifest:
    return {"httpGet": {"path": path, "port": "http"}, "timeoutSeconds": 4, **times}


def _spread(name: str, key: str) -> Manifest:
    return {
        "maxSkew": 1,
        "topologyKey": key,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": labels(name)},
    }
