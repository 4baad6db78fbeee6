"""What one of us reports for an agency is never shown as the agency's own word."""

import pytest
from gateway_histories import DAMKAR, FIRST, REGENCY, Ask, Shown, forwarded, hear, progress_elsewhere

from sigap_agency_gateway.visibility import POLICY
from sigap_common.contracts.agencies import AgencyResponded, AnsweredElsewhere
from sigap_testing.kit import Kit

PATH = f"/v1/forwardings/{FIRST}"
PROGRESS = ["en_route", "on_scene", "done"]


async def shown(ask: Ask) -> list[Shown]:
    """The forwarding in the agency's list, in ours, and by itself."""
    (own,) = (await ask("GET", "/v1/forwardings")).json()["items"]
    (ours,) = (await ask("GET", "/v1/forwardings", None, "dispatcher")).json()["items"]
    return [own, ours, (await ask("GET", PATH)).json()]


@pytest.mark.parametrize("channel", ["telephone", "radio"])
@pytest.mark.parametrize("progress", PROGRESS)
async def test_a_progress_that_we_report_is_marked_in_each_list(
    kit: Kit, ask: Ask, progress: str, channel: str
) -> None:
    await hear(kit, forwarded(), progress_elsewhere(progress, channel=channel))
    for forwarding in await shown(ask):
        (answer,) = forwarding["answers"]
        assert (answer["response"], answer["on_behalf"], answer["channel"]) == (progress, True, channel)
        assert forwarding["state"] == progress


async def test_a_progress_without_a_channel_is_not_the_agencys_own_either(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded(), progress_elsewhere("en_route", channel=None))
    for forwarding in await shown(ask):
        (answer,) = forwarding["answers"]
        assert (answer["on_behalf"], answer["channel"]) == (True, "telephone")


async def test_the_agencys_own_progress_is_its_own(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded())
    await ask("POST", f"{PATH}/progress", {"progress": "en_route"})
    for forwarding in await shown(ask):
        assert {answer["on_behalf"] for answer in forwarding["answers"]} == {False}


async def test_the_echo_of_the_agencys_own_progress_adds_no_second_answer(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded())
    await ask("POST", f"{PATH}/progress", {"progress": "en_route"})
    before = await shown(ask)
    await hear(kit, progress_elsewhere("en_route", on_behalf=False, channel="api"), sequence=2)
    assert await shown(ask) == before
    assert await kit.said(AnsweredElsewhere) == []


@pytest.mark.parametrize("progress", PROGRESS)
async def test_the_stream_tells_of_it_as_of_something_answered_elsewhere(kit: Kit, progress: str) -> None:
    await hear(kit, forwarded(), progress_elsewhere(progress, channel="telephone"))
    assert await kit.said(AgencyResponded) == []
    (said,) = await kit.said(AnsweredElsewhere)
    for role, agency in (("agency", DAMKAR), ("dispatcher", None)):
        access = await kit.runtime.verifier.verify(kit.token(role, regencies=(REGENCY,), agency=agency))
        view = POLICY.event(said, access)
        assert view is not None
        assert (view["response"], view["channel"]) == (progress, "telephone")
