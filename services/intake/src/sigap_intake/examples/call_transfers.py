"""Examples of offers of a call to another regency."""

from typing import Any

OFFER: dict[str, Any] = {"to": "18.71", "message": "Penelepon berada di Teluk Betung, saluran putus-putus"}
REFUSE: dict[str, Any] = {"reason": "Bukan wilayah kami: alamatnya di Lampung Selatan"}
TRANSFER: dict[str, Any] = {
    "id": "018dbf52-6e10-7a55-8d0c-2f1e3d4c5b6b",
    "regency": "18.72",
    "to": "18.71",
    "state": "offered",
    "offered_at": "2024-02-19T03:02:00Z",
    "due_at": "2024-02-19T03:04:00Z",
    "message": "Penelepon berada di Teluk Betung, saluran putus-putus",
    "reason": None,
    "reference": "2NQ7-K4XD",
    "received_at": "2024-02-19T03:01:20Z",
    "on_the_line": True,
    "cell": "878c2a6ecffffff",
    "protected": False,
    "drill": False,
    "call_id": None,
}
