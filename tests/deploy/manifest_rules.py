"""Rules over the rendered manifests of one overlay: what neither a schema nor an API server finds.

Each rule gives a complaint for each violation. RULES names them all; each is proven on a bad example.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema

from sigap_common.core.published import secrets_in

from .custom_resources import KINDS, SIZE, strict

Manifest = dict[str, Any]
Complaints = Iterator[str]

ROOT = Path(__file__).parents[2]
OURS = "app.kubernetes.io/part-of"
WORKLOADS = ("Deployment", "StatefulSet", "Job", "CronJob", "DaemonSet")
ENDING = ("Job", "CronJob")
"""Those whose pods end by themselves."""
ENFORCED = "pod-security.kubernetes.io/enforce"
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
_QUANTITY = re.compile(SIZE["pattern"])
_GRACEFUL_SECONDS = 5
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
SECRETS = {
    "sigap-keys": "deploy/k8s/secrets.sh",
    "pilot-postgres": "deploy/k8s/secrets.sh",
    "pilot-keycloak": "deploy/k8s/secrets.sh",
    "postgres-backups": "the keeper of the store of backups",
    "postgres-ca": "CloudNativePG",
    "postgres-drill-ca": "CloudNativePG, during a drill",
    "sigap-cluster-ca-cert": "Strimzi",
    "sigap-tls": "cert-manager, or by hand",
}
"""Secrets that the manifests name and do not hold, and where each comes from."""


def named(one: Manifest) -> str:
    return f"{one['kind']} {one['metadata']['name']}"


def of_kind(all_: list[Manifest], *kinds: str) -> list[Manifest]:
    return [one for one in all_ if one["kind"] in kinds]


def workloads(all_: list[Manifest]) -> Iterator[tuple[Manifest, Manifest]]:
    """Each workload with its pod's template."""
    for one in of_kind(all_, *WORKLOADS):
        spec = one["spec"]["jobTemplate"]["spec"] if one["kind"] == "CronJob" else one["spec"]
        yield one, spec["template"]


def containers(template: Manifest) -> list[Manifest]:
    return [*template["spec"].get("initContainers", []), *template["spec"]["containers"]]


def _is_ours(template: Manifest) -> bool:
    return OURS in template["metadata"].get("labels", {})


def _selects(selector: Manifest, labels: Manifest) -> bool:
    return all(labels.get(key) == value for key, value in selector.items())


def _chooses(selector: Manifest, labels: Manifest) -> bool:
    """A whole selector, of which our files use `matchLabels` and the operator `In`."""
    listed = all(labels.get(one["key"]) in one["values"] for one in selector.get("matchExpressions", []))
    return listed and _selects(selector.get("matchLabels", {}), labels)


def probes_name_ports_that_are_there(all_: list[Manifest]) -> Complaints:
    for one, template in workloads(all_):
        for container in containers(template):
            ports = {
                value for port in container.get("ports", []) for value in (port.get("name"), port["containerPort"])
            }
            for kind in PROBES:
                probe = container.get(kind, {})
                asked = (probe.get("httpGet") or probe.get("tcpSocket") or {}).get("port")
                if asked is not None and asked not in ports:
                    yield f"{named(one)}: {kind} asks at {asked}, which is no port of {container['name']}"


def services_of_ours_are_probed(all_: list[Manifest]) -> Complaints:
    for one, template in workloads(all_):
        if one["kind"] in ("Deployment", "StatefulSet"):
            for container in template["spec"]["containers"]:
                for kind in PROBES:
                    if kind not in container:
                        yield f"{named(one)}: {container['name']} has no {kind}"


def sizes_are_quantities(all_: list[Manifest]) -> Complaints:
    for one in all_:
        for path, value in _leaves(one):
            sized = path[-1] in ("cpu", "memory", "storage", "sizeLimit", "size") and len(path) > 1
            if sized and one["kind"] != "Certificate" and not _QUANTITY.match(str(value)):
                yield f"{named(one)}: {'.'.join(path)} is {value!r}, which is no quantity"


