"""Callsigns of units, in one form: people write the same unit as `Damkar 1` and `DAMKAR  1`."""


def callsign(text: str) -> str:
    """The callsign in capitals, with single spaces."""
    return " ".join(text.split()).upper()
