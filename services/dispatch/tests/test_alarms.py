"""Alarms as people see them: in groups, each with its severity and what to do."""

from importlib.resources import files
from typing import Any
from uuid import UUID, uuid4

import yaml
from services.dispatch.tests.dispatch_histories import REGENCY, Desk, Shown, a_pack

from sigap_common.contracts.alarms import AlarmCleared, AlarmGroupChanged, AlarmRaised
from sigap_common.core.texts import LANGUAGES
from sigap_dispatch.domain.alarm_groups import HOLD, KINDS
from sigap_dispatch.domain.state.alarms import AlarmKind
from sigap_testing.operations import operations

FIRE = f"{REGENCY}/fire"


async def raised(desk: Desk, kind: str = "role_unmet", agency: str | None = FIRE, which: UUID | None = None) -> UUID:
    which = which or uuid4()
    told: dict[str, Any] = {"alarm_id": which, "kind": kind, "about": f"incidents/{which}"}
    told["label"] = " ".join(filter(None, (str(which)[:8], agency)))
    event = AlarmRaised(at=desk.now, recorded_at=desk.now, **told, agency=agency)
    await desk.kit.hear(event, subject=str(which), regency=REGENCY, source="dispatch")
    return which


async def cleared(desk: Desk, which: UUID, kind: str = "role_unmet") -> None:
    about = f"incidents/{which}"
    event = AlarmCleared(at=desk.now, recorded_at=desk.now, alarm_id=which, kind=kind, about=about)
    await desk.kit.hear(event, subject=str(which), regency=REGENCY, source="dispatch")


async def listed(desk: Desk) -> list[Shown]:
    items: list[Shown] = (await desk.ask("GET", "/v1/alarms")).json()["items"]
    return items


async def said(desk: Desk) -> list[tuple[int, str]]:
    """Count and severity of each change of a group that was published."""
    return [(one.event.count, one.event.severity) for one in await desk.kit.said(AlarmGroupChanged)]


async def test_an_agency_that_is_down_is_one_alarm_with_a_count(desk: Desk) -> None:
    await raised(desk, "endpoint_disabled")
    late = [await raised(desk, "acknowledgement_missed") for _ in range(3)]
    unmet = await raised(desk, "role_unmet")
    [group] = await listed(desk)
    assert (group["count"], group["severity"], group["id"]) == (5, "critical", str(unmet))
    assert group["alarms"][0]["kind"] == "role_unmet"
    assert group["in_words"]["en"].startswith("Fire: 5 alarms.")
    assert " Fire: " in group["alarms"][0]["in_words"]["en"], "the agency by its name, not by its code"
    await cleared(desk, unmet)
    [group] = await listed(desk)
    assert (group["count"], group["severity"]) == (4, "serious")
    assert str(late[0]) in {one["id"] for one in group["alarms"]}


async def test_an_alarm_says_the_role_that_nobody_fills_in_words(desk: Desk) -> None:
    which = uuid4()
    told = {"alarm_id": which, "kind": "role_unmet", "about": f"incidents/{which}", "label": f"CTH-1 fire {FIRE}"}
    event = AlarmRaised(at=desk.now, recorded_at=desk.now, **told, agency=FIRE, role="fire")
    await desk.kit.hear(event, subject=str(which), regency=REGENCY, source="dispatch")
    [alarm] = await listed(desk)
    assert alarm["in_words"]["id"].startswith("CTH-1, pemadam kebakaran, Fire: ")
    assert alarm["in_words"]["en"].startswith("CTH-1, fire brigade, Fire: ")