def schedules_have_their_fields(all_: list[Manifest]) -> Complaints:
    for one in of_kind(all_, "CronJob", "ScheduledBackup"):
        wanted = 5 if one["kind"] == "CronJob" else 6
        if len(one["spec"]["schedule"].split()) != wanted:
            yield f"{named(one)}: a schedule of this kind has {wanted} fields: {one['spec']['schedule']!r}"


def no_secret_lies_in_the_open(all_: list[Manifest]) -> Complaints:
    for one in of_kind(all_, "ConfigMap"):
        for key, value in one.get("data", {}).items():
            if any(secrets_in(key, value)):
                yield f"{named(one)}: {key} holds a secret; it belongs into a Secret"
    for one, template in workloads(all_):
        for container in containers(template):
            for variable in container.get("env", []):
                value = variable.get("value", "")
                if "$(" not in value and any(secrets_in(variable["name"], value)):
                    yield f"{named(one)}: {variable['name']} holds a secret in the open"
    for one in of_kind(all_, "Secret"):
        yield f"{named(one)}: a Secret is not rendered: whoever reads the files would have it"


def services_have_budgets(all_: list[Manifest]) -> Complaints:
    budgets = [one["spec"]["selector"]["matchLabels"] for one in of_kind(all_, "PodDisruptionBudget")]
    for one, template in workloads(all_):
        labels = template["metadata"].get("labels", {})
        covered = any(_selects(selector, labels) for selector in budgets)
        if one["kind"] in ("Deployment", "StatefulSet") and _is_ours(template) and not covered:
            yield f"{named(one)}: no PodDisruptionBudget selects it"


OF_OPERATORS = {"Cluster": "cnpg.io/cluster", "Kafka": "strimzi.io/cluster"}
"""The label with which an operator marks the pods of such a resource; its value is the resource's name."""


OF_GATEWAYS = "gateway.networking.k8s.io/gateway-name"
"""The label of a Gateway's proxies; some implementations run them in the Gateway's own namespace."""


def _labels_of_pods(all_: list[Manifest]) -> Iterator[tuple[Manifest, Manifest]]:
    for one, template in workloads(all_):
        yield one, template["metadata"].get("labels", {})
    for one in of_kind(all_, *OF_OPERATORS):
        yield one, {OF_OPERATORS[one["kind"]]: one["metadata"]["name"]}
    for one in of_kind(all_, "Gateway"):
        yield one, {OF_GATEWAYS: one["metadata"]["name"]}


def pods_have_policies_of_their_own(all_: list[Manifest]) -> Complaints:
    policies = [one["spec"] for one in of_kind(all_, "NetworkPolicy")]
    if {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} not in policies:
        yield "no NetworkPolicy denies what no other allows"
    for one, labels in _labels_of_pods(all_):
        if not any(spec["podSelector"] and _chooses(spec["podSelector"], labels) for spec in policies):
            yield f"{named(one)}: no NetworkPolicy says what it needs"


NODE_CACHES = ("169.254.20.10/32", "169.254.25.10/32")
"""Where pods ask for names if each node has a cache of its own (NodeLocal DNSCache): by Kubernetes' manifest and by
Kubespray's. Such a cache is of its node's network, so no selector of pods or namespaces finds it.
"""


def every_pod_can_ask_for_names(all_: list[Manifest]) -> Complaints:
    for_all = [one["spec"] for one in of_kind(all_, "NetworkPolicy") if not one["spec"]["podSelector"]]
    rules = [rule for spec in for_all for rule in spec.get("egress", [])]
    asked = [peer for rule in rules if {"protocol": "UDP", "port": 53} in rule.get("ports", []) for peer in rule["to"]]
    of_system = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}
    wanted: list[Manifest] = [of_system, *({"ipBlock": {"cidr": cidr}} for cidr in NODE_CACHES)]
    for peer in wanted:
        if for_all and peer not in asked:
            yield f"no NetworkPolicy lets all pods ask for names at {next(iter(peer.values()))}"


