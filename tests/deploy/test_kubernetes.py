"""deploy/k8s: what is rendered is valid, keeps our rules, and says what the code says."""

import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import kubernetes_validate
import pytest
import yaml

from sigap_cli.edge_routes import routes_of
from sigap_cli.kubernetes.__main__ import files
from sigap_cli.kubernetes.around import read_by, written_by
from sigap_common.app.manifest import services
from sigap_common.app.migrations import TOPICS
from sigap_common.app.site import sites
from sigap_common.bus.kafka import topic_configs
from sigap_common.contracts.topics import CATALOGUE
from sigap_common.core.published import published_among
from sigap_common.personal_data import KeyRing

from .custom_resources import KINDS
from .kubernetes import DRILL, OVERLAYS, RESTORE, ROOT, in_cluster, rendered
from .manifest_rules import RULES, SECRETS, Manifest, complaints, of_kind, references, tag_of, workloads
from .pods import pods

VERSION = "1.37"


def test_what_follows_from_the_code_is_committed() -> None:
    """Else: make docs"""
    made = files()
    assert {path: (ROOT / "deploy/k8s" / path).read_text() for path in made} == made


@pytest.mark.parametrize("overlay", [*OVERLAYS, RESTORE, DRILL])
def test_what_kubernetes_itself_knows_is_valid(overlay: str) -> None:
    for one in rendered(overlay):
        group = one["apiVersion"].rpartition("/")[0]
        if ("." not in group or group.endswith(".k8s.io")) and group != "gateway.networking.k8s.io":
            kubernetes_validate.validate(one, VERSION, strict=True)


@pytest.mark.parametrize("overlay", [*OVERLAYS, RESTORE, DRILL])
def test_every_rule_of_ours_is_kept(overlay: str) -> None:
    found = in_cluster(overlay)
    assert complaints(found) == []
    kinds = {(*one["apiVersion"].rpartition("/")[::2], one["kind"]) for one in found}
    assert {kind for kind in kinds if "." in kind[0] and not kind[0].endswith("k8s.io")} <= KINDS.keys()


# --- each rule finds a bad example


def one_of(all_: list[Manifest], kind: str, name: str) -> Manifest:
    found: Manifest = next(one for one in all_ if one["kind"] == kind and one["metadata"]["name"].startswith(name))
    return found


def container(all_: list[Manifest], name: str = "dispatch") -> Manifest:
    found: Manifest = one_of(all_, "Deployment", name)["spec"]["template"]["spec"]["containers"][0]
    return found


def an_alert(all_: list[Manifest]) -> Manifest:
    groups = one_of(all_, "PrometheusRule", "sigap")["spec"]["groups"]
    found: Manifest = next(rule for group in groups for rule in group["rules"] if "alert" in rule)
    return found


def misspelt(all_: list[Manifest]) -> None:
    spec = one_of(all_, "Cluster", "postgres")["spec"]
    spec["instance"] = spec.pop("instances")


def cron_job(all_: list[Manifest], schedule: str) -> None:
    template = one_of(all_, "Job", "migrate")["spec"]["template"]
    spec = {"schedule": schedule, "jobTemplate": {"spec": {"template": template}}}
    all_.append({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "nightly"}, "spec": spec})


def restored_from(server: str) -> Manifest:
    parameters = {"barmanObjectName": "postgres", "serverName": server}
    return {"name": "before", "plugin": {"name": "barman-cloud.cloudnative-pg.io", "parameters": parameters}}


def without(all_: list[Manifest], kind: str, name: str) -> None:
    all_.remove(one_of(all_, kind, name))


