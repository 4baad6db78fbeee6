"""What the platform's pages say of files, objects and commands is there, and their steps make a valid overlay."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from sigap_cli.main import app
from sigap_common.app.manifest import services

from .kubernetes import DRILL, RESTORE, ROOT, kubectl, rendered
from .manifest_rules import complaints, of_kind, workloads

PAGES = tuple(ROOT / "docs" / name for name in ("platform.md", "restore.md", "nation.md", "host.md"))
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
MADE_BY_HAND = {
    ("namespace", "envoy-gateway-system"),
    ("namespace", "monitoring"),
    ("secret", "postgres-backups"),
    ("secret", "pilot-keycloak"),
    ("secret", "sigap-keys"),
    *(("secret", f"{service.name}-database") for service in services()),
}
"""What the reader has, or makes in a step."""
EXAMPLE = "0.1.0"
"""The tag in the overlays of the repository."""
VERSION = "0.1.0-3f2a9c1b2d4e"
"""The tag that the reader gave the image."""
OWN_FOLDER, PILOT_FOLDER = "deploy/k8s/overlays/kota", "deploy/k8s/overlays/uji"


def blocks(page: Path, kind: str) -> list[str]:
    return blocks_in(page.read_text(), kind)


def blocks_in(text: str, kind: str) -> list[str]:
    return [text for _, of, text in BLOCK.findall(text) if of == kind]


def sections(page: Path) -> list[str]:
    """The text from one heading to the next."""
    return re.split(r"^#{2,} ", page.read_text(), flags=re.MULTILINE)


def section(page: Path, heading: str) -> str:
    [found] = [one for one in sections(page) if one.startswith(f"{heading}\n")]
    return found


def commands(page: Path) -> Iterator[list[str]]:
    """The words of each command in the page's blocks, also behind a pipe."""
    yield from commands_in(page.read_text())


def commands_in(text: str) -> Iterator[list[str]]:
    for block in blocks_in(text, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line.strip().strip("()").replace("$VERSION", EXAMPLE), comments=True)
            while "|" in words:
                yield words[: words.index("|")]
                words = words[words.index("|") + 1 :]
            if words:
                yield words


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_and_links_of_the_page_are_there(page: Path) -> None:
    text = page.read_text()
    named = set(re.findall(r"(?<![\w/])((?:deploy|tests|docs|regencies)/[\w./-]*\w)", text))
    assert [
        one for one in sorted(named) if not (ROOT / one).exists() and not one.startswith((OWN_FOLDER, PILOT_FOLDER))
    ] == []
    for target, anchor in LINK.findall(text):
        if "://" not in target:
            to = (page.parent / target).resolve() if target else page
            assert to.exists(), target
            assert not anchor or anchor in anchors(to), f"{target}#{anchor}"


def objects(overlay: str = "city") -> set[tuple[str, str]]:
    """All that it renders, by kind in small letters and name."""
    return {(one["kind"].lower(), one["metadata"]["name"]) for one in rendered(overlay)}


FOLDERS = {"deploy/k8s/restore": RESTORE, "deploy/k8s/drill": DRILL, PILOT_FOLDER: "pilot"}


def unknown(section: str) -> list[tuple[list[str], tuple[str, str]]]:
    """The commands of kubectl that name what the city does not have, nor what a command before has applied or made."""
    found, known = [], objects() | MADE_BY_HAND
    for words in commands_in(section):
        if words[0] == "kubectl":
            found += [(words, one) for one in of_kubectl(words) if one not in known and one[1] != "pod"]
            known |= objects(FOLDERS[words[-1]]) if words[-1] in FOLDERS and "apply" in words else set()
            known |= {("job", words[words.index("job") + 1])} if "create" in words and "job" in words else set()
    return found


