"""Examples of drafts."""

from typing import Any

WRITE_DRAFT: dict[str, Any] = {"field": "note", "text": "Api dari dapur, dua or", "follows": 6}
DRAFTED_FIELD: dict[str, Any] = {
    "field": "note",
    "version": 7,
    "by": "ani",
    "name": "Ani Lestari",
    "at": "2024-02-19T03:00:14Z",
    "text": "Api dari dapur, dua or",
    "earlier": [
        {"version": 5, "by": "budi", "name": "Budi", "at": "2024-02-19T03:00:12Z", "text": "Tabung gas masih di dalam"}
    ],
}