def _peers(all_: list[Manifest], labels: Manifest, direction: str, end: str) -> list[Manifest]:
    """The selectors of pods in the rules of one direction of all policies for pods with these labels. `end`: `from` or
    `to`.
    """
    return [
        peer["podSelector"]
        for policy in of_kind(all_, "NetworkPolicy")
        if policy["spec"]["podSelector"] and _chooses(policy["spec"]["podSelector"], labels)
        for rule in policy["spec"].get(direction, [])
        for peer in rule.get(end, [])
        if "podSelector" in peer
    ]


def our_pods_reach_databases_and_brokers(all_: list[Manifest]) -> Complaints:
    """The policy of a CloudNativePG Cluster or a Kafka may let our pods in: ours must let them out too."""
    ways = _peers(all_, {OURS: "sigap"}, "egress", "to")
    for one in of_kind(all_, *OF_OPERATORS):
        if not any(_chooses(way, {OF_OPERATORS[one["kind"]]: one["metadata"]["name"]}) for way in ways):
            yield f"{named(one)}: no NetworkPolicy lets our pods reach it"


def gateways_reach_what_their_routes_lead_to(all_: list[Manifest]) -> Complaints:
    """Also if their proxies are beside them, where everything is denied that no policy allows."""
    services = {one["metadata"]["name"]: one["spec"]["selector"] for one in of_kind(all_, "Service")}
    for route in of_kind(all_, "HTTPRoute"):
        proxies = [{OF_GATEWAYS: parent["name"]} for parent in route["spec"]["parentRefs"]]
        backends = {backend["name"] for rule in route["spec"]["rules"] for backend in rule["backendRefs"]}
        for selected in (services[name] for name in sorted(backends & services.keys())):
            let_in = _peers(all_, selected, "ingress", "from")
            if not all(any(_chooses(way, proxy) for way in let_in) for proxy in proxies):
                yield f"{named(route)}: no NetworkPolicy lets the Gateway's own pods in"


def restored_databases_leave_their_copies_alone(all_: list[Manifest]) -> Complaints:
    """CloudNativePG's folder in the store is that of the plugin's `serverName`, or the Cluster's own name."""
    for one in of_kind(all_, "Cluster"):
        own, spec = one["metadata"]["name"], one["spec"]
        written = [_archive(plugin, own) for plugin in spec.get("plugins", [])]
        for source in spec.get("externalClusters", []):
            if _archive(source["plugin"], source["name"]) in written:
                yield f"{named(one)}: it writes into the copies that it is made of"


def a_standby_that_is_away_leaves_room_for_the_log(all_: list[Manifest]) -> Complaints:
    """Half of the log's own disk at least: its slot keeps what it has not read, without end if nothing is said."""
    for one in of_kind(all_, "Cluster"):
        disk = _bytes(one["spec"]["walStorage"]["size"])
        kept = one["spec"]["postgresql"]["parameters"].get("max_slot_wal_keep_size")
        if kept is None or _bytes(kept.replace("GB", "Gi")) > disk / 2:
            yield f"{named(one)}: the log that an absent standby has not read may fill its disk ({kept})"


def _bytes(size: str) -> int:
    return int(size.removesuffix("Gi")) * 1024**3


def _archive(plugin: Manifest, otherwise: str) -> tuple[str, str]:
    parameters = plugin["parameters"]
    return parameters["barmanObjectName"], parameters.get("serverName", otherwise)


def containers_have_requests_and_a_limit_of_memory(all_: list[Manifest]) -> Complaints:
    for one, template in workloads(all_):
        for container in containers(template):
            resources = container.get("resources", {})
            for kind, what in (("requests", "cpu"), ("requests", "memory"), ("limits", "memory")):
                if what not in resources.get(kind, {}):
                    yield f"{named(one)}: {container['name']} has no {kind} of {what}"


