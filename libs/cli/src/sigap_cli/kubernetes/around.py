"""The objects around the services: the migration, the gateway's routes, Kafka's topics and users, the scaling."""

from collections.abc import Iterable, Sequence
from typing import Any

from sigap_cli.edge_routes import pages, routes_of
from sigap_cli.kubernetes.workloads import MIGRATION_SETTINGS, PORT, Manifest, database_env, kind_of, labels, pod
from sigap_common.app.manifest import AnyService
from sigap_common.app.migrations import TOPICS
from sigap_common.app.packs import PACK_EVENTS
from sigap_common.app.site import Site
from sigap_common.bus.kafka import topic_configs
from sigap_common.contracts.base import Event
from sigap_common.contracts.registry import topics_of
from sigap_common.contracts.topics import CATALOGUE

WITHOUT_DATABASE = "/v1/cti"
"""The collection that is also led to processes that are not ready (docs/adr/0022)."""
_ANSWER = "30s"
_WITHOUT_KAFKA: Manifest = {"failureThreshold": 3, "replicas": 3, "behavior": "currentReplicasIfHigher"}
"""If Kafka is away, as many pods as it takes by day. KEDA's default would also lower the number to these, just before
the backlog comes. KEDA refuses a fallback where nothing but the processor is measured.
"""


def migration(services: Sequence[AnyService]) -> list[Manifest]:
    """The Job that brings the databases to their revision. A Job cannot be changed, so each overlay puts the image's
    tag into its name: a new version is a new Job.
    """
    container = {
        "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
    }
    databases = {variable["name"]: variable for service in services for variable in database_env(service.name)}
    volumes: list[Manifest] = [
        {"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}},
        {"name": "data", "emptyDir": {"sizeLimit": "64Mi"}},
    ]
    env = list(databases.values())
    template = pod(
        "migrate",
        ["migrate"],
        volumes,
        env=env,
        more=container,
        spec={"restartPolicy": "OnFailure"},
        settings=MIGRATION_SETTINGS,
    )
    account = {"name": "migrate", "labels": labels("migrate")}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account, "automountServiceAccountToken": False},
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": "migrate-version", "labels": labels("migrate")},
            "spec": {
                # The database may come minutes later than this Job; each try ends at once if it is away.
                "backoffLimit": 30,
                "ttlSecondsAfterFinished": 604800,
                "template": {"metadata": {"labels": labels("migrate")}, "spec": template},
            },
        },
    ]


def gateway_routes(services: Sequence[AnyService], sites: Sequence[Site]) -> list[Manifest]:
    """One HTTPRoute a service or site, by the manifests' own facts. The operations paths are in none."""
    owned: dict[str, list[str]] = {}
    for path, owner in pages(services, sites).items():
        owned.setdefault(owner, []).append(path)
    of_sites = (_http_route(site.name, [_of_pages(site.name, owned[site.name])]) for site in sites)
    return [*(_route(service, owned.get(service.name, [])) for service in services), *of_sites]


def _of_pages(name: str, paths: list[str]) -> Manifest:
    return _rule(name, [_match(path) if path == "/" else _prefix(path) for path in paths], {"request": _ANSWER})


def _route(service: AnyService, paths: list[str]) -> Manifest:
    facts = routes_of(service)
    rules = []
    if facts.streams:
        matches = [_match(path) for path in facts.streams]
        rules.append(_rule(service.name, matches, {"request": "0s"}))
    led_anyway = [path for path in facts.collections if path == WITHOUT_DATABASE]
    others = [path for path in facts.collections if path != WITHOUT_DATABASE]
    if led_anyway:
        rules.append(_rule(f"{service.name}-cti", [_prefix(path) for path in led_anyway], {"request": _ANSWER}))
    rules.append(_rule(service.name, [_prefix(path) for path in others], {"request": _ANSWER}))
    if paths:
        rules.append(_of_pages(service.name, paths))
    return _http_route(service.name, rules)


def _http_route(name: str, rules: list[Manifest]) -> Manifest:
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": name, "labels": labels(name)},
        "spec": {"parentRefs": [{"name": "sigap", "sectionName": "https"}], "rules": rules},
    }


def _rule(backend: str, matches: list[Manifest], timeouts: dict[str, str]) -> Manifest:
    return {"matches": matches, "backendRefs": [{"name": backend, "port": PORT}], "timeouts": timeouts}


def _prefix(path: str) -> Manifest:
    return {"path": {"type": "PathPrefix", "value": path}}


def _match(path: str) -> Manifest:
    steps = ["[^/]+" if step.startswith("{") else step for step in path.split("/")]
    if "[^/]+" in steps:
        return {"path": {"type": "RegularExpression", "value": "/".join(steps)}}
    return {"path": {"type": "Exact", "value": path}}


def kafka_topics() -> list[Manifest]:
    """The topics, as Strimzi makes them; `sigap migrate` makes the same elsewhere."""
    return [
        {
            "apiVersion": "kafka.strimzi.io/v1",
            "kind": "KafkaTopic",
            "metadata": {"name": spec.name, "labels": {"strimzi.io/cluster": "sigap"}},
            "spec": {"partitions": spec.partitions, "replicas": 3, "config": _typed(topic_configs(spec))},
        }
        for spec in TOPICS
    ]


