"""The drill goes through all services and says how long each step took."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from sigap_cli.console import DONE, NOT_ACHIEVED, REFUSED
from sigap_cli.drill.labels import STEPS
from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually
from sigap_testing.patience import patience

from .conftest import Items, Sigap


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


TO_AGENCIES = ("drill", "--regency", "17.71", "--to-agencies")
SILENT_SECONDS = str(round(patience(15)))
"""How long a drill waits for agencies that stay silent. The second of two drills looks like a duplicate of the first,
which stays open: the agencies of that one are told after 10 s.
"""


def test_it_rings_the_real_agencies_only_when_told_to_and_does_not_call_them_off_unheard(
    sigap: Sigap, api: httpx.Client
) -> None:
    code, out, _ = sigap(*TO_AGENCIES, "--json", "--timeout", SILENT_SECONDS)
    found = json.loads(out)
    incident = api.get(f"/v1/incidents/{found['incident_id']}").json()
    states = {forwarding["agency"]: forwarding["state"] for forwarding in incident["forwardings"]}
    assert (code, found["ok"], found["left_open"]) == (NOT_ACHIEVED, False, True)
    assert "17.71/damkar" in found["silent"]
    assert states == {"17.71/drill": "acknowledged", **dict.fromkeys(found["silent"], "forwarded")}
    assert found["steps"][-1]["name"] == "ended"


def test_for_people_it_names_who_was_silent_and_what_stays_open(sigap: Sigap) -> None:
    code, out, _ = sigap(*TO_AGENCIES, "--timeout", SILENT_SECONDS)
    said = " ".join(out.split())  # the line is long, and may be broken
    assert code == NOT_ACHIEVED
    assert f"No answer within {SILENT_SECONDS} s from: " in said
    assert "Dinas Pemadam Kebakaran Kota Bengkulu (17.71/damkar)" in said
    assert "Incident BKL-LATIHAN-" in said


def answer_for_all(api: httpx.Client, known: set[str]) -> None:
    """A dispatcher who gets everybody of the newest drill on the telephone; the fire brigade declines."""

    def newest() -> dict[str, Any] | None:
        listed: list[dict[str, Any]] = api.get("/v1/incidents", params={"regency": "17.71", "open": True}).json()[
            "items"
        ]
        return next((one for one in listed if one["id"] not in known and one["forwardings"]), None)

    incident = asyncio.run(eventually(newest, within=60))
    for forwarding in incident["forwardings"]:
        declines = forwarding["agency"] == "17.71/damkar"
        said = {"response": "declined", "reason": "no_unit"} if declines else {"response": "acknowledged"}
        path = f"/v1/incidents/{incident['id']}/forwardings/{forwarding['id']}/answers"
        key = {"Idempotency-Key": forwarding["id"]}
        told = api.post(path, json={**said, "spoke_to": "Budi", "channel": "telephone"}, headers=key)
        assert told.status_code == 200, told.text


def test_when_each_agency_has_answered_it_closes_and_says_when_each_did(
    sigap: Sigap, api: httpx.Client, items: Items
) -> None:
    known = {incident["id"] for incident in items("/v1/incidents", regency="17.71")}
    with ThreadPoolExecutor(1) as pool:
        answering = pool.submit(answer_for_all, api, known)
        code, out, _ = sigap(*TO_AGENCIES, "--json", "--timeout", "30")
        answering.result()
    found = json.loads(out)
    assert (code, found["ok"], found["silent"], found["left_open"]) == (DONE, True, [], False)
    answers = {step["agency"]: step["name"] for step in found["steps"] if "agency" in step}
    assert answers.pop("17.71/damkar") == "agency_declined"
    assert set(answers.values()) == {"agency_acknowledged"}
    assert api.get(f"/v1/incidents/{found['incident_id']}").json()["state"] == "closed"


def test_a_drill_to_agencies_fails_if_the_pack_has_nobody_to_tell(sigap: Sigap, tmp_path: Path) -> None:
    pack = tmp_path / "pack.json"
    nobody = {"code": "99.07", "name": "Kota Sunyi", "prefix": "SNY", "time_zone": "Asia/Jakarta"}
    pack.write_text(json.dumps(nobody))
    assert sigap("regency", "apply", str(pack))[0] == DONE
    told_nobody = ("drill", "--regency", "99.07", "--to-agencies")
    code, out, _ = sigap(*told_nobody, "--json")
    found = json.loads(out)
    assert (code, found["ok"], found["silent"], found["left_open"]) == (NOT_ACHIEVED, False, [], False)
    code, out, _ = sigap(*told_nobody)
    assert (code, "No real agency was told" in out) == (NOT_ACHIEVED, True)
    assert sigap("drill", "--regency", "99.07")[0] == DONE


def test_an_unknown_regency_is_a_problem_shown_in_words(sigap: Sigap) -> None:
    code, out, err = sigap("drill", "--regency", "00.00")
    assert (code, out) == (REFUSED, "")
    assert err.startswith("Not found (404)")
    assert "The regency 00.00 is not configured here." in err


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
