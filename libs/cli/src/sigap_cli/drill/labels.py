"""What the timeline calls each step, in order."""

STEPS = {
    "received": "call received",
    "answered": "call answered",
    "located": "emergency located",
    "noted": "note taken",
    "classified": "classified as an emergency",
    "incident": "incident opened",
    "forwarded": "forwarded to the drill agency",
    "acknowledged": "acknowledgement came back",
    "ended": "call ended",
    "closed": "incident closed",
}

TITLE = "Drill in {name} ({code})"
ARRIVED = "The acknowledgement came back {seconds:.3f} s after the answer."
MISSED = "No acknowledgement within {seconds:g} s; the last step was: {last}."
NOTE = "LATIHAN: panggilan uji, tidak ada keadaan darurat"
