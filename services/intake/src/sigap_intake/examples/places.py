"""Examples of places that are looked up."""

from typing import Any

NAMED_PLACE: dict[str, Any] = {
    "name": "Masjid Jamik",
    "kind": "landmark",
    "lat": -3.7918,
    "lon": 102.2637,
    "uncertainty_m": 100,
    "typed_as": "Masjid Jamik",
    "alike": 97,
}
PLACE_READING: dict[str, Any] = {
    "source": None,
    "position": None,
    "zone": None,
    "problem": {
        "code": "coordinates_swapped",
        "in_words": {
            "id": "Lintang dan bujur mungkin tertukar. Tanyakan mana yang benar.",
            "en": "Latitude and longitude may be swapped. Ask which reading is right.",
        },
        "readings": [{"lat": 102.2654, "lon": -3.7941}, {"lat": -3.7941, "lon": 102.2654}],
    },
    "names": [],
}
