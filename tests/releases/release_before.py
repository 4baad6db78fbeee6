"""The code of the release before, taken out of the repository's history, on the dependencies of today."""

import io
import os
import subprocess
import tarfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.releases.last_release import last_release

from sigap_testing.parts import NotHere

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Release:
    """`settings`: the environment in which a Python of today runs this release's packages."""

    commit: str
    folder: Path

    @property
    def settings(self) -> dict[str, str]:
        sources = sorted(self.folder.glob("libs/*/src")) + sorted(self.folder.glob("services/*/src"))
        return {"PYTHONPATH": os.pathsep.join(map(str, sources))}


def release_before(folder: Path) -> Release:
    """Puts the code of the last release into the folder. Raises NotHere if this clone does not reach so far."""
    commit = last_release().commit
    try:
        packed = _git("archive", commit, "libs", "services")
    except OSError as error:
        raise NotHere("no git, so no release before") from error
    except subprocess.CalledProcessError as error:
        raise NotHere("no release before in this clone: it is shallow, or no git repository") from error
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    for project in [*folder.glob("libs/*/pyproject.toml"), *folder.glob("services/*/pyproject.toml")]:
        _register(project)
    return Release(commit, folder)


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, check=True).stdout


def _register(project: Path) -> None:
    """Writes what an installation would: its entry points take the place of those of today's package."""
    told = tomllib.loads(project.read_text())["project"]
    name, version = told["name"], told["version"]
    folder = project.parent / "src" / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    groups = told.get("entry-points", {}) | {"console_scripts": told.get("scripts", {})}
    lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in points.items()) for group, points in groups.items()]
    (folder / "entry_points.txt").write_text("\n".join(lines))
