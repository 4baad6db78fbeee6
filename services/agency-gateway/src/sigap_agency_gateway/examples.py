"""Examples of requests and answers, for the API's documentation."""

from typing import Any

ACKNOWLEDGE: dict[str, Any] = {"revision": 1, "text": "Dua unit berangkat", "units": ["DAMKAR 1", "DAMKAR 2"]}
DECLINE: dict[str, Any] = {"reason": "no_unit", "text": "Semua unit sedang bertugas"}
PROGRESS: dict[str, Any] = {
    "progress": "under_control",
    "text": "Padam, 1 luka",
    "question": "Ke rumah sakit mana?",
    "asks_for": {"capability": "ambulance"},
}
INCIDENT: dict[str, Any] = {
    "number": "BKL-20240219-0042",
    "type": {"code": "fire", "label": {"id": "Kebakaran", "en": "Fire"}},
    "priority": 1,
    "started_at": "2024-02-19T03:00:20Z",
    "place": {"lat": -3.7941, "lon": 102.2654, "uncertainty_m": 20, "address": "Jl. Suprapto, depan Masjid Jamik"},
    "previous_place": None,
    "caller": {"number": "+6281234567890", "name": None, "callback_number": None, "language": None},
    "notes": [{"at": "2024-02-19T03:00:20Z", "text": "Api dari dapur, dua orang masih di dalam"}],
    "reports": 1,
    "possibly_same_as": None,
    "doubted": False,
    "protected": False,
    "backfilled": False,
}
FORWARDING: dict[str, Any] = {
    "id": "018dbf52-8f10-7b3a-a3c4-0c1d2e3f4a5b",
    "incident_id": "018dbf52-7a00-7d11-8e22-9f3a4b5c6d7e",
    "regency": "17.71",
    "agency": "17.71/damkar",
    "revision": 1,
    "version": 3,
    "state": "acknowledged",
    "drill": False,
    "information": False,
    "acknowledge_by": "2024-02-19T03:01:25Z",
    "needs_acknowledgement": False,
    "change": None,
    "received_at": "2024-02-19T03:00:25Z",
    "delivered_at": "2024-02-19T03:00:26Z",
    "incident": INCIDENT,
    "withdrawal": None,
    "answers": [
        {
            "response": "acknowledged",
            "revision": 1,
            "at": "2024-02-19T03:00:40Z",
            "recorded_at": "2024-02-19T03:00:40Z",
            "by": "damkar-desk",
            "channel": "api",
            "on_behalf": False,
            "overtaken": False,
            "late": False,
            "reason": None,
            "text": "Dua unit berangkat",
            "question": None,
            "asks_for": None,
            "outcome": None,
            "units": ["DAMKAR 1", "DAMKAR 2"],
        }
    ],
}
DEFINE_ENDPOINT: dict[str, Any] = {
    "agency": "17.71/damkar",
    "name": "pos-utama",
    "channel": "webhook",
    "url": "https://damkar.example.id/112",
}
ENDPOINT: dict[str, Any] = {
    "id": "018dbf50-1111-7222-8333-444455556666",
    "regency": "17.71",
    "agency": "17.71/damkar",
    "name": "pos-utama",
    "channel": "webhook",
    "source": "gateway",
    "position": 0,
    "url": "https://damkar.example.id/112",
    "secret_ref": None,
    "options": {},
    "state": "enabled",
    "disabled_reason": None,
    "version": 1,
    "created_at": "2024-02-18T02:00:00Z",
    "changed_at": "2024-02-18T02:00:00Z",
}
ENDPOINT_MADE: dict[str, Any] = ENDPOINT | {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
DELIVERY: dict[str, Any] = {
    "id": "018dbf52-9000-7000-8000-000000000001",
    "forwarding_id": "018dbf52-8f10-7b3a-a3c4-0c1d2e3f4a5b",
    "endpoint_id": "018dbf50-1111-7222-8333-444455556666",
    "regency": "17.71",
    "agency": "17.71/damkar",
    "endpoint": "pos-utama",
    "channel": "webhook",
    "kind": "forwarding",
    "revision": 1,
    "webhook_id": "msg_018dbf528f107b3aa3c40c1d2e3f4a5b_1",
    "state": "delivered",
    "attempts": 2,
    "acknowledge_by": "2024-02-19T03:01:25Z",
    "created_at": "2024-02-19T03:00:25Z",
    "next_at": None,
    "ended_at": "2024-02-19T03:00:27Z",
    "error": None,
}
ATTEMPT: dict[str, Any] = {
    "number": 1,
    "started_at": "2024-02-19T03:00:25Z",
    "ended_at": "2024-02-19T03:00:26Z",
    "status": 503,
    "error": "status",
    "in_words": "Penerima menjawab 503.",
    "late": False,
    "excerpt": "overloaded",
}
JWKS: dict[str, Any] = {
    "keys": [
        {
            "crv": "Ed25519",
            "kty": "OKP",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
            "alg": "EdDSA",
            "use": "sig",
        }
    ]
}
_FORWARDING_URL = "https://112.example.id/v1/forwardings/018dbf52-8f10-7b3a-a3c4-0c1d2e3f4a5b"
NOTICE: dict[str, Any] = {
    "schema_version": 1,
    "event": "forwarded",
    "forwarding_id": FORWARDING["id"],
    "revision": 1,
    "agency": "17.71/drill",
    "drill": True,
    "acknowledge_by": FORWARDING["acknowledge_by"],
    "needs_acknowledgement": True,
    "change": None,
    "incident": INCIDENT,
    "reason": None,
    "stand_down": False,
    "information": False,
    "links": {
        "forwarding": _FORWARDING_URL,
        "acknowledge": f"{_FORWARDING_URL}/acknowledge",
        "decline": f"{_FORWARDING_URL}/decline",
        "progress": f"{_FORWARDING_URL}/progress",
    },
}
