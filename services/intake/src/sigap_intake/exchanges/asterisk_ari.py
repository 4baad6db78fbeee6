"""The adapter for Asterisk. It reads events of the REST interface (ARI) as Asterisk's WebSocket sends them.

Source of the formats: Asterisk's own `rest-api/api-docs/events.json`. In Asterisk every leg of a call is a channel of
its own. Two variables say to which call a channel belongs: SIGAP_CALL_ID is set on the caller's channel only,
SIGAP_LEG_OF on the other channels. `channelvars` in ari.conf puts both into each event. A channel without either of
them does not concern a call of this product.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sigap_common.contracts.calls import Complaint, EndedBy
from sigap_common.personal_data import Sealed
from sigap_intake.domain import NotUnderstood, TelephoneEvent, Told
from sigap_intake.schemas.odd_values import complaint_of, text_of

CALLER, LEG = "SIGAP_CALL_ID", "SIGAP_LEG_OF"
_line = text_of(200, one_line=True)
_HOLDING = "holding"
"""The type of a bridge in which callers wait and hear music. A call in such a bridge is not answered."""

Members = Mapping[str, Any]


def telephone_events(document: Any) -> Sequence[TelephoneEvent]:
    """The adapter: the telephone events in one document; none if it does not concern a call."""
    event = _members(document)
    name = event.get("type")
    if not isinstance(name, str):
        raise NotUnderstood("type")
    read = _READ.get(name)
    return read(event) if read else ()


def _arrived(event: Members) -> Sequence[TelephoneEvent]:
    return _of_caller(event, Told.RINGING)


def _variable_set(event: Members) -> Sequence[TelephoneEvent]:
    """The arrival, if the dialplan has set SIGAP_CALL_ID. A channel outside of Stasis applications sends no
    StasisStart, so this is the first event of such a call.
    """
    if event.get("variable") != CALLER or (call_id := _text(event.get("value"))) is None:
        return ()
    caller = _members(_members(event.get("channel")).get("caller"))
    return _events(event, Told.RINGING, call_id, caller=caller)


def _changed(event: Members) -> Sequence[TelephoneEvent]:
    """The arrival, if the channel rings. The state `Up` is not an answer by a person: a dialplan that plays an
    announcement answers the line, too.
    """
    is_ringing = _members(event.get("channel")).get("state") in ("Ring", "Ringing")
    return _of_caller(event, Told.RINGING) if is_ringing else ()


def _entered_bridge(event: Members) -> Sequence[TelephoneEvent]:
    """The answer, if two channels are in one bridge: the two people speak with each other."""
    bridge = _members(event.get("bridge"))
    channels = bridge.get("channels")
    speak = isinstance(channels, list) and len(channels) > 1 and bridge.get("bridge_type") != _HOLDING
    return _of_caller(event, Told.ANSWERED, extension=_connected(event)) if speak else ()


def _hung_up(event: Members) -> Sequence[TelephoneEvent]:
    return _of_caller(event, Told.ENDED, ended_by="caller")


def _destroyed(event: Members) -> Sequence[TelephoneEvent]:
    return _of_caller(event, Told.ENDED)


def _held(event: Members) -> Sequence[TelephoneEvent]:
    return _of_any(event, event.get("channel"), Told.HELD)


def _resumed(event: Members) -> Sequence[TelephoneEvent]:
    return _of_any(event, event.get("channel"), Told.RESUMED)


def _transferred_blind(event: Members) -> Sequence[TelephoneEvent]:
    return _transferred(event, event.get("channel"), _text(event.get("exten")))


def _transferred_attended(event: Members) -> Sequence[TelephoneEvent]:
    target = _members(_members(event.get("transfer_target")).get("caller"))
    return _transferred(event, event.get("transferer_first_leg"), _text(target.get("number")))


def _transferred(event: Members, transferer: Any, to: str | None) -> Sequence[TelephoneEvent]:
    """The transfer, if it succeeded. The event may name the call by the caller's channel or by the operator's."""
    if event.get("result") != "Success":
        return ()
    moved = _of_any(event, event.get("transferee"), Told.TRANSFERRED, extension=to)
    return moved or _of_any(event, transferer, Told.TRANSFERRED, extension=to)


_READ: Mapping[str, Callable[[Members], Sequence[TelephoneEvent]]] = {
    "StasisStart": _arrived,
    "ChannelVarset": _variable_set,
    "ChannelStateChange": _changed,
    "ChannelEnteredBridge": _entered_bridge,
    "ChannelHold": _held,
    "ChannelUnhold": _resumed,
    "BridgeBlindTransfer": _transferred_blind,
    "BridgeAttendedTransfer": _transferred_attended,
    "ChannelHangupRequest": _hung_up,
    "ChannelDestroyed": _destroyed,
}


def _of_caller(
    event: Members, told: Told, *, extension: str | None = None, ended_by: EndedBy = "exchange"
) -> Sequence[TelephoneEvent]:
    """Events of the caller's own channel only. It has the caller's number and name."""
    channel = _members(event.get("channel"))
    caller = _members(channel.get("caller"))
    call_id = _variable(channel, CALLER)
    return _events(event, told, call_id, extension=extension, ended_by=ended_by, caller=caller)


def _of_any(event: Members, channel: Any, told: Told, *, extension: str | None = None) -> Sequence[TelephoneEvent]:
    """Events of any leg of the call. For example, an operator's telephone puts the line on hold."""
    members = _members(channel)
    return _events(event, told, _variable(members, CALLER) or _variable(members, LEG), extension=extension)


def _events(
    event: Members,
    told: Told,
    call_id: str | None,
    *,
    extension: str | None = None,
    ended_by: EndedBy = "exchange",
    caller: Members | None = None,
) -> Sequence[TelephoneEvent]:
    if call_id is None:
        return ()
    at, complaints = _moment(event)
    return [
        TelephoneEvent(
            told=told,
            call_id=Sealed(call_id),
            at=at,
            number=_sealed(_text((caller or {}).get("number"))),
            caller_name=_sealed(_text((caller or {}).get("name"))),
            extension=_sealed(extension),
            ended_by=ended_by,
            complaints=complaints,
        )
    ]


def _moment(event: Members) -> tuple[datetime | None, tuple[Complaint, ...]]:
    """The event's time; Asterisk writes `2026-11-22T14:26:52.481+0700`. A complaint if it cannot be read."""
    told = event.get("timestamp")
    if told is None:
        return None, ()
    try:
        return datetime.fromisoformat(told), ()
    except (TypeError, ValueError):
        return None, (complaint_of(["timestamp"], "datetime_parsing", told),)


def _connected(event: Members) -> str | None:
    connected = _members(_members(event.get("channel")).get("connected"))
    return _text(connected.get("number"))


def _variable(channel: Members, name: str) -> str | None:
    return _text(_members(channel.get("channelvars")).get(name))


def _members(value: Any) -> Members:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str | None:
    return (_line(value) or None) if isinstance(value, str) else None


def _sealed(text: str | None) -> Sealed | None:
    return Sealed(text) if text else None