BAD: dict[str, tuple[Callable[[list[Manifest]], Any], str]] = {
    "a probe names a port that is not there": (
        lambda all_: container(all_)["readinessProbe"]["httpGet"].update(port="web"),
        "Deployment dispatch: readinessProbe asks at web",
    ),
    "no probe": (lambda all_: container(all_).pop("livenessProbe"), "dispatch has no livenessProbe"),
    "a size of letters": (
        lambda all_: one_of(all_, "Cluster", "postgres")["spec"]["storage"].update(size="20Gb"),
        "spec.storage.size is '20Gb'",
    ),
    "five fields of six": (
        lambda all_: one_of(all_, "ScheduledBackup", "postgres")["spec"].update(schedule="30 2 * * *"),
        "ScheduledBackup postgres: a schedule of this kind has 6 fields",
    ),
    "six fields of five": (
        lambda all_: cron_job(all_, "0 30 2 * * *"),
        "CronJob nightly: a schedule of this kind has 5",
    ),
    "a secret in a ConfigMap": (
        lambda all_: one_of(all_, "ConfigMap", "sigap-settings")["data"].update(SIGAP_BUS_PASSWORD="hunter2"),
        "SIGAP_BUS_PASSWORD holds a secret",
    ),
    "a secret in a variable": (
        lambda all_: container(all_)["env"].append({"name": "SIGAP_KEY_RING", "value": "k1:secret"}),
        "SIGAP_KEY_RING holds a secret in the open",
    ),
    "a Secret that is rendered": (
        lambda all_: all_.append({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "data": {}}),
        "Secret x: a Secret is not rendered",
    ),
    "no budget": (lambda all_: without(all_, "PodDisruptionBudget", "intake"), "StatefulSet intake: no PodDisr"),
    "no number of pods": (
        lambda all_: one_of(all_, "Deployment", "console")["spec"].pop("replicas"),
        "Deployment console: its number of pods is said by nobody",
    ),
    "two numbers of pods": (
        lambda all_: one_of(all_, "Deployment", "roster")["spec"].update(replicas=2),
        "Deployment roster: its number of pods is said by nobody, or by two",
    ),
    "fewer pods when Kafka is away": (
        lambda all_: one_of(all_, "ScaledObject", "intake")["spec"]["fallback"].pop("behavior"),
        "ScaledObject intake: it may lose pods while its metrics are away",
    ),
    "a fallback that KEDA refuses": (
        lambda all_: one_of(all_, "ScaledObject", "roster")["spec"].update(
            fallback=one_of(all_, "ScaledObject", "intake")["spec"]["fallback"]
        ),
        "ScaledObject roster: KEDA refuses its fallback",
    ),
    "a pod that goes while its volume is not empty": (
        lambda all_: one_of(all_, "ScaledObject", "intake")["spec"].pop("advanced"),
        "ScaledObject intake: it may take away a pod whose volume is not empty",
    ),
    "a misspelt behavior": (
        lambda all_: one_of(all_, "ScaledObject", "intake")["spec"]["advanced"]["horizontalPodAutoscalerConfig"].update(
            behaviour={}
        ),
        "'behaviour' was unexpected",
    ),
    "no policy for it": (
        lambda all_: one_of(all_, "Job", "migrate")["spec"]["template"]["metadata"]["labels"].pop(
            "app.kubernetes.io/part-of"
        ),
        "Job migrate-0.1.0: no NetworkPolicy",
    ),
    "no policy for what an operator makes": (
        lambda all_: one_of(all_, "Cluster", "postgres")["metadata"].update(name="postgres-2"),
        "Cluster postgres-2: no NetworkPolicy says what it needs",
    ),
    "no way to what an operator makes": (
        lambda all_: one_of(all_, "NetworkPolicy", "services")["spec"]["egress"].pop(0),
        "Cluster postgres: no NetworkPolicy lets our pods reach it",
    ),
    "no policy for a gateway's proxies beside it": (
        lambda all_: without(all_, "NetworkPolicy", "gateway"),
        "Gateway sigap: no NetworkPolicy says what it needs",
    ),
    "a gateway's proxies beside it are kept out": (
        lambda all_: one_of(all_, "NetworkPolicy", "services")["spec"]["ingress"][0]["from"].pop(1),
        "HTTPRoute intake: no NetworkPolicy lets the Gateway's own pods in",
    ),
    "copies that are written over": (
        lambda all_: one_of(all_, "Cluster", "postgres")["spec"].update(externalClusters=[restored_from("postgres")]),
        "Cluster postgres: it writes into the copies that it is made of",
    ),
    "a log that an absent standby fills": (
        lambda all_: one_of(all_, "Cluster", "postgres")["spec"]["walStorage"].update(size="6Gi"),
        "Cluster postgres: the log that an absent standby has not read may fill its disk (5GB)",
    ),
    "a log that is kept without end": (
        lambda all_: one_of(all_, "Cluster", "postgres")["spec"]["postgresql"]["parameters"].pop(
            "max_slot_wal_keep_size"
        ),
        "may fill its disk (None)",
    ),
    "no names from a node's own cache": (
        lambda all_: one_of(all_, "NetworkPolicy", "names")["spec"]["egress"][0]["to"].pop(),
        "no NetworkPolicy lets all pods ask for names at {'cidr': '169.254.25.10/32'}",
    ),
    "nothing denied": (lambda all_: without(all_, "NetworkPolicy", "deny-all"), "no NetworkPolicy denies"),
    "no limit": (lambda all_: container(all_)["resources"].pop("limits"), "dispatch has no limits of memory"),
    "the latest image": (lambda all_: container(all_).update(image="sigap:latest"), "neither version nor digest"),
    "an image of nothing": (lambda all_: container(all_).update(image="host:5000/sigap"), "neither version nor digest"),
    "as root": (
        lambda all_: one_of(all_, "Deployment", "roster")["spec"]["template"]["spec"].pop("securityContext"),
        "Deployment roster: its pods may run as root",
    ),
    "a root file system that can be written": (
        lambda all_: container(all_)["securityContext"].pop("readOnlyRootFilesystem"),
        "can write its root file system",
    ),
    "a token that nobody needs": (
        lambda all_: one_of(all_, "Deployment", "roster")["spec"]["template"]["spec"].pop(
            "automountServiceAccountToken"
        ),
        "get a token for the API server",
    ),
    "a broker that its namespace refuses": (
        lambda all_: one_of(all_, "Kafka", "sigap")["spec"]["kafka"]["template"].pop("kafkaContainer"),
        "KafkaNodePool brokers: its namespace refuses the pods of kafkaContainer",
    ),
    "a template of the pool's own, which says less": (
        lambda all_: one_of(all_, "KafkaNodePool", "brokers")["spec"].update(template={"pod": {}}),
        "KafkaNodePool brokers: its namespace refuses the pods of kafkaContainer",
    ),
    "an operator of Kafka's that its namespace refuses": (
        lambda all_: one_of(all_, "Kafka", "sigap")["spec"]["entityOperator"]["template"]["userOperatorContainer"][
            "securityContext"
        ].pop("seccompProfile"),
        "Kafka sigap: its namespace refuses the pods of userOperatorContainer",
    ),
    "brokers on one node": (
        lambda all_: one_of(all_, "Kafka", "sigap")["spec"]["kafka"]["template"].pop("pod"),
        "KafkaNodePool brokers: two of its pods may be on one node",
    ),
    "a Service of nothing": (
        lambda all_: one_of(all_, "Service", "roster")["spec"]["selector"].update(tier="front"),
        "Service roster: it selects no pod",
    ),
    "a Service of another port": (
        lambda all_: one_of(all_, "Service", "roster")["spec"]["ports"][0].update(targetPort="web"),
        "Service roster: its pods have no port web",
    ),
    "a route to nothing": (lambda all_: without(all_, "Service", "roster"), "there is no Service roster:8112"),
    "a Secret that nobody makes": (
        lambda all_: container(all_)["envFrom"].append({"secretRef": {"name": "sigap-kees"}}),
        "nobody makes the Secret sigap-kees",
    ),
    "settings that are not there": (
        lambda all_: without(all_, "ConfigMap", "sigap-databases"),
        "there is no ConfigMap sigap-databases",
    ),
    "a migration that an upgrade would change": (
        lambda all_: one_of(all_, "Job", "migrate")["metadata"].update(name="migrate"),
        "Job migrate: its name does not carry the version of its image, 0.1.0",
    ),
    "a migration of no version": (
        lambda all_: one_of(all_, "Job", "migrate")["spec"]["template"]["spec"]["containers"][0].update(
            image=f"registry:5000/sigap@sha256:{'a' * 64}"
        ),
        "its name does not carry the version of its image, which has none",
    ),
    "a migration of a name that no Job can have": (
        lambda all_: one_of(all_, "Job", "migrate")["metadata"].update(name="migrate-5000/sigap-0.1.0"),
        "Job migrate-5000/sigap-0.1.0: no Job can have this name",
    ),
    "killed while it drains": (
        lambda all_: one_of(all_, "StatefulSet", "intake")["spec"]["template"]["spec"].update(
            terminationGracePeriodSeconds=20
        ),
        "StatefulSet intake: it is killed before it has drained",
    ),
    "a field misspelt": (misspelt, "Cluster postgres: : Additional properties are not allowed ('instance'"),
    "a metric's port that is not there": (
        lambda all_: one_of(all_, "PodMonitor", "sigap")["spec"]["podMetricsEndpoints"][0].update(port="web"),
        "PodMonitor sigap: Deployment dispatch has no port web",
    ),
    "a service that nobody watches": (
        lambda all_: one_of(all_, "PodMonitor", "sigap")["spec"]["selector"].update(matchLabels={"tier": "front"}),
        "Deployment dispatch: no PodMonitor scrapes it",
    ),
    "an alert without a page": (
        lambda all_: an_alert(all_)["annotations"].update(runbook_url="docs/runbooks/nowhere.md"),
        "there is no page docs/runbooks/nowhere.md",
    ),
    "an alert of any severity": (lambda all_: an_alert(all_)["labels"].pop("severity"), "its severity is None"),
    "an alert that the room cannot read": (
        lambda all_: an_alert(all_)["annotations"].pop("summary_id"),
        "it does not say what is wrong",
    ),
    "a dashboard cut off": (
        lambda all_: one_of(all_, "ConfigMap", "sigap-dashboards")["data"].update({"room.json": '{"panels": ['}),
        "room.json is no dashboard",
    ),
    "a variable of what comes later": (
        lambda all_: container(all_)["env"].reverse(),
        "which does not stand before it",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_example_is_found(case: str) -> None:
    spoil, said = BAD[case]
    found = rendered("city")
    spoil(found)
    assert [one for one in complaints(found) if said in one]


def test_every_rule_has_a_bad_example() -> None:
    def finders() -> Iterator[Callable[..., object]]:
        for spoil, _ in BAD.values():
            found = rendered("city")
            spoil(found)
            yield from (rule for rule in RULES if list(rule(found)))

    assert set(finders()) == set(RULES)


# --- what the code says


@pytest.mark.parametrize("overlay", ["city", "nation"])
def test_strimzi_makes_the_topics_of_the_contracts(overlay: str) -> None:
    made = {one["metadata"]["name"]: one["spec"] for one in of_kind(rendered(overlay), "KafkaTopic")}
    assert made.keys() == {topic.name for topic in CATALOGUE}
    for spec in TOPICS:
        assert {key: str(value) for key, value in made[spec.name]["config"].items()} == topic_configs(spec)
        assert made[spec.name]["partitions"] >= spec.partitions
    migration = one_of(rendered(overlay), "Job", "migrate")
    assert migration["spec"]["template"]["spec"]["containers"][0]["args"] == ["migrate", "--no-topics"]


def test_each_account_at_kafka_writes_what_it_publishes_and_reads_what_it_hears() -> None:
    users = {one["metadata"]["name"]: one["spec"] for one in of_kind(rendered("city"), "KafkaUser")}
    assert users.keys() == {*(service.name for service in services()), "reconcile"}
    for service in services():
        acls = users[service.name]["authorization"]["acls"]
        may = {(acl["resource"]["name"], what) for acl in acls for what in acl["operations"]}
        assert {name for name, what in may if what == "Write"} == set(written_by(service))
        assert {name for name, what in may if what == "Read"} == {*read_by(service), f"sigap.{service.name}"}
    assert {name for name, what in may if what == "Write"} != {topic.name for topic in CATALOGUE}


def test_routes_lead_to_the_owners_streams_have_no_end_and_operations_are_led_nowhere() -> None:
    routes = {one["metadata"]["name"]: one["spec"]["rules"] for one in of_kind(rendered("city"), "HTTPRoute")}
    for service in services():
        facts, rules = routes_of(service), routes[service.name]
        paths = {match["path"]["value"]: rule for rule in rules for match in rule["matches"]}
        assert set(facts.collections) <= paths.keys()
        for stream in facts.streams:
            path = "/".join("[^/]+" if step.startswith("{") else step for step in stream.split("/"))
            assert paths[path]["timeouts"] == {"request": "0s"}
        assert not [path for path in paths if path.startswith(("/healthz", "/readyz", "/metrics"))]
    for site in sites():
        led = {match["path"]["value"] for rule in routes[site.name] for match in rule["matches"]}
        assert led == {site.prefix, *(["/"] if site.entrance else [])}
    every = [match["path"]["value"] for rules in routes.values() for rule in rules for match in rule["matches"]]
    assert every.count("/") == 1
    [cti] = [rule for rule in routes["intake"] if rule["matches"][0]["path"]["value"] == "/v1/cti"]
    assert cti["backendRefs"][0]["name"] == "intake-cti"
    assert one_of(rendered("city"), "Service", "intake-cti")["spec"]["publishNotReadyAddresses"] is True


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_sites_have_neither_keys_nor_a_database(overlay: str) -> None:
    found = {one["metadata"]["name"]: template for one, template in workloads(rendered(overlay))}
    assert sites()
    for site in sites():
        [container] = found[site.name]["spec"]["containers"]
        assert container["args"] == ["run", site.name]
        assert "secret" not in str({key: container[key] for key in ("envFrom", "env")}).lower()


def test_settings_are_the_codes_own() -> None:
    from sigap_common.core.settings import CommonSettings

    known = {f"SIGAP_{name.upper()}" for name in CommonSettings.model_fields}
    for service in services():
        prefix = f"SIGAP_{service.name.upper().replace('-', '_')}_"
        known |= {f"{prefix}{name.upper()}" for name in service.settings.model_fields}
    for overlay in OVERLAYS:
        found = rendered(overlay)
        given = {key for one in of_kind(found, "ConfigMap") for key in one["data"] if key.startswith("SIGAP_")}
        for _, template in workloads(found):
            if "app.kubernetes.io/part-of" in template["metadata"]["labels"]:
                env = template["spec"]["containers"][0]["env"]
                given |= {one["name"] for one in env if one["name"].startswith("SIGAP_")}
        assert given <= known


def test_the_nation_is_the_city_made_larger() -> None:
    city = {(one["kind"], one["metadata"]["name"]) for one in rendered("city")}
    assert {(one["kind"], one["metadata"]["name"]) for one in rendered("nation")} == city


def test_a_drain_lasts_longer_than_it_takes_a_probe_to_find_out() -> None:
    """Else a gateway that learns of it by probes alone would still send requests to a pod that takes none any more."""
    for pod in pods("city"):
        probe, drain = pod.readiness, float(pod.settings["SIGAP_DRAIN_SECONDS"])
        assert drain >= probe.period * probe.failures + probe.timeout, pod.name
        assert pod.grace_seconds > drain, pod.name


def test_while_databases_are_put_back_no_service_writes_and_their_copies_are_kept() -> None:
    city, restore = rendered("city"), rendered(RESTORE)
    scaled = {
        one["metadata"]["name"]: one["metadata"].get("annotations", {}) for one in of_kind(restore, "ScaledObject")
    }
    assert scaled.keys() == {service.name for service in services()}
    assert {told["autoscaling.keda.sh/paused-replicas"] for told in scaled.values()} == {"0"}
    cluster = one_of(restore, "Cluster", "postgres")["spec"]
    [before] = cluster["externalClusters"]
    assert cluster["bootstrap"]["recovery"]["source"] == before["name"]
    archives = [one["parameters"] for one in (before["plugin"], *cluster["plugins"])]
    assert {one["barmanObjectName"] for one in archives} == {
        one_of(city, "ObjectStore", "postgres")["metadata"]["name"]
    }
    assert before["plugin"]["parameters"]["serverName"] == "postgres"


def test_a_drill_s_databases_are_the_city_s_own_read_from_the_copies_and_written_nowhere() -> None:
    [city], [drill] = of_kind(rendered("city"), "Cluster"), rendered(DRILL)
    [source], [written] = drill["spec"].pop("externalClusters"), city["spec"].pop("plugins")
    assert source["plugin"]["parameters"] == written["parameters"]
    assert drill["spec"].pop("bootstrap") == {"recovery": {"source": source["name"]}}
    assert drill["spec"].pop("instances") == 1
    city["spec"].pop("instances")
    city["spec"]["postgresql"].pop("synchronous")  # it has no standby that could answer
    assert drill["spec"] == city["spec"]
    assert drill["metadata"]["name"] != city["metadata"]["name"]


def test_a_backup_by_hand_is_made_as_each_night_s() -> None:
    by_hand = yaml.safe_load((ROOT / "deploy/k8s/restore/backup.yaml").read_text())
    assert complaints([*rendered("city"), by_hand | {"metadata": {"name": "made-by-the-server"}}]) == []
    nightly = one_of(rendered("city"), "ScheduledBackup", "postgres")["spec"]
    assert by_hand["spec"] == {key: nightly[key] for key in ("method", "pluginConfiguration", "cluster")}


def test_reconcile_runs_by_hand_alone_with_the_overlay_s_image_and_all_databases() -> None:
    city = rendered("city")
    migration = one_of(city, "Job", "migrate")["spec"]["template"]["spec"]["containers"][0]
    jobs = {one["metadata"]["name"]: one["spec"] for one in of_kind(city, "CronJob")}
    assert {spec["suspend"] for spec in jobs.values()} == {True}
    arguments = {}
    for name, spec in jobs.items():
        [container] = spec["jobTemplate"]["spec"]["template"]["spec"]["containers"]
        assert container["image"] == migration["image"]
        changed = [one for one in container["env"] if one not in migration["env"]]
        assert [one["name"] for one in container["env"]] == [one["name"] for one in migration["env"]]
        arguments[name] = container["args"], [one.get("value") for one in changed]
    assert arguments == {
        "reconcile": (["reconcile"], []),
        "reconcile-apply": (["reconcile", "--apply"], []),
        "reconcile-drill": (["reconcile"], ["postgres-drill-rw"]),
    }


def test_reconcile_trusts_the_authority_of_the_databases_that_it_looks_at_and_holds_no_key_of_it() -> None:
    authorities = {}
    for one, template in workloads(of_kind(rendered("city"), "CronJob")):
        [volume] = [volume for volume in template["spec"]["volumes"] if volume["name"] == "postgres-ca"]
        assert volume["secret"]["items"] == [{"key": "ca.crt", "path": "ca.crt"}]
        authorities[one["metadata"]["name"]] = volume["secret"]["secretName"]
    [drill] = rendered(DRILL)
    assert authorities.pop("reconcile-drill") == f"{drill['metadata']['name']}-ca"
    assert set(authorities.values()) == {"postgres-ca"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_script_makes_the_secrets_that_nobody_else_makes(overlay: str) -> None:
    """Also: each time others, none published, and the databases' with the owners' names."""
    printed = [
        subprocess.run(["sh", str(ROOT / "deploy/k8s/secrets.sh"), overlay], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    first, second = ({one["metadata"]["name"]: one for one in yaml.safe_load_all(p.stdout) if one} for p in printed)
    asked = {
        name
        for _, template in workloads(rendered(overlay))
        for kind, name in references(template["spec"])
        if kind == "Secret" and (name.endswith("-database") or SECRETS.get(name) == "deploy/k8s/secrets.sh")
    }
    assert first.keys() == asked
    for name, one in first.items():
        kubernetes_validate.validate(one, VERSION, strict=True)
        assert one["stringData"] != second[name]["stringData"]
        assert published_among(one["stringData"]) == []
    KeyRing.parse(first["sigap-keys"]["stringData"]["SIGAP_KEY_RING"])
    assert first["agency-gateway-database"]["stringData"]["username"] == "agency_gateway"
    # Else CloudNativePG takes a changed password some time later, when the pods have it already.
    reloaded = {name for name, one in first.items() if one["metadata"]["labels"].get("cnpg.io/reload") == "true"}
    assert reloaded == {name for name in first if name.endswith("-database")}


def test_postgresql_is_of_one_version_everywhere() -> None:
    [cluster] = of_kind(rendered("city"), "Cluster")
    pilot = one_of(rendered("pilot"), "StatefulSet", "postgres")["spec"]["template"]["spec"]["containers"][0]
    assert tag_of(cluster["spec"]["imageName"]).partition("-")[0] == tag_of(pilot["image"])


def test_where_services_are_named_by_hand_all_are() -> None:
    """The script of the Secrets and the alert have tests of their own."""
    ours = {service.name for service in services()}
    owners = {name.replace("-", "_") for name in ours}
    city = rendered("city")
    [cluster] = of_kind(city, "Cluster")
    assert {one["name"] for one in cluster["spec"]["managed"]["roles"]} == owners
    assert {(one["spec"]["name"], one["spec"]["owner"]) for one in of_kind(city, "Database")} == {
        (name, name) for name in owners
    }
    [made] = re.findall(r"^for name in (.*); do$", (ROOT / "deploy/compose/databases.sh").read_text(), re.MULTILINE)
    assert set(made.split()) == {*owners, "keycloak"}
    waited = re.findall(r"app.kubernetes.io/name in \(([\w,-]*)\)", (ROOT / "docs/restore.md").read_text())
    assert [set(names.split(",")) for names in waited] == [ours] * 2
