"""Examples of calls and of their steps."""

from typing import Any

RECEIVE_CALL: dict[str, Any] = {
    "regency": "17.71",
    "channel": "telephone",
    "number": "0812-3456-7890",
    "caller_location": {"lat": -3.7956, "lon": 102.2592, "uncertainty_m": 150},
    "exchange_id": "1708311600.4711",
}
TELEPHONE_EVENT: dict[str, Any] = {
    "event": "ringing",
    "call_id": "1708311600.4711",
    "at": "2024-02-19T10:00:00+07:00",
    "number": "0812-3456-7890",
}
LOCATE_EMERGENCY: dict[str, Any] = {
    "lat": -3.7941,
    "lon": 102.2654,
    "uncertainty_m": 20,
    "address": "Jl. Suprapto, depan Masjid Jamik",
}
ADD_NOTE: dict[str, Any] = {"text": "Api dari dapur, dua orang masih di dalam"}
CLASSIFY_CALL: dict[str, Any] = {"call_class": "emergency", "incident_type": "fire", "priority": 1}
END_CALL: dict[str, Any] = {"ended_by": "caller"}
_ZONE: dict[str, Any] = {
    "owner": "17.71",
    "candidates": ["17.71"],
    "shares": [{"regency": "17.71", "share": 1.0}],
    "neighbours": [],
    "elsewhere": None,
    "in_words": None,
}
HISTORY: dict[str, Any] = {
    "count": 3,
    "by_class": {"prank": 2},
    "last_at": "2024-02-18T13:20:00Z",
    "last_class": "prank",
}
CALL: dict[str, Any] = {
    "id": "018dbf52-3b80-7c3e-9d7e-1f2a3b4c5d6e",
    "regency": "17.71",
    "version": 5,
    "reference": "03YG-0HW0",
    "state": "answered",
    "channel": "telephone",
    "exchange_id": "1708311600.4711",
    "drill": False,
    "backfilled": False,
    "notify": True,
    "with_agencies": False,
    "received_at": "2024-02-19T03:00:00Z",
    "answered_at": "2024-02-19T03:00:08Z",
    "answered_by": "ani",
    "zone": _ZONE,
    "call_class": "emergency",
    "incident_type": "fire",
    "priority": 1,
    "same_incident": None,
    "ended_at": None,
    "ended_by": None,
    "cut_off": False,
    "complaints": [{"pointer": "#/caller_name", "code": "text_blank", "value": " "}],
    "opened": True,
    "operator": "Ani Lestari",
    "number": "+6281234567890",
    "caller_name": None,
    "caller_location": {
        "lat": -3.7956,
        "lon": 102.2592,
        "uncertainty_m": 150,
        "cell": "8765a2a4dffffff",
        "address": None,
    },
    "location": {
        "lat": -3.7941,
        "lon": 102.2654,
        "uncertainty_m": 20,
        "cell": "8765a2a4dffffff",
        "address": "Jl. Suprapto, depan Masjid Jamik",
    },
    "notes": [{"at": "2024-02-19T03:00:20Z", "by": "ani", "text": "Api dari dapur, dua orang masih di dalam"}],
    "history": HISTORY,
    "caller_zone": _ZONE,
    "block_id": None,
    "unscreened": None,
    "lowered_by_seconds": 0,
    "message": None,
    "callback_number": "+6281234567891",
    "language": "jv",
    "fixes": None,
    "claimed_at": "2024-02-19T03:00:08Z",
    "operator_gone": False,
    "offered_to": None,
    "waits_long": False,
    "position_reasons": [],
}
TIMELINE_ENTRY: dict[str, Any] = {
    "sequence": 2,
    "type": "sigap.CallAnswered.v1",
    "event": {
        "at": "2024-02-19T03:00:08Z",
        "recorded_at": "2024-02-19T03:00:08Z",
        "clock": "sigap",
        "by": "ani",
        "received_at": "2024-02-19T03:00:00Z",
        "waited_ms": 8000,
    },
    "in_words": {
        "id": "Panggilan dijawab. Oleh ani.",
        "en": "The call was answered. By ani.",
    },
}
HIDDEN_CALL: dict[str, Any] = {
    "id": "018dbf52-3b80-7c3e-9d7e-1f2a3b4c5d6e",
    "regency": "17.71",
    "version": 3,
    "reference": "2NQ7-K4XD",
    "state": "answered",
    "received_at": "2024-02-19T02:59:40Z",
    "answered_by": "ani",
    "operator_gone": False,
    "drill": False,
    "protected": True,
    "hidden": True,
}
