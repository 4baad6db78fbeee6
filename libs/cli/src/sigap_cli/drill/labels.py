"""The texts that `sigap drill` prints: the names of its steps, in order, and messages."""

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

AGENCY_STEPS = {
    "agency_acknowledged": "{agency} acknowledged",
    "agency_declined": "{agency} declined",
}

TITLE = "Drill in {name} ({code})"
ARRIVED = "The acknowledgement came back {seconds:.3f} s after the answer."
MISSED = "No acknowledgement within {seconds:g} s; the last step was: {last}."
SILENT = "No answer within {seconds:g} s from: {agencies}."
TOLD_NOBODY = "No real agency was told: the pack has no response plan that names one."
LEFT_OPEN = "Incident {number} stays open: closing it now would send these agencies home. A dispatcher must close it."
NOTE = "LATIHAN: panggilan uji, tidak ada keadaan darurat"