def of_kubectl(words: list[str]) -> Iterator[tuple[str, str]]:
    """The objects that a command of kubectl names. What it creates is not among them, but what it creates from."""
    plain = [word for word in words[1:] if not word.startswith("-")]
    plain = [word for word, before in zip(plain, ["", *plain], strict=False) if before not in ("-n", "sigap")]
    for word in words:
        if found := re.fullmatch(r"(?:--from=)?([a-z.]+)/([a-z][\w.-]*\w)", word):
            yield found[1].partition(".")[0], found[2]
    if "create" in words:
        return
    after = [word for word in words if word.strip("-") == word and "=" not in word]
    for verb in ("delete", "wait", "label", "annotate"):
        if verb in after:
            kind, *names = after[after.index(verb) + 1 :]
            if "/" not in kind:
                yield from ((kind.partition(".")[0], name) for name in names if "/" not in name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_kubectl_s_commands_name_is_there_when_they_run(page: Path) -> None:
    """In each section by itself: it begins with a city that runs."""
    assert [one for section in sections(page) for one in unknown(section)] == []


def test_what_another_section_has_applied_is_not_there() -> None:
    applied, used = "kubectl apply -k deploy/k8s/drill", "kubectl wait cluster.postgresql.cnpg.io postgres-drill"
    assert unknown(f"```sh\n{used}\n```\n") == [(shlex.split(used), ("cluster", "postgres-drill"))]
    assert unknown(f"```sh\n{applied}\n{used}\n```\n") == []


def test_a_name_that_is_not_there_is_found() -> None:
    words = shlex.split("kubectl -n sigap wait job/migrat-0.1.0 --for=condition=Complete")
    assert list(of_kubectl(words)) == [("job", "migrat-0.1.0")]
    assert set(of_kubectl(shlex.split("kubectl -n sigap delete cronjob reconcile reconcil"))) - objects() == {
        ("cronjob", "reconcil")
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_options_of_sigap_are_there(page: Path) -> None:
    known = typer.main.get_command(app)
    for words in commands(page):
        if words[0].rpartition("/")[2] != "sigap":
            continue
        command: Any = known
        rest = words[1:]
        while hasattr(command, "get_command"):
            command, rest = command.get_command(None, rest[0]), rest[1:]
            assert command is not None, words
        options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert {word.partition("=")[0] for word in rest if word.startswith("--")} <= options, words


@pytest.mark.parametrize("page", PAGES[:3], ids=lambda page: page.name)
def test_a_shell_can_read_the_page_s_commands(page: Path) -> None:
    for block in blocks(page, "sh"):
        subprocess.run(["sh", "-n"], input=block, text=True, check=True)


def test_namespaces_and_labels_of_the_page_are_those_of_the_policies() -> None:
    text = PAGES[0].read_text()
    for policy in of_kind(rendered("city"), "NetworkPolicy"):
        for rule in policy["spec"].get("ingress", []):
            for peer in rule.get("from", []):
                for key, value in peer.get("namespaceSelector", {}).get("matchLabels", {}).items():
                    said = f"`{value}`" if key == "kubernetes.io/metadata.name" else f"{key}={value}"
                    assert said in text, policy["metadata"]["name"]


def of_the_reader(
    folder: Path, heading: str = "A city on Kubernetes", own: str = OWN_FOLDER, *, with_all: bool = False
) -> None:
    """Into this folder: the files for Kubernetes as the steps of the platform's page leave them. `with_all`: also with
    the patches that concern some readers alone.
    """
    text = section(PAGES[0], heading)
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    [copying] = [block for block in blocks_in(text, "sh") if block.startswith("cp -r deploy/k8s/overlays/")]
    environment = {**os.environ, "VERSION": VERSION}
    subprocess.run(["sh", "-euc", copying], cwd=folder, env=environment, check=True)
    patches, *more = blocks_in(text, "yaml")
    with (folder / own / "kustomization.yaml").open("a") as file:
        file.write("".join([patches, *(more if with_all else [])]))


def of_the_restore(folder: Path, *names: str) -> None:
    """Carries out the lines of the restore's page that change files there, by the first word: `sed`, `cp`, `echo`."""
    for block in blocks(PAGES[1], "sh"):
        lines = [line.strip() for line in block.splitlines()]
        changing = [line for line in lines if line.startswith((*names, "MOMENT"))]
        subprocess.run(["sh", "-euc", "\n".join(changing)], cwd=folder, check=True)


def kustomized(folder: Path) -> list[dict[str, Any]]:
    text = subprocess.run([kubectl(), "kustomize", str(folder)], capture_output=True, text=True, check=True).stdout
    assert "example.go.id" not in text  # nothing of the example is left
    return list(yaml.safe_load_all(text))


@pytest.fixture
def reader(tmp_path: Path) -> Path:
    of_the_reader(tmp_path)
    return tmp_path


@pytest.fixture
def own(reader: Path) -> list[dict[str, Any]]:
    return kustomized(reader / OWN_FOLDER)


def test_the_steps_make_an_overlay_that_keeps_every_rule_and_has_the_reader_s_names(own: list[dict[str, Any]]) -> None:
    assert complaints(own) == []
    assert {named for one in own for named in re.findall(r"[\w.-]+\.kota\.example", str(one))} == {
        "112.kota.example",
        "login.kota.example",
        "registry.kota.example",
        "objects.kota.example",
    }
    images = {c["image"] for one, template in workloads(own) for c in template["spec"]["containers"]}
    assert images == {f"registry.kota.example/sigap:{VERSION}"}
    [settings] = [one["data"] for one in of_kind(own, "ConfigMap") if "SIGAP_TRUSTED_PROXIES" in one["data"]]
    assert settings["SIGAP_TRUSTED_PROXIES"] == "10.244.0.0/16"


def test_an_account_at_the_registry_is_every_pod_s_of_ours(tmp_path: Path) -> None:
    of_the_reader(tmp_path, with_all=True)
    own = kustomized(tmp_path / OWN_FOLDER)
    assert complaints(own) == []
    accounts = {one["metadata"]["name"]: one.get("imagePullSecrets") for one in of_kind(own, "ServiceAccount")}
    used = {template["spec"]["serviceAccountName"] for _, template in workloads(own)}
    assert {str(accounts[name]) for name in used} == {"[{'name': 'registry'}]"}


def test_the_steps_make_a_pilot_that_keeps_every_rule_and_has_the_reader_s_names(tmp_path: Path) -> None:
    of_the_reader(tmp_path, "A pilot on one node", PILOT_FOLDER)
    own = kustomized(tmp_path / PILOT_FOLDER)
    assert complaints(own) == []
    names = {named for one in own for named in re.findall(r"[\w.-]+\.uji\.example", str(one))}
    assert names == {"112.uji.example", "login.uji.example", "registry.uji.example"}
    [gateway] = of_kind(own, "Gateway")
    assert {one["hostname"] for one in gateway["spec"]["listeners"]} == names - {"registry.uji.example"}


DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("image", "used"),
    [
        ("newName: registry:5000/sigap, newTag: 0.2.0", "registry:5000/sigap:0.2.0"),
        ("newName: registry:5000/112/sigap, newTag: 0.2.0", "registry:5000/112/sigap:0.2.0"),
        (
            f"newName: registry.kota.example/sigap, newTag: 0.2.0, digest: '{DIGEST}'",
            f"registry.kota.example/sigap:0.2.0@{DIGEST}",
        ),
    ],
)
def test_the_migration_is_named_by_the_version_whatever_the_registry_is_called(
    reader: Path, image: str, used: str
) -> None:
    renamed = with_image(reader, image)
    assert complaints(renamed) == []
    assert {c["image"] for _, template in workloads(renamed) for c in template["spec"]["containers"]} == {used}
    assert [one["metadata"]["name"] for one in of_kind(renamed, "Job")] == ["migrate-0.2.0"]


@pytest.mark.parametrize(
    "image", [f"newName: registry/sigap, digest: '{DIGEST}'", "newName: registry/112, newTag: 0.2.0"]
)
def test_an_image_by_which_the_migration_cannot_be_named_is_refused(reader: Path, image: str) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        with_image(reader, image)


def with_image(reader: Path, image: str) -> list[dict[str, Any]]:
    file = reader / OWN_FOLDER / "kustomization.yaml"
    file.write_text(re.sub(r"\{name: sigap, .*\}", f"{{name: sigap, {image}}}", file.read_text()))
    return kustomized(reader / OWN_FOLDER)


def archives(all_: list[dict[str, Any]]) -> tuple[str, str]:
    """The folders of the store from which PostgreSQL is made, and into which it writes."""
    [cluster] = of_kind(all_, "Cluster")
    parts = cluster["spec"]["externalClusters"][0]["plugin"], cluster["spec"]["plugins"][0]
    source, written = (part["parameters"]["serverName"] for part in parts)
    return source, written


def test_a_restore_is_of_the_reader_s_overlay_and_so_is_the_next_one(reader: Path) -> None:
    folder, databases = reader / "deploy/k8s/restore", reader / "deploy/k8s/restore/databases.yaml"
    of_the_restore(reader, "sed")
    restored = kustomized(folder)
    assert complaints(restored) == []
    images = {c["image"] for one, template in workloads(restored) for c in template["spec"]["containers"]}
    assert images == {f"registry.kota.example/sigap:{VERSION}"}
    assert archives(restored) == ("postgres", "postgres-2")
    of_the_restore(reader, "cp", "echo")
    assert archives(kustomized(reader / OWN_FOLDER)) == ("postgres", "postgres-2")
    databases.write_text(databases.read_text().replace("postgres-2", "postgres-3"))
    assert archives(kustomized(folder)) == ("postgres-2", "postgres-3")


def test_a_drill_reads_the_copies_that_the_reader_s_overlay_writes_also_after_a_restore(reader: Path) -> None:
    of_the_restore(reader, "sed", "cp", "echo")
    [drill] = kustomized(reader / "deploy/k8s/drill")
    assert drill["metadata"]["name"] == "postgres-drill"
    assert drill["spec"]["externalClusters"][0]["plugin"]["parameters"]["serverName"] == "postgres-2"
    assert drill["spec"]["bootstrap"] == {"recovery": {"source": "city"}}
