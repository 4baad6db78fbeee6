"""What the adapters make of their exchanges' documents."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_intake.domain import NotUnderstood, TelephoneEvent, Told
from sigap_intake.exchanges.asterisk_ari import telephone_events

AT = "2026-11-22T14:26:52.481+0700"
DIALPLAN = {"context": "dari-trunk", "exten": "112", "priority": 3, "app_name": "Stasis", "app_data": "sigap"}


def channel(
    variables: dict[str, str], number: str = "08111222333", state: str = "Up", connected: str = "201"
) -> dict[str, Any]:
    """As ARI shows one, with what `channelvars` names."""
    return {
        "id": "1708311600.4711",
        "name": "PJSIP/trunk-00000001",
        "state": state,
        "caller": {"name": "Budi", "number": number},
        "connected": {"name": "", "number": connected},
        "accountcode": "",
        "dialplan": DIALPLAN,
        "creationtime": AT,
        "language": "id",
        "channelvars": {"SIGAP_CALL_ID": "", "SIGAP_LEG_OF": "", **variables},
    }


CALLER = channel({"SIGAP_CALL_ID": "1708311600.4711", "SIGAP_LEG_OF": "1708311600.4711"})
OPERATOR = channel({"SIGAP_LEG_OF": "1708311600.4711"}, number="201")
STRANGER = channel({})
MIXING = {
    "id": "b1",
    "technology": "simple_bridge",
    "bridge_type": "mixing",
    "bridge_class": "basic",
    "channels": ["1", "2"],
}


def event(kind: str, **members: Any) -> dict[str, Any]:
    return {"type": kind, "application": "sigap", "asterisk_id": "42:01:0a", "timestamp": AT, **members}


RINGING, UP = CALLER | {"state": "Ring"}, CALLER
BLIND = {"exten": "300", "context": "dalam", "result": "Success", "is_external": True}
ATTENDED = {"result": "Success", "is_external": True, "destination_type": "bridge", "transferer_second_leg": OPERATOR}
SAYS = [
    (event("StasisStart", args=[], channel=RINGING), Told.RINGING),
    (event("ChannelStateChange", channel=RINGING), Told.RINGING),
    (event("ChannelVarset", variable="SIGAP_CALL_ID", value="1708311600.4711", channel=STRANGER), Told.RINGING),
    (event("ChannelEnteredBridge", bridge=MIXING, channel=UP), Told.ANSWERED),
    (event("ChannelHold", channel=OPERATOR, musicclass="default"), Told.HELD),
    (event("ChannelHold", channel=CALLER), Told.HELD),
    (event("ChannelUnhold", channel=OPERATOR), Told.RESUMED),
    (event("BridgeBlindTransfer", channel=OPERATOR, transferee=CALLER, **BLIND), Told.TRANSFERRED),
    (event("BridgeBlindTransfer", channel=OPERATOR, **BLIND), Told.TRANSFERRED),
    (event("BridgeAttendedTransfer", transferer_first_leg=OPERATOR, transferee=CALLER, **ATTENDED), Told.TRANSFERRED),
    (event("ChannelHangupRequest", cause=16, soft=False, channel=CALLER), Told.ENDED),
    (event("ChannelDestroyed", cause=16, cause_txt="Normal Clearing", channel=CALLER), Told.ENDED),
]
SAYS_NOTHING = [
    event("StasisStart", args=[], channel=OPERATOR),
    event("ChannelStateChange", channel=UP),
    event("ChannelVarset", variable="SIGAP_CALL_ID", value="", channel=STRANGER),
    event("ChannelVarset", variable="RTPAUDIOQOS", value="1", channel=CALLER),
    event("ChannelEnteredBridge", bridge=MIXING, channel=OPERATOR),
    event("ChannelEnteredBridge", bridge=MIXING | {"channels": ["1"]}, channel=UP),
    event("ChannelEnteredBridge", bridge=MIXING | {"bridge_type": "holding"}, channel=UP),
    event("ChannelHangupRequest", channel=OPERATOR),
    event("ChannelDestroyed", cause=16, cause_txt="Normal Clearing", channel=OPERATOR),
    event("ChannelHold", channel=STRANGER),
    event("StasisStart", args=[], channel={"id": "1", "name": "PJSIP/1", "state": "Ring"}),
    event("BridgeBlindTransfer", channel=OPERATOR, transferee=CALLER, **BLIND | {"result": "Fail"}),
    event("PlaybackStarted", playback={"id": "p", "media_uri": "sound:tunggu"}),
    event("StasisEnd", channel=CALLER),
]


def only(document: Any) -> TelephoneEvent:
    (found,) = telephone_events(document)
    return found


@pytest.mark.parametrize(("document", "told"), SAYS)
def test_an_event_of_asterisk_is_told_in_our_words(document: dict[str, Any], told: Told) -> None:
    found = only(document)
    assert (found.told, found.call_id.clear, found.at) == (told, "1708311600.4711", datetime.fromisoformat(AT))
    assert not found.complaints


@pytest.mark.parametrize("document", SAYS_NOTHING)
def test_other_events_tell_of_no_call(document: dict[str, Any]) -> None:
    assert not telephone_events(document)


def test_the_caller_is_named_by_the_callers_channel_alone() -> None:
    ringing, held = only(SAYS[0][0]), only(SAYS[4][0])
    assert ringing.number
    assert ringing.caller_name
    assert (ringing.number.clear, ringing.caller_name.clear) == ("08111222333", "Budi")
    assert (held.number, held.caller_name) == (None, None)


def test_who_hung_up_and_where_it_went_is_told() -> None:
    assert [only(document).ended_by for document, told in SAYS if told is Told.ENDED] == ["caller", "exchange"]
    extensions = [one.clear for document, _ in SAYS if (one := only(document).extension)]
    assert extensions == ["201", "300", "300"]


def test_a_time_that_is_none_is_a_complaint() -> None:
    found = only(SAYS[0][0] | {"timestamp": "later"})
    assert (found.at, [one.code for one in found.complaints]) == (None, ["datetime_parsing"])


@pytest.mark.parametrize("document", [None, [], {}, {"type": 7}, "StasisStart"])
def test_what_is_no_event_is_not_understood(document: Any) -> None:
    with pytest.raises(NotUnderstood):
        telephone_events(document)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
members = ["timestamp", "channel", "bridge", "transferee", "exten", "result", "transfer_target", "transferer_first_leg"]


@given(st.sampled_from([document for document, _ in SAYS]), st.sampled_from(members), json_values)
def test_whatever_stands_in_a_member_an_event_is_read(document: dict[str, Any], member: str, value: Any) -> None:
    assert len(telephone_events(document | {member: value})) <= 1