async def test_an_alarm_names_another_regency_and_its_agency(desk: Desk) -> None:
    await desk.kit.configure(a_pack(code="99.02", name="Kota Tetangga"))
    which = uuid4()
    told = {"alarm_id": which, "kind": "transfer_offered", "about": f"transfers/{which}", "label": "99.02"}
    offered = AlarmRaised(at=desk.now, recorded_at=desk.now, **told)
    await desk.kit.hear(offered, subject=str(which), regency=REGENCY, source="dispatch")
    await raised(desk, agency="99.02/fire")
    offer, abroad = sorted(await listed(desk), key=lambda one: one["kind"] != "transfer_offered")
    assert offer["label"] == "99.02"
    assert offer["in_words"]["id"] == "Daerah Kota Tetangga menawarkan sebuah kejadian. Terima atau tolak."
    assert " Fire, Kota Tetangga: " in abroad["in_words"]["en"]


async def test_other_alarms_and_those_of_other_agencies_stand_by_themselves_the_most_severe_first(desk: Desk) -> None:
    await raised(desk, "not_classified", agency=None)
    await raised(desk, "acknowledgement_missed", agency=f"{REGENCY}/police")
    await raised(desk, "no_agency", agency=None)
    await raised(desk, "no_agency", agency=None)
    found = [one["severity"] for one in await listed(desk)]
    assert found == ["critical", "critical", "serious", "minor"]


async def test_an_alarm_that_comes_back_within_the_hold_time_is_not_a_new_one(desk: Desk) -> None:
    which = await raised(desk)
    [first] = await listed(desk)
    for _ in range(3):
        await cleared(desk, which)
        assert await listed(desk) == []
        desk.kit.clock.advance(HOLD.total_seconds() - 1)
        await raised(desk, which=which)
        assert [(one["since"], one["count"]) for one in await listed(desk)] == [(first["since"], 1)]
    await cleared(desk, which)
    desk.kit.clock.advance(HOLD.total_seconds())
    await raised(desk, which=which)
    assert (await listed(desk))[0]["since"] != first["since"]


async def test_each_change_of_a_group_is_said_once(desk: Desk) -> None:
    first = await raised(desk, "acknowledgement_missed")
    await raised(desk, "acknowledgement_missed", which=first)
    second = await raised(desk, "role_unmet")
    await cleared(desk, second)
    await cleared(desk, first)
    await cleared(desk, first)
    assert await said(desk) == [(1, "serious"), (2, "critical"), (1, "serious"), (0, "serious")]


async def test_at_most_20_alarms_of_a_group_are_shown(desk: Desk) -> None:
    for _ in range(21):
        await raised(desk)
    [group] = await listed(desk)
    assert (group["count"], len(group["alarms"])) == (21, 20)


def test_each_kind_of_alarm_has_a_severity_an_action_in_both_languages_and_a_path_to_act() -> None:
    assert {kind.value for kind in AlarmKind} <= KINDS.keys()
    for spoken in LANGUAGES:
        told = yaml.safe_load((files("sigap_dispatch") / f"texts/{spoken}.yaml").read_text())["alarms"]
        assert KINDS.keys() | {"several"} == told.keys()
        assert [kind for kind, text in told.items() if ". " not in text] == [], "it says no action"
    assert [kind for kind, known in KINDS.items() if not known.acts] == []


def test_each_path_to_act_is_an_operation() -> None:
    subjects = {"endpoint_disabled": "/v1/endpoints/{endpoint_id}", "block_review_due": "/v1/blocks/{block_id}"}
    subjects |= {"transfer_offered": "/v1/transfers/{transfer_id}", "handover_waiting": "/v1/handovers/{handover_id}"}
    subjects |= {"share_asked": "/v1/shares/{share_id}", "call_offered": "/v1/call-transfers/{call_transfer_id}"}
    calls = {"waiting_long", "partner_waiting", "operator_gone", "not_classified", "call_returned"}
    known = {f"{operation.method} {operation.path}" for operation in operations()}
    for kind, what in KINDS.items():
        default = "/v1/calls/{call_id}" if kind in calls else "/v1/incidents/{incident_id}"
        for act in what.acts:
            method, _, path = act.partition(" ")
            assert f"{method} {subjects.get(kind, default)}{path}" in known, act
