"""A readiness probe, as a manifest describes it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Probe:
    """One answer below 400 makes a pod ready; `failures` others in a row, or answers that do not come, end that."""

    path: str
    period: float
    timeout: float
    failures: int