def images_have_a_version(all_: list[Manifest]) -> Complaints:
    for one, template in workloads(all_):
        for container in containers(template):
            if "@sha256:" not in container["image"] and not any(c.isdigit() for c in tag_of(container["image"])):
                yield f"{named(one)}: the image {container['image']} has neither version nor digest"


def pods_are_restricted(all_: list[Manifest]) -> Complaints:
    """The restricted Pod Security Standard; for our own image also a root file system that nobody writes."""
    for one, template in workloads(all_):
        pod, spec = template["spec"].get("securityContext", {}), template["spec"]
        if pod.get("runAsNonRoot") is not True or pod.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{named(one)}: its pods may run as root, or without seccomp"
        if spec.get("automountServiceAccountToken") is not False:
            yield f"{named(one)}: its pods get a token for the API server, which they do not need"
        for container in containers(template):
            own = container.get("securityContext", {})
            if _keeps_privileges(own):
                yield f"{named(one)}: {container['name']} keeps privileges"
            if _is_ours(template) and own.get("readOnlyRootFilesystem") is not True:
                yield f"{named(one)}: {container['name']} can write its root file system"
        for volume in spec.get("volumes", []):
            if "hostPath" in volume:
                yield f"{named(one)}: it mounts a folder of its node"


def _keeps_privileges(context: Manifest) -> bool:
    return context.get("allowPrivilegeEscalation") is not False or context.get("capabilities", {}).get("drop") != [
        "ALL"
    ]


def _is_restricted(context: Manifest) -> bool:
    """A container's own context, without help of its pod's."""
    seccomp = context.get("seccompProfile", {}).get("type")
    return not _keeps_privileges(context) and context.get("runAsNonRoot") is True and seccomp == "RuntimeDefault"


def kafka_s_pods_are_let_into_their_namespace(all_: list[Manifest]) -> Complaints:
    """Strimzi makes pods of the baseline standard, unless the resource says more for each of their containers."""
    if not any(one["metadata"]["labels"].get(ENFORCED) == "restricted" for one in of_kind(all_, "Namespace")):
        return
    found = [
        *((pool, "kafkaContainer", template) for pool, template in _broker_templates(all_)),
        *(
            (one, f"{operator}Container", one["spec"]["entityOperator"].get("template", {}))
            for one in of_kind(all_, "Kafka")
            for operator in ("topicOperator", "userOperator")
            if operator in one["spec"].get("entityOperator", {})
        ),
    ]
    for one, container, template in found:
        if not _is_restricted(template.get(container, {}).get("securityContext", {})):
            yield f"{named(one)}: its namespace refuses the pods of {container}"


def _broker_templates(all_: list[Manifest]) -> Iterator[tuple[Manifest, Manifest]]:
    """Each pool of nodes with its template: its own as a whole, or that of its Kafka."""
    clusters = {one["metadata"]["name"]: one["spec"]["kafka"] for one in of_kind(all_, "Kafka")}
    for pool in of_kind(all_, "KafkaNodePool"):
        cluster = clusters[pool["metadata"]["labels"]["strimzi.io/cluster"]]
        yield pool, pool["spec"].get("template") or cluster.get("template", {})


def brokers_are_on_nodes_of_their_own(all_: list[Manifest]) -> Complaints:
    for pool, template in _broker_templates(all_):
        cluster = pool["metadata"]["labels"]["strimzi.io/cluster"]
        labels = {"strimzi.io/cluster": cluster, "strimzi.io/pool-name": pool["metadata"]["name"]}
        apart = template.get("pod", {}).get("affinity", {}).get("podAntiAffinity", {})
        if not any(
            term["topologyKey"] == "kubernetes.io/hostname" and _selects(term["labelSelector"]["matchLabels"], labels)
            for term in apart.get("requiredDuringSchedulingIgnoredDuringExecution", [])
        ):
            yield f"{named(pool)}: two of its pods may be on one node"


