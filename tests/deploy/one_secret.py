"""kubectl at a cluster of a few Secrets, which it keeps in a file, and `sleep`, which takes no time. A call may fail:
before it does anything, or after, as when the answer is lost on the way.

    CLUSTER=<file> FAILS=<number of the call> ONCE_DONE=<yes, or nothing> MEANWHILE=<a ring> one_secret.py <arguments>

`MEANWHILE`: after the first call somebody else puts this ring.
"""

import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

import yaml

RING = "SIGAP_KEY_RING"


class Refused(Exception):
    """The API server did not do it."""


def said_of(cluster: dict[str, Any], words: list[str]) -> str:
    """What kubectl prints. Changes the cluster. Raises Refused."""
    if "get" in words:
        return _filled(cluster, words)
    if "patch" in words:
        _patch(cluster, words[words.index("secret") + 1], yaml.safe_load(sys.stdin))
        return _filled(cluster, words)
    if "label" in words:
        named = [word for word in words[words.index("secret") + 1 :] if "=" not in word]
        cluster["told"] += [["labelled", name] for name in named]
    elif "rollout" in words:
        cluster["told"].append([words[words.index("rollout") + 1], ""])
    elif words[0] == "sleep":
        cluster["told"].append(words)
    else:
        raise Refused(f"no such command here: {words}")
    return ""


def _patch(cluster: dict[str, Any], name: str, patch: dict[str, Any]) -> None:
    if name != "sigap-keys":
        cluster["told"].append(["patched", name])
        return
    seen = patch.get("metadata", {}).get("resourceVersion", cluster["version"])
    if str(seen) != str(cluster["version"]):
        raise Refused("the object has been modified; please apply your changes to the latest version")
    put(cluster, patch["stringData"][RING])


def put(cluster: dict[str, Any], ring: str) -> None:
    cluster["ring"], cluster["version"] = ring, cluster["version"] + 1
    cluster["told"].append(["put", ring])


def _filled(cluster: dict[str, Any], words: list[str]) -> str:
    """By the fields that `-o jsonpath=...` asks for."""
    template = next((word.partition("=")[2] for word in words if word.startswith("jsonpath=")), "")
    ring = base64.b64encode(cluster["ring"].encode()).decode()
    return template.replace(f"{{.data.{RING}}}", ring).replace("{.metadata.resourceVersion}", str(cluster["version"]))


def main(words: list[str]) -> int:
    file = Path(os.environ["CLUSTER"])
    cluster = json.loads(file.read_text())
    cluster["calls"] += 1
    fails = os.environ.get("FAILS") == str(cluster["calls"])
    try:
        if fails and not os.environ.get("ONCE_DONE"):
            raise Refused("timed out")
        said = said_of(cluster, words)
        if (ring := os.environ.get("MEANWHILE")) and cluster["calls"] == 1:
            put(cluster, ring)
        if fails:
            raise Refused("timed out, but done")
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        file.write_text(json.dumps(cluster))
    print(said, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
