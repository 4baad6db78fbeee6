"""The kinds of custom resources that deploy/k8s uses, as schemas of our own.

They hold the fields that we use, written by hand from the operators' documentation: Gateway API 1.6, cert-manager 1.21,
KEDA 2.20, the Prometheus operator 0.95, Strimzi 1.2, CloudNativePG 1.30. They find a misspelt or misplaced field. They
do not replace the released definitions: SIGAP_KUBE_CRDS may name a folder of those.
"""

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
SIZE: Schema = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$"}
TEXTS: Schema = {"type": "object", "additionalProperties": TEXT}
DURATION: Schema = {"type": "string", "pattern": r"^([0-9]{1,5}(h|m|s|ms)){1,4}$"}
SCALAR: Schema = {"x-kubernetes-preserve-unknown-fields": True}


def of(*required: str, **fields: Schema) -> Schema:
    made: Schema = {"type": "object", "properties": {name.rstrip("_"): schema for name, schema in fields.items()}}
    return made | ({"required": list(required)} if required else {})


def many(schema: Schema, **limits: int) -> Schema:
    return {"type": "array", "items": schema, **limits}


def one_of(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


KEY = of("name", "key", name=TEXT, key=TEXT)
RESOURCES = of(requests=of(cpu=SIZE, memory=SIZE), limits=of(cpu=SIZE, memory=SIZE))
_PATH = of("type", "value", type=one_of("Exact", "PathPrefix", "RegularExpression"), value={**TEXT, "maxLength": 1024})
_RULE = of(
    matches=many(of(path=_PATH), maxItems=64),
    backendRefs=many(of("name", name=TEXT, port=NUMBER), maxItems=16),
    timeouts=of(request=DURATION, backendRequest=DURATION),
)
_LISTENER = of(
    "name",
    "port",
    "protocol",
    name=TEXT,
    port=NUMBER,
    protocol=one_of("HTTP", "HTTPS", "TLS", "TCP", "UDP"),
    hostname=TEXT,
    tls=of(mode=one_of("Terminate", "Passthrough"), certificateRefs=many(of("name", name=TEXT))),
    allowedRoutes=of(namespaces=of(from_=one_of("All", "Selector", "Same", "None"))),
)
_TRIGGER = of(
    "type",
    "metadata",
    type=TEXT,
    metricType=one_of("AverageValue", "Value", "Utilization"),
    metadata=TEXTS,
    authenticationRef=of("name", name=TEXT),
)
_SCALE_DOWN = of(selectPolicy=one_of("Max", "Min", "Disabled"), stabilizationWindowSeconds=NUMBER)
_ACL = of(
    "resource",
    resource=of("type", type=one_of("topic", "group", "cluster", "transactionalId"), name=TEXT, patternType=TEXT),
    operations=many(
        one_of("Read", "Write", "Create", "Delete", "Alter", "Describe", "ClusterAction", "AlterConfigs", "All")
    ),
    type=one_of("allow", "deny"),
)
_SECURITY = of(
    allowPrivilegeEscalation=FLAG,
    runAsNonRoot=FLAG,
    seccompProfile=of("type", type=TEXT),
    capabilities=of(drop=many(TEXT)),
)
_CONTAINER = of(securityContext=_SECURITY)
_APART = of("topologyKey", topologyKey=TEXT, labelSelector=of(matchLabels=TEXTS))
_AFFINITY = of(podAntiAffinity=of(requiredDuringSchedulingIgnoredDuringExecution=many(_APART)))
_BROKERS = of(kafkaContainer=_CONTAINER, pod=of(affinity=_AFFINITY))
_PLUGIN = of("name", name=TEXT, isWALArchiver=FLAG, parameters=TEXTS)
_PARAMETERS = of(name=TEXT, ensure=TEXT, login=FLAG, passwordSecret=of("name", name=TEXT))

KINDS: dict[tuple[str, str, str], Schema] = {
    ("gateway.networking.k8s.io", "v1", "Gateway"): of(
        "gatewayClassName", "listeners", gatewayClassName=TEXT, listeners=many(_LISTENER, minItems=1, maxItems=64)
    ),
    ("gateway.networking.k8s.io", "v1", "HTTPRoute"): of(
        parentRefs=many(of("name", name=TEXT, sectionName=TEXT)), hostnames=many(TEXT), rules=many(_RULE, maxItems=16)
    ),
    ("cert-manager.io", "v1", "Certificate"): of(
        "secretName",
        "issuerRef",
        secretName=TEXT,
        dnsNames=many(TEXT),
        duration=DURATION,
        renewBefore=DURATION,
        privateKey=of(
            algorithm=one_of("RSA", "ECDSA", "Ed25519"), size=NUMBER, rotationPolicy=one_of("Never", "Always")
        ),
        issuerRef=of("name", name=TEXT, kind=TEXT, group=TEXT),
    ),
    ("keda.sh", "v1alpha1", "ScaledObject"): of(
        "scaleTargetRef",
        "triggers",
        scaleTargetRef=of("name", apiVersion=TEXT, kind=TEXT, name=TEXT),
        minReplicaCount=NUMBER,
        maxReplicaCount=NUMBER,
        advanced=of(horizontalPodAutoscalerConfig=of(behavior=of(scaleDown=_SCALE_DOWN))),
        fallback=of(
            "failureThreshold",
            "replicas",
            failureThreshold=NUMBER,
            replicas=NUMBER,
            behavior=one_of("static", "currentReplicas", "currentReplicasIfHigher", "currentReplicasIfLower"),
        ),
        triggers=many(_TRIGGER),
    ),
    ("keda.sh", "v1alpha1", "TriggerAuthentication"): of(
        secretTargetRef=many(of("parameter", "name", "key", parameter=TEXT, name=TEXT, key=TEXT))
    ),
    ("monitoring.coreos.com", "v1", "PodMonitor"): of(
        "selector",
        selector=of(matchLabels=TEXTS),
        podMetricsEndpoints=many(of(port=TEXT, path=TEXT, interval=DURATION, scrapeTimeout=DURATION, honorLabels=FLAG)),
    ),
    ("monitoring.coreos.com", "v1", "PrometheusRule"): of(
        groups=many(
            of(
                "name",
                name=TEXT,
                interval=DURATION,
                rules=many(
                    of(
                        "expr",
                        alert=TEXT,
                        record=TEXT,
                        expr=TEXT,
                        for_=DURATION,
                        labels=TEXTS,
                        annotations=TEXTS,
                    )
                ),
            )
        )
    ),
    ("kafka.strimzi.io", "v1", "Kafka"): of(
        "kafka",
        kafka=of(
            "listeners",
            version=TEXT,
            listeners=many(
                of(
                    "name",
                    "port",
                    "type",
                    "tls",
                    name=TEXT,
                    port=NUMBER,
                    type=TEXT,
                    tls=FLAG,
                    authentication=of("type", type=TEXT),
                )
            ),
            authorization=of("type", type=TEXT),
            template=_BROKERS,
            config={"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        ),
        entityOperator=of(
            topicOperator=of(),
            userOperator=of(),
            template=of(topicOperatorContainer=_CONTAINER, userOperatorContainer=_CONTAINER),
        ),
    ),
    ("kafka.strimzi.io", "v1", "KafkaNodePool"): of(
        "replicas",
        "storage",
        "roles",
        replicas=NUMBER,
        roles=many(one_of("controller", "broker")),
        storage=of(
            "type",
            type=TEXT,
            volumes=many(of("type", id=NUMBER, type=TEXT, size=SIZE, kraftMetadata=TEXT, deleteClaim=FLAG)),
        ),
        resources=RESOURCES,
        template=_BROKERS,
    ),
    ("kafka.strimzi.io", "v1", "KafkaTopic"): of(
        partitions=NUMBER, replicas=NUMBER, config={"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    ),
    ("kafka.strimzi.io", "v1", "KafkaUser"): of(
        authentication=of("type", type=one_of("tls", "tls-external", "scram-sha-512")),
        authorization=of("type", "acls", type=one_of("simple"), acls=many(_ACL)),
    ),
    ("postgresql.cnpg.io", "v1", "Cluster"): of(
        "instances",
        instances=NUMBER,
        imageName=TEXT,
        storage=of(size=SIZE),
        walStorage=of(size=SIZE),
        resources=RESOURCES,
        postgresql=of(
            synchronous=of("method", "number", method=one_of("any", "first"), number=NUMBER, dataDurability=TEXT),
            parameters=TEXTS,
        ),
        affinity=of(topologyKey=TEXT, podAntiAffinityType=TEXT),
        managed=of(roles=many(_PARAMETERS)),
        plugins=many(_PLUGIN),
        bootstrap=of(recovery=of("source", source=TEXT, recoveryTarget=of(targetTime=TEXT))),
        externalClusters=many(of("name", name=TEXT, plugin=_PLUGIN)),
    ),
    ("postgresql.cnpg.io", "v1", "Database"): of(
        "name", "owner", "cluster", name=TEXT, owner=TEXT, cluster=of("name", name=TEXT)
    ),
    ("postgresql.cnpg.io", "v1", "Backup"): of(
        "cluster", method=TEXT, pluginConfiguration=of("name", name=TEXT), cluster=of("name", name=TEXT)
    ),
    ("postgresql.cnpg.io", "v1", "ScheduledBackup"): of(
        "schedule",
        "cluster",
        schedule=TEXT,
        immediate=FLAG,
        backupOwnerReference=TEXT,
        method=TEXT,
        pluginConfiguration=of("name", name=TEXT),
        cluster=of("name", name=TEXT),
    ),
    ("barmancloud.cnpg.io", "v1", "ObjectStore"): of(
        "configuration",
        retentionPolicy=TEXT,
        configuration=of(
            "destinationPath",
            destinationPath=TEXT,
            endpointURL=TEXT,
            s3Credentials=of(accessKeyId=KEY, secretAccessKey=KEY),
            wal=of(compression=TEXT, maxParallel=NUMBER),
            data=of(compression=TEXT),
        ),
    ),
}


def strict(schema: Schema) -> Schema:
    """The schema as JSON Schema that refuses what it does not name."""
    made = {key: value for key, value in schema.items() if not key.startswith("x-")}
    if "properties" in schema:
        made["properties"] = {name: strict(one) for name, one in schema["properties"].items()}
        made["additionalProperties"] = False
    elif schema.get("type") == "object" and "additionalProperties" not in schema and len(made) == len(schema):
        made["additionalProperties"] = False
    if "items" in schema:
        made["items"] = strict(schema["items"])
    return made


def definitions() -> list[Schema]:
    """The CustomResourceDefinitions."""
    return [_definition(group, version, kind, spec) for (group, version, kind), spec in KINDS.items()]


def _definition(group: str, version: str, kind: str, spec: Schema) -> Schema:
    plural = f"{kind.lower()}s"
    validation = {"type": "object", "required": ["spec"], "properties": {"spec": spec}}
    served = {"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": validation}}
    metadata: Schema = {"name": f"{plural}.{group}"}
    if group.endswith(".k8s.io"):  # the API server asks for it: such a group is the Kubernetes project's own
        metadata["annotations"] = {"api-approved.kubernetes.io": "unapproved, a schema of our own for tests"}
    names = {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": metadata,
        "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [served]},
    }