def selectors_select(all_: list[Manifest]) -> Complaints:
    pods = [(template["metadata"].get("labels", {}), template) for _, template in workloads(all_)]
    for one in of_kind(all_, "Service"):
        selected = [template for labels, template in pods if _selects(one["spec"]["selector"], labels)]
        if not selected:
            yield f"{named(one)}: it selects no pod"
        ports = {port.get("name") for template in selected for c in containers(template) for port in c.get("ports", [])}
        for port in one["spec"]["ports"]:
            if selected and port["targetPort"] not in ports:
                yield f"{named(one)}: its pods have no port {port['targetPort']}"
    for one in of_kind(all_, "Deployment", "StatefulSet"):
        if not _selects(one["spec"]["selector"]["matchLabels"], one["spec"]["template"]["metadata"]["labels"]):
            yield f"{named(one)}: it does not select its own pods"


def what_is_referred_to_is_there(all_: list[Manifest]) -> Complaints:
    """ConfigMaps, accounts, backends of routes, targets of scaling; Secrets have a known origin."""
    have = {(one["kind"], one["metadata"]["name"]) for one in all_}
    users = {one["metadata"]["name"] for one in of_kind(all_, "KafkaUser")}
    services = {one["metadata"]["name"]: one for one in of_kind(all_, "Service")}
    for one, template in workloads(all_):
        for path, name in references(template["spec"]):
            known = name in SECRETS or name in users or name.endswith("-database")
            if path == "Secret" and not known:
                yield f"{named(one)}: nobody makes the Secret {name}"
            if path != "Secret" and (path, name) not in have:
                yield f"{named(one)}: there is no {path} {name}"
    for one in of_kind(all_, "HTTPRoute"):
        for rule in one["spec"]["rules"]:
            for backend in rule["backendRefs"]:
                found = services.get(backend["name"])
                if found is None or backend["port"] not in [port["port"] for port in found["spec"]["ports"]]:
                    yield f"{named(one)}: there is no Service {backend['name']}:{backend['port']}"
    for one in of_kind(all_, "ScaledObject"):
        target = one["spec"]["scaleTargetRef"]
        if (target["kind"], target["name"]) not in have:
            yield f"{named(one)}: there is no {target['kind']} {target['name']}"


def references(spec: Manifest) -> Iterator[tuple[str, str]]:
    """What a pod refers to: kind and name."""
    yield "ServiceAccount", spec.get("serviceAccountName", "default")
    for volume in spec.get("volumes", []):
        if "configMap" in volume:
            yield "ConfigMap", volume["configMap"]["name"]
        if "secret" in volume and not volume["secret"].get("optional"):
            yield "Secret", volume["secret"]["secretName"]
        if "persistentVolumeClaim" in volume:
            yield "PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        for source in container.get("envFrom", []):
            yield from _named_source(source, "configMapRef", "secretRef")
        for variable in container.get("env", []):
            yield from _named_source(variable.get("valueFrom", {}), "configMapKeyRef", "secretKeyRef")


def _named_source(source: Manifest, of_map: str, of_secret: str) -> Iterator[tuple[str, str]]:
    if of_map in source:
        yield "ConfigMap", source[of_map]["name"]
    if of_secret in source:
        yield "Secret", source[of_secret]["name"]


def migrations_are_named_by_their_version(all_: list[Manifest]) -> Complaints:
    """A Job cannot be changed, so one of another image needs another name."""
    for one, template in workloads(all_):
        if one["kind"] == "Job":
            name, version = one["metadata"]["name"], tag_of(template["spec"]["containers"][0]["image"])
            if not version or not name.endswith(f"-{version}"):
                yield f"{named(one)}: its name does not carry the version of its image, {version or 'which has none'}"
            if len(name) > 63 or not _NAME.fullmatch(name):
                yield f"{named(one)}: no Job can have this name"


