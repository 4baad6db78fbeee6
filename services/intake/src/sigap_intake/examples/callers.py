"""Examples of what is said of a caller."""

from typing import Any

DESCRIBE_CALLER: dict[str, Any] = {"caller_name": "Ibu Sri", "callback_number": "0812-3456-7891", "language": "jv"}
POSITION_CALLER: dict[str, Any] = {"lat": -3.7956, "lon": 102.2592, "uncertainty_m": 30, "source": "device"}
