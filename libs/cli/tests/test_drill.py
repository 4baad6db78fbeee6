"""The drill goes through all services and says how long each step took."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from sigap_cli.console import DONE, NOT_ACHIEVED, REFUSED
from sigap_cli.drill.labels import STEPS
from sigap_common.testing.cluster import SingleHost

Sigap = Callable[..., tuple[int, str, str]]
Items = Callable[..., list[Any]]


def test_a_drill_s_acknowledgement_comes_back_and_every_step_has_its_time(sigap: Sigap, api: httpx.Client) -> None:
    code, out, _ = sigap("drill", "--json", "--regency", "17.71")
    found = json.loads(out)
    assert (code, found["ok"]) == (DONE, True)
    assert [step["name"] for step in found["steps"]] == list(STEPS)
    times = [step["seconds"] for step in found["steps"]]
    assert times == sorted(times)
    incident = api.get(f"/v1/incidents/{found['incident_id']}").json()
    assert (incident["call_id"], incident["drill"], incident["state"]) == (found["call_id"], True, "closed")
    assert [forwarding["agency"] for forwarding in incident["forwardings"]] == ["17.71/drill"]


def test_for_people_it_is_a_timeline_in_the_first_regency(sigap: Sigap) -> None:
    code, out, _ = sigap("drill")
    assert code == DONE
    lines = out.splitlines()
    assert lines[0].startswith("Drill in Kota Pekanbaru (14.71)")
    assert [line.split(maxsplit=3)[3] for line in lines[1:-1]] == list(STEPS.values())


def test_it_rings_the_real_agencies_only_when_told_to(sigap: Sigap, api: httpx.Client) -> None:
    found = json.loads(sigap("drill", "--json", "--regency", "17.71", "--to-agencies")[1])
    incident = api.get(f"/v1/incidents/{found['incident_id']}").json()
    agencies = {forwarding["agency"] for forwarding in incident["forwardings"]}
    assert found["ok"]
    assert {"17.71/drill", "17.71/damkar"} <= agencies


def test_an_unknown_regency_is_a_problem_shown_in_words(sigap: Sigap) -> None:
    code, out, err = sigap("drill", "--regency", "00.00")
    assert (code, out) == (REFUSED, "")
    assert err.startswith("Not found (404)")


def test_a_forged_token_is_a_problem_shown_in_words(sigap: Sigap) -> None:
    code, _, err = sigap("drill", "--token", "forged")
    assert (code, "(401)" in err) == (REFUSED, True)


def test_without_an_acknowledgement_it_fails_and_says_how_far_it_came(tmp_path: Path, speak_to: Sigap) -> None:
    services = "intake", "dispatch"
    settings = {"SIGAP_DISPATCH_SERVICES": ",".join(services)}
    with SingleHost(services=services, folder=tmp_path, settings=settings) as host:
        pack = next((Path(__file__).parents[3] / "regencies").glob("18.72*"))
        assert speak_to(host.url, "regency", "apply", str(pack))[0] == DONE
        code, out, _ = speak_to(host.url, "drill", "--json", "--timeout", "1")
        found = json.loads(out)
        assert (code, found["ok"]) == (NOT_ACHIEVED, False)
        names = [step["name"] for step in found["steps"]]
        assert names == [name for name in STEPS if name != "acknowledged"]
        code, out, _ = speak_to(host.url, "drill", "--timeout", "1")
        assert (code, "No acknowledgement within 1 s" in out) == (NOT_ACHIEVED, True)