def tag_of(image: str) -> str:
    """Of `registry:5000/sigap:0.1.0@sha256:...` it is `0.1.0`."""
    return image.rpartition("/")[2].partition("@")[0].partition(":")[2]


def pods_have_the_time_to_stop(all_: list[Manifest]) -> Complaints:
    settings = [
        one["data"] for one in of_kind(all_, "ConfigMap") if one["metadata"]["name"].startswith("sigap-settings")
    ]
    drain = max((int(data.get("SIGAP_DRAIN_SECONDS", 0)) for data in settings), default=0)
    for one, template in workloads(all_):
        short = template["spec"].get("terminationGracePeriodSeconds", 30) < drain + _GRACEFUL_SECONDS + 15
        if one["kind"] not in ENDING and _is_ours(template) and short:
            yield f"{named(one)}: it is killed before it has drained ({drain} s) and let go"


def custom_resources_fit_their_schemas(all_: list[Manifest]) -> Complaints:
    for one in all_:
        group, _, version = one["apiVersion"].rpartition("/")
        schema = KINDS.get((group, version, one["kind"]))
        if schema is not None:
            for error in jsonschema.Draft202012Validator(strict(schema)).iter_errors(one["spec"]):
                yield f"{named(one)}: {'.'.join(map(str, error.absolute_path))}: {error.message}"


def variables_are_put_together_of_what_stands_before(all_: list[Manifest]) -> Complaints:
    """Kubernetes puts in only what stands earlier in `env`, never what comes by `envFrom`."""
    for one, template in workloads(all_):
        for container in containers(template):
            known: set[str] = set()
            for variable in container.get("env", []):
                for used in re.findall(r"\$\((\w+)\)", variable.get("value", "")):
                    if used not in known:
                        yield f"{named(one)}: {variable['name']} uses {used}, which does not stand before it"
                known.add(variable["name"])


def each_number_of_pods_is_somebodys(all_: list[Manifest]) -> Complaints:
    """Without a number there is one pod, unless a ScaledObject says how many; with both, each apply sets it back."""
    scaled = {one["spec"]["scaleTargetRef"]["name"] for one in of_kind(all_, "ScaledObject")}
    for one, template in workloads(all_):
        is_counted = one["kind"] in ("Deployment", "StatefulSet") and _is_ours(template)
        if is_counted and ("replicas" in one["spec"]) == (one["metadata"]["name"] in scaled):
            yield f"{named(one)}: its number of pods is said by nobody, or by two"


def a_source_that_is_away_takes_no_pods(all_: list[Manifest]) -> Complaints:
    """KEDA's fallback sets the number of pods to `replicas`, also downwards, if its behavior is not said. KEDA itself
    refuses a fallback beside triggers that Kubernetes measures alone.
    """
    for one in of_kind(all_, "ScaledObject"):
        asks_others = any(trigger["type"] not in ("cpu", "memory") for trigger in one["spec"]["triggers"])
        fallback = one["spec"].get("fallback")
        if asks_others and (fallback or {}).get("behavior") != "currentReplicasIfHigher":
            yield f"{named(one)}: it may lose pods while its metrics are away"
        if not asks_others and fallback is not None:
            yield f"{named(one)}: KEDA refuses its fallback, since it asks nobody who could be away"


def pods_with_volumes_of_their_own_are_not_taken_away(all_: list[Manifest]) -> Complaints:
    """If KEDA takes a pod away, nobody reads its volume until load brings that pod back."""
    kept = {one["metadata"]["name"] for one in of_kind(all_, "StatefulSet") if "volumeClaimTemplates" in one["spec"]}
    for one in of_kind(all_, "ScaledObject"):
        scaler = one["spec"].get("advanced", {}).get("horizontalPodAutoscalerConfig", {})
        down = scaler.get("behavior", {}).get("scaleDown", {})
        if one["spec"]["scaleTargetRef"]["name"] in kept and down.get("selectPolicy") != "Disabled":
            yield f"{named(one)}: it may take away a pod whose volume is not empty"


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, path)
    else:
        yield path, value


