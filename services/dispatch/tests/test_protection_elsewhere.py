"""Protected incidents beside what merges, transfers, counts and hands over incidents."""

from services.dispatch.tests.dispatch_histories import MARKET, Desk


async def test_who_may_not_see_a_protected_incident_opens_it_neither_by_merging_linking_nor_rejecting(
    desk: Desk,
) -> None:
    await desk.classified(1, kind="fire")
    [seen] = await desk.incidents()
    await desk.classified(2, kind="domestic_violence", place=MARKET)
    [hidden] = [one for one in await desk.incidents() if one.get("hidden")]
    for path in ("merge", "links", "rejected-duplicates"):
        answer = await desk.ask("POST", f"/v1/incidents/{hidden['id']}/{path}", {"other": seen["id"]})
        assert (answer.status_code, "number" in answer.json()) == (403, False)
        answer = await desk.ask("POST", f"/v1/incidents/{seen['id']}/{path}", {"other": hidden["id"]})
        assert answer.status_code == 422
    assert (await desk.ask("GET", f"/v1/incidents/{hidden['id']}")).json()["hidden"]


async def test_the_boards_counts_do_not_tell_the_type_of_a_hidden_incident(desk: Desk) -> None:
    await desk.classified(1, kind="fire")
    await desk.classified(2, kind="domestic_violence")
    counts = (await desk.ask("GET", "/v1/incidents/board")).json()["counts"]
    assert "domestic_violence" not in str(counts)
    assert "protected" in str(counts)
    counts = (await desk.ask("GET", "/v1/incidents/board", None, "supervisor")).json()["counts"]
    assert "domestic_violence" in str(counts)


async def test_a_merged_incident_is_separated_and_not_reopened(desk: Desk) -> None:
    await desk.classified(1)
    await desk.classified(2)
    one, other = await desk.incidents()
    await desk.ask("POST", f"/v1/incidents/{one['id']}/merge", {"other": other["id"]})
    answer = await desk.ask("POST", f"/v1/incidents/{one['id']}/reopen", {"reason": "lagi"}, "supervisor")
    assert answer.status_code == 409
    assert answer.json()["state"] == "merged"
