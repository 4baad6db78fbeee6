"""Examples of presence, take-over and offers."""

from typing import Any

SIGN_ON: dict[str, Any] = {"regency": "17.71", "state": "available"}
HEARTBEAT: dict[str, Any] = {"regency": "17.71"}
SIGN_OFF: dict[str, Any] = {"regency": "17.71"}
HEARTBEAT_OUT: dict[str, Any] = {"stale_at": "2024-02-19T03:00:45Z", "next_within_s": 15}
PRESENCE: dict[str, Any] = {
    "id": "3f0d1c62-5a44-5b7e-9a55-0c5e7f6c9a10",
    "regency": "17.71",
    "version": 2,
    "operator": "ani",
    "name": "Ani Lestari",
    "state": "available",
    "label": {"id": "siap menerima", "en": "available"},
    "since": "2024-02-19T02:59:00Z",
    "signed_on_at": "2024-02-19T00:01:10Z",
    "heard_at": "2024-02-19T03:00:00Z",
    "stale": False,
    "calls": ["018dbf52-3b80-7c3e-9d7e-1f2a3b4c5d6e"],
}
TAKE_OVER: dict[str, Any] = {"answered_by": "ani", "reason": "Layar Ani mati, penelepon masih tersambung"}
OFFER: dict[str, Any] = {"to": "sari"}