def monitors_scrape_ports_that_are_there(all_: list[Manifest]) -> Complaints:
    """Also: each of our workloads that goes on is scraped. The pods of operators are not rendered, so not looked at."""
    monitors = of_kind(all_, "PodMonitor")
    scraped = set()
    for monitor in monitors:
        wanted = monitor["spec"]["selector"]["matchLabels"]
        for one, template in workloads(all_):
            if one["kind"] in ENDING or not _selects(wanted, template["metadata"]["labels"]):
                continue
            scraped.add(named(one))
            ports = {port.get("name") for container in containers(template) for port in container.get("ports", [])}
            for endpoint in monitor["spec"]["podMetricsEndpoints"]:
                if endpoint["port"] not in ports:
                    yield f"{named(monitor)}: {named(one)} has no port {endpoint['port']}"
    for one, template in workloads(all_):
        if monitors and one["kind"] not in ENDING and _is_ours(template) and named(one) not in scraped:
            yield f"{named(one)}: no PodMonitor scrapes it"


def alerts_can_be_acted_on(all_: list[Manifest]) -> Complaints:
    for one in of_kind(all_, "PrometheusRule"):
        for rule in (rule for group in one["spec"]["groups"] for rule in group["rules"] if "alert" in rule):
            labels, notes, name = rule.get("labels", {}), rule.get("annotations", {}), rule["alert"]
            if labels.get("severity") not in ("critical", "warning"):
                yield f"{name}: its severity is {labels.get('severity')}"
            if "summary" not in notes or (labels.get("audience") == "room" and "summary_id" not in notes):
                yield f"{name}: it does not say what is wrong to those who read it"
            page = notes.get("runbook_url", "")
            if not page.startswith("docs/runbooks/") or not (ROOT / page).is_file():
                yield f"{name}: there is no page {page}"


def dashboards_can_be_read(all_: list[Manifest]) -> Complaints:
    for one in of_kind(all_, "ConfigMap"):
        if "grafana_dashboard" in one["metadata"].get("labels", {}):
            for name, text in one["data"].items():
                try:
                    json.loads(text)["panels"]
                except (ValueError, KeyError, TypeError):
                    yield f"{named(one)}: {name} is no dashboard"


RULES: tuple[Callable[[list[Manifest]], Complaints], ...] = (
    probes_name_ports_that_are_there,
    services_of_ours_are_probed,
    sizes_are_quantities,
    schedules_have_their_fields,
    no_secret_lies_in_the_open,
    services_have_budgets,
    each_number_of_pods_is_somebodys,
    a_source_that_is_away_takes_no_pods,
    pods_with_volumes_of_their_own_are_not_taken_away,
    pods_have_policies_of_their_own,
    every_pod_can_ask_for_names,
    our_pods_reach_databases_and_brokers,
    gateways_reach_what_their_routes_lead_to,
    restored_databases_leave_their_copies_alone,
    a_standby_that_is_away_leaves_room_for_the_log,
    containers_have_requests_and_a_limit_of_memory,
    images_have_a_version,
    pods_are_restricted,
    kafka_s_pods_are_let_into_their_namespace,
    brokers_are_on_nodes_of_their_own,
    selectors_select,
    what_is_referred_to_is_there,
    migrations_are_named_by_their_version,
    pods_have_the_time_to_stop,
    custom_resources_fit_their_schemas,
    variables_are_put_together_of_what_stands_before,
    monitors_scrape_ports_that_are_there,
    alerts_can_be_acted_on,
    dashboards_can_be_read,
)


def complaints(all_: list[Manifest]) -> list[str]:
    return [said for rule in RULES for said in rule(all_)]


def copied(all_: list[Manifest]) -> list[Manifest]:
    copy: list[Manifest] = json.loads(json.dumps(all_))
    return copy
