"""What the rendered manifests say of the services' pods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sigap_common.app.manifest import services
from sigap_common.app.site import sites

from .kubernetes import rendered
from .manifest_rules import Manifest, of_kind, workloads
from .probe import Probe

UNITS = {"Ki": 1024, "Mi": 1024**2, "Gi": 1024**3}


@dataclass(frozen=True)
class Pod:
    """The pod of one service, as its workload describes it."""

    manifest: Manifest
    settings: Mapping[str, str]
    """Those of the ConfigMaps that it takes whole, and its own that are written out."""
    replicas: int
    """The least number of such pods: the workload's, or its ScaledObject's."""

    @property
    def name(self) -> str:
        return str(self.manifest["metadata"]["name"])

    @property
    def keeps_its_place(self) -> bool:
        """Whether the next pod comes when this one has ended, with the same volume."""
        return bool(self.manifest["kind"] == "StatefulSet")

    @cached_property
    def _spec(self) -> Manifest:
        found: Manifest = self.manifest["spec"]["template"]["spec"]
        return found

    @cached_property
    def _container(self) -> Manifest:
        [found] = self._spec["containers"]
        return dict(found)

    @property
    def arguments(self) -> Sequence[str]:
        return list(self._container["args"])

    @property
    def security(self) -> Manifest:
        """The security contexts of the pod and of its container, in one."""
        return {**self._spec["securityContext"], **self._container["securityContext"]}

    @property
    def written(self) -> dict[str, int | None]:
        """Where it may write, with the size in bytes; None: a volume that outlives it."""
        empty = {one["name"]: one["emptyDir"] for one in self._spec["volumes"] if "emptyDir" in one}
        sizes = {name: quantity(one["sizeLimit"]) for name, one in empty.items()}
        mounts = self._container["volumeMounts"]
        return {one["mountPath"]: sizes.get(one["name"]) for one in mounts if not one.get("readOnly")}

    @property
    def cores_requested(self) -> float:
        asked = str(self._container["resources"]["requests"]["cpu"])
        return float(asked.removesuffix("m")) / (1000 if asked.endswith("m") else 1)

    @property
    def memory(self) -> int:
        """Its limit, in bytes."""
        return quantity(self._container["resources"]["limits"]["memory"])

    @property
    def memory_requested(self) -> int:
        """Bytes. Who uses more than it requested is evicted first when its node runs out of memory."""
        return quantity(self._container["resources"]["requests"]["memory"])

    @property
    def grace_seconds(self) -> float:
        return float(self._spec["terminationGracePeriodSeconds"])

    @property
    def readiness(self) -> Probe:
        asked = self._container["readinessProbe"]
        times = asked["periodSeconds"], asked["timeoutSeconds"], asked["failureThreshold"]
        return Probe(asked["httpGet"]["path"], *times)


@dataclass(frozen=True)
class Backend:
    """A Service to which the gateway leads `paths`. `pods`: their name; `anyway`: also those that are not ready."""

    name: str
    pods: str
    anyway: bool
    paths: Sequence[str]


def quantity(text: str) -> int:
    number, unit = text[:-2], text[-2:]
    return int(number) * UNITS[unit]


def pods(overlay: str) -> list[Pod]:
    """Those of our services and sites."""
    all_ = rendered(overlay)
    ours = {service.name for service in services()} | {site.name for site in sites()}
    maps = {one["metadata"]["name"]: one["data"] for one in of_kind(all_, "ConfigMap")}
    scaled = {one["spec"]["scaleTargetRef"]["name"]: one["spec"] for one in of_kind(all_, "ScaledObject")}
    return [
        Pod(one, _settings(template["spec"]["containers"][0], maps), _replicas(one, scaled))
        for one, template in workloads(all_)
        if one["metadata"]["name"] in ours
    ]


def backends(overlay: str) -> list[Backend]:
    """Those of the gateway's routes, without paths that are regular expressions: each lies below another one."""
    all_ = rendered(overlay)
    rules = [rule for route in of_kind(all_, "HTTPRoute") for rule in route["spec"]["rules"]]
    found = []
    for service in of_kind(all_, "Service"):
        name, spec = service["metadata"]["name"], service["spec"]
        led = [match["path"] for rule in rules if _backend(rule) == name for match in rule["matches"]]
        paths = [path["value"] for path in led if path["type"] != "RegularExpression"]
        if paths:
            pods = spec["selector"]["app.kubernetes.io/name"]
            found.append(Backend(name, pods, spec.get("publishNotReadyAddresses", False), paths))
    return found


def _backend(rule: Manifest) -> str:
    [backend] = rule["backendRefs"]
    return str(backend["name"])


def _settings(container: Manifest, maps: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    taken = (source["configMapRef"]["name"] for source in container.get("envFrom", []) if "configMapRef" in source)
    whole = {key: value for name in taken for key, value in maps[name].items()}
    own = {one["name"]: one["value"] for one in container["env"] if "value" in one and "$(" not in one["value"]}
    return whole | own


def _replicas(workload: Manifest, scaled: Mapping[str, Manifest]) -> int:
    found = scaled.get(workload["metadata"]["name"])
    return int(found["minReplicaCount"] if found else workload["spec"]["replicas"])
