"""The objects that one running analytics has: the counters of the two promises."""

from typing import Any

from prometheus_client import Counter

from sigap_common.app.resources import Environment, Resources

ANSWERED, TOLD = "answered", "told"
"""A call is answered within 15 s; an agency has the incident within 30 s of the answer."""


class AnalyticsResources(Resources):
    def __init__(self, environment: Environment[Any]) -> None:
        super().__init__(environment)
        registry = environment.registry
        self._cases = Counter(
            "sigap_promise_cases", "Cases in which the promise held or was missed", ["promise"], registry=registry
        )
        self._kept = Counter(
            "sigap_promise_kept", "Cases in which the promise was kept", ["promise"], registry=registry
        )
        for promise in (ANSWERED, TOLD):  # so that the first case already is an increase
            self._cases.labels(promise)
            self._kept.labels(promise)

    def count(self, promise: str, *, cases: int, kept: int) -> None:
        """Counts cases of a promise, and those in which it was kept. A case of `told` is counted when its incident
        begins, and is kept later.
        """
        self._cases.labels(promise).inc(cases)
        self._kept.labels(promise).inc(kept)
