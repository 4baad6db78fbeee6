"""What the rendered manifests say of the services' pods."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sigap_common.app.manifest import services
from sigap_common.app.site import sites

from .kubernetes import rendered
from .manifest_rules import Manifest, of_kind, workloads

UNITS = {"Ki": 1024, "Mi": 1024**2, "Gi": 1024**3}


@dataclass(frozen=True, slots=True)
class Probe:
    """As Kubernetes means it: so many answers in a row that fail or do not come end a pod's readiness."""

    period: float
    timeout: float
    failures: int


@dataclass(frozen=True)
class Pod:
    """The pod of one service, as its workload describes it."""

    manifest: Manifest
    settings: Mapping[str, str]
    """Those of the ConfigMaps that it takes whole."""

    @property
    def name(self) -> str:
        return str(self.manifest["metadata"]["name"])

    @cached_property
    def _spec(self) -> Manifest:
        found: Manifest = self.manifest["spec"]["template"]["spec"]
        return found

    @cached_property
    def _container(self) -> Manifest:
        [found] = self._spec["containers"]
        return dict(found)

    @property
    def memory(self) -> int:
        """Bytes."""
        return quantity(self._container["resources"]["limits"]["memory"])

    @property
    def grace_seconds(self) -> float:
        return float(self._spec["terminationGracePeriodSeconds"])

    @property
    def readiness(self) -> Probe:
        asked = self._container["readinessProbe"]
        return Probe(asked["periodSeconds"], asked["timeoutSeconds"], asked["failureThreshold"])


def quantity(text: str) -> int:
    number, unit = text[:-2], text[-2:]
    return int(number) * UNITS[unit]


def pods(overlay: str) -> list[Pod]:
    """Those of our services and sites."""
    all_ = rendered(overlay)
    ours = {service.name for service in services()} | {site.name for site in sites()}
    maps = {one["metadata"]["name"]: one["data"] for one in of_kind(all_, "ConfigMap")}
    return [
        Pod(one, _whole(template["spec"]["containers"][0], maps))
        for one, template in workloads(all_)
        if one["metadata"]["name"] in ours
    ]


def _whole(container: Manifest, maps: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    taken = (source["configMapRef"]["name"] for source in container.get("envFrom", []) if "configMapRef" in source)
    return {key: value for name in taken for key, value in maps[name].items()}
