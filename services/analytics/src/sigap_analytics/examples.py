"""Examples of answers, for the API's documentation."""

from typing import Any

FIGURE: dict[str, Any] = {
    "code": "answered_within_15s",
    "name": {"id": "Dijawab dalam 15 detik", "en": "Answered within 15 s"},
    "definition": {
        "id": "Bagian dari panggilan yang dijawab dan yang ditinggalkan penelepon yang dijawab dalam 15 detik.",
        "en": "Share of the answered and the abandoned calls that were answered within 15 seconds.",
    },
    "unit": "call",
    "value": "share",
    "formula": "answered within 15 s / (answered + abandoned)",
    "source": "NENA-STA-020",
    "additive": False,
    "groups": ["channel"],
    "timed": False,
    "since": "0.1.0",
}
FIGURES: dict[str, Any] = {"items": [FIGURE], "next": None}
ROW: dict[str, Any] = {
    "period": None,
    "group": None,
    "numerator": 27,
    "denominator": 30,
    "value": 0.9,
    "n": None,
    "percentiles": None,
    "unmeasured": 0,
    "parts": {},
}
ANSWER: dict[str, Any] = {
    "figure": "answered_within_15s",
    "regency": "17.71",
    "from": "2024-02-01",
    "to": "2024-02-29",
    "grain": "total",
    "group": None,
    "drill": False,
    "as_of": "2024-03-01T01:00:00Z",
    "rows": [ROW],
}
REPORT: dict[str, Any] = {
    "regency": "17.71",
    "from": "2024-02-01",
    "to": "2024-02-29",
    "drill": False,
    "as_of": "2024-03-01T01:00:00Z",
    "figures": {
        "answered_within_15s": {
            "figure": FIGURE,
            "total": ROW,
            "groups": {"channel": [ROW | {"group": "telephone"}]},
        }
    },
}