def _typed(configs: dict[str, str]) -> dict[str, Any]:
    return {key: int(value) if value.isdecimal() else value for key, value in configs.items()}


def kafka_users(services: Sequence[AnyService]) -> list[Manifest]:
    """One account a service, with its own certificate: it writes what it publishes, and reads what it subscribes to."""
    return [
        {
            "apiVersion": "kafka.strimzi.io/v1",
            "kind": "KafkaUser",
            "metadata": {"name": service.name, "labels": {"strimzi.io/cluster": "sigap"}},
            "spec": {
                "authentication": {"type": "tls"},
                "authorization": {"type": "simple", "acls": _acls(service)},
            },
        }
        for service in services
    ]


def written_by(service: AnyService) -> list[str]:
    return [topic.name for topic in CATALOGUE if topic.writer in (service.name, None)]


def read_by(service: AnyService) -> list[str]:
    """The topics that the service reads: those of its subscriptions, those of the packs, and its own, because its live
    streams follow that one.
    """
    return sorted(_subscribed(service) | _topics(PACK_EVENTS) | {service.topic})


def _subscribed(service: AnyService) -> set[str]:
    return _topics(event for subscribed in service.subscriptions for event in subscribed.events)


def _topics(events: Iterable[type[Event]]) -> set[str]:
    return {topic for event in events for topic in topics_of(event)}


def _acls(service: AnyService) -> list[Manifest]:
    def topic(name: str, *operations: str) -> Manifest:
        return {
            "resource": {"type": "topic", "name": name, "patternType": "literal"},
            "operations": list(operations),
        }

    writes, reads = written_by(service), read_by(service)
    group = {"type": "group", "name": f"sigap.{service.name}", "patternType": "literal"}
    return [
        *(
            topic(name, *(["Write"] if name in writes else []), *(["Read"] if name in reads else []), "Describe")
            for name in sorted({*writes, *reads})
        ),
        {"resource": group, "operations": ["Read"]},
    ]


def kafka_certificates(services: Sequence[AnyService]) -> list[Manifest]:
    """Patches: each workload mounts the certificate of its own account, and that of the brokers' authority."""
    return [_with_certificate(service) for service in services]


def _with_certificate(service: AnyService) -> Manifest:
    secrets = {"kafka-ca": "sigap-cluster-ca-cert", "kafka-user": service.name}
    mounts = [{"name": name, "mountPath": f"/etc/sigap/{name}", "readOnly": True} for name in secrets]
    spec = {
        "containers": [{"name": service.name, "volumeMounts": mounts}],
        "volumes": [{"name": name, "secret": {"secretName": secret}} for name, secret in secrets.items()],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": kind_of(service),
        "metadata": {"name": service.name},
        "spec": {"template": {"spec": spec}},
    }


def scaling(services: Sequence[AnyService]) -> list[Manifest]:
    """KEDA: more pods if they have too much to do, or if their group lags behind in what it reads."""
    return [_scaled(service) for service in services]


def _scaled(service: AnyService) -> Manifest:
    lag = [
        {
            "type": "kafka",
            "metadata": {
                "bootstrapServers": "sigap-kafka-bootstrap:9093",
                "consumerGroup": f"sigap.{service.name}",
                "topic": topic,
                "lagThreshold": "500",
                "tls": "enable",
            },
            "authenticationRef": {"name": f"{service.name}-kafka"},
        }
        for topic in sorted(_subscribed(service))
    ]
    kind = kind_of(service)
    # A pod that is taken away leaves its volume, which nobody reads until the pod is back.
    never_down = {"horizontalPodAutoscalerConfig": {"behavior": {"scaleDown": {"selectPolicy": "Disabled"}}}}
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": service.name, "labels": labels(service.name)},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": service.name},
            **({"advanced": never_down} if kind == "StatefulSet" else {}),
            "minReplicaCount": 2,
            "maxReplicaCount": 6,
            **({"fallback": _WITHOUT_KAFKA} if lag else {}),
            "triggers": [{"type": "cpu", "metricType": "Utilization", "metadata": {"value": "150"}}, *lag],
        },
    }


def scaling_accounts(services: Sequence[AnyService]) -> list[Manifest]:
    """By which KEDA asks Kafka for the lag: the certificate of the service itself. Of those that read events."""
    return [
        {
            "apiVersion": "keda.sh/v1alpha1",
            "kind": "TriggerAuthentication",
            "metadata": {"name": f"{service.name}-kafka", "labels": labels(service.name)},
            "spec": {
                "secretTargetRef": [
                    {"parameter": "ca", "name": "sigap-cluster-ca-cert", "key": "ca.crt"},
                    {"parameter": "cert", "name": service.name, "key": "user.crt"},
                    {"parameter": "key", "name": service.name, "key": "user.key"},
                ]
            },
        }
        for service in services
        if _subscribed(service)
    ]
