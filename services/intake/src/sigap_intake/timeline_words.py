"""The entries of the timelines of calls, callbacks and blocks as sentences."""

from sigap_common.http.timeline_words import TimelineWords, regency_name, type_label, word_of

WORDS = TimelineWords(
    "sigap_intake",
    {
        "incident_type": type_label,
        "before": word_of("sigap_intake", "call_classes"),
        "call_class": word_of("sigap_intake", "call_classes"),
        "channel": word_of("sigap_intake", "channels"),
        "heard": word_of("sigap_intake", "heard"),
        "partner": regency_name,
        "to": regency_name,
        "outcome": word_of("sigap_intake", "callback_outcomes"),
    },
)
