"""What the platform's pages say of files, objects and commands is there, and their steps make a valid overlay."""

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

from .kubernetes import RESTORE, ROOT, kubectl, rendered
from .manifest_rules import complaints, of_kind, workloads

PAGES = tuple(ROOT / "docs" / name for name in ("platform.md", "restore.md", "nation.md", "host.md"))
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
MADE_BY_HAND = {("namespace", "envoy-gateway-system"), ("namespace", "monitoring"), ("secret", "postgres-backups")}
"""What the reader has, or makes in a step."""
OWN_FOLDER = "deploy/k8s/overlays/kota"


def blocks(page: Path, kind: str) -> list[str]:
    return [text for _, of, text in BLOCK.findall(page.read_text()) if of == kind]


def commands(page: Path) -> Iterator[list[str]]:
    """The words of each command in the page's blocks, also behind a pipe."""
    for block in blocks(page, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line.strip().strip("()"), comments=True)
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
    assert [one for one in sorted(named) if not (ROOT / one).exists() and not one.startswith(OWN_FOLDER)] == []
    for target, anchor in LINK.findall(text):
        if "://" not in target:
            to = (page.parent / target).resolve() if target else page
            assert to.exists(), target
            assert not anchor or anchor in anchors(to), f"{target}#{anchor}"


def objects() -> set[tuple[str, str]]:
    """All that the city and its restore render, by kind in small letters and name."""
    return {(one["kind"].lower(), one["metadata"]["name"]) for name in ("city", RESTORE) for one in rendered(name)}


def of_kubectl(words: list[str]) -> Iterator[tuple[str, str]]:
    """The objects that a command of kubectl names. What it creates is not among them, but what it creates from."""
    plain = [word for word in words[1:] if not word.startswith("-")]
    plain = [word for word, before in zip(plain, ["", *plain], strict=False) if before not in ("-n", "sigap")]
    for word in words:
        if found := re.fullmatch(r"(?:--from=)?([a-z.]+)/([a-z][\w.-]*)", word):
            yield found[1].partition(".")[0], found[2]
    if "create" in words:
        return
    after = [word for word in words if not word.startswith("-") and "=" not in word]
    for verb in ("delete", "wait", "label", "annotate"):
        if verb in after:
            kind, *names = after[after.index(verb) + 1 :]
            if "/" not in kind:
                yield from ((kind.partition(".")[0], name) for name in names if "/" not in name)


def created(page: Path) -> set[tuple[str, str]]:
    """The Jobs that steps of the page create."""
    return {("job", words[words.index("job") + 1]) for words in commands(page) if "create" in words and "job" in words}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_objects_of_kubectl_s_commands_are_rendered(page: Path) -> None:
    known = objects() | MADE_BY_HAND | created(page)
    named = [(words, one) for words in commands(page) if words[0] == "kubectl" for one in of_kubectl(words)]
    assert [(words, one) for words, one in named if one not in known and one[1] != "pod"] == []


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


def test_namespaces_and_labels_of_the_page_are_those_of_the_policies() -> None:
    text = PAGES[0].read_text()
    for policy in of_kind(rendered("city"), "NetworkPolicy"):
        for rule in policy["spec"].get("ingress", []):
            for peer in rule.get("from", []):
                for key, value in peer.get("namespaceSelector", {}).get("matchLabels", {}).items():
                    said = f"`{value}`" if key == "kubernetes.io/metadata.name" else f"{key}={value}"
                    assert said in text, policy["metadata"]["name"]


@pytest.fixture
def own(tmp_path: Path) -> list[dict[str, Any]]:
    """What the page's third step makes of the overlay, as kubectl renders it."""
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    [copying] = [block for block in blocks(PAGES[0], "sh") if block.startswith("cp -r deploy/k8s/overlays/city")]
    subprocess.run(["sh", "-euc", copying], cwd=tmp_path, check=True)
    [patches] = blocks(PAGES[0], "yaml")
    with (tmp_path / OWN_FOLDER / "kustomization.yaml").open("a") as file:
        file.write(patches)
    command = [kubectl(), "kustomize", str(tmp_path / OWN_FOLDER)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "example.go.id" not in text  # nothing of the example is left
    return list(yaml.safe_load_all(text))


def test_the_steps_make_an_overlay_that_keeps_every_rule_and_has_the_reader_s_names(own: list[dict[str, Any]]) -> None:
    assert complaints(own) == []
    assert {named for one in own for named in re.findall(r"[\w.-]+\.kota\.example", str(one))} == {
        "112.kota.example",
        "login.kota.example",
        "registry.kota.example",
        "objects.kota.example",
    }
    images = {c["image"] for one, template in workloads(own) for c in template["spec"]["containers"]}
    assert images == {"registry.kota.example/sigap:0.1.0"}
    [settings] = [one["data"] for one in of_kind(own, "ConfigMap") if "SIGAP_TRUSTED_PROXIES" in one["data"]]
    assert settings["SIGAP_TRUSTED_PROXIES"] == "10.244.0.0/16"
