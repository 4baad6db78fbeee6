"""Examples of the SOP of a call."""

from typing import Any

VERSION = "7-3f9c2a10"
ANSWER_TRIAGE: dict[str, Any] = {"answers": {"what": "fire", "fire_people": "yes"}, "guidance": VERSION}
TELL_WORDS: dict[str, Any] = {"incident_type": "fire", "step": "out", "guidance": VERSION}
TAKE_SILENT_STEP: dict[str, Any] = {"step": "press_a_key", "heard": "key_press", "guidance": VERSION}
MARK_CALLER: dict[str, Any] = {"probably_child": True}

_FIRE = {"id": "Kebakaran atau asap", "en": "Fire or smoke"}
SOP: dict[str, Any] = {
    "guidance": VERSION,
    "answers": [{"question": "what", "answer": "fire"}, {"question": "fire_people", "answer": "yes"}],
    "proposal": {
        "incident_type": "fire",
        "priority": 1,
        "reasons": [
            {
                "question": "what",
                "answer": "fire",
                "points": 10,
                "priority": None,
                "in_words": {"id": "Apa yang terjadi? Kebakaran atau asap", "en": "What happened? Fire or smoke"},
            }
        ],
        "guidance": VERSION,
    },
    "next_question": "fire_what",
    "told": [{"incident_type": "fire", "step": "out", "at": "2024-02-19T03:00:40Z", "by": "ani"}],
    "silent_steps": [],
    "silent_steps_left": ["greet", "make_a_sound", "press_a_key", "listen", "farewell"],
    "probably_child": False,
    "protected": False,
}
FIRST_TRIAGE: dict[str, Any] = {
    "guidance": VERSION,
    "incident_type": "fire",
    "because": "incident_near",
    "questions": [
        {
            "code": "fire_people",
            "label": {"id": "Apakah ada orang di dalam?", "en": "Is anybody inside?"},
            "answers": [
                {
                    "code": "yes",
                    "label": {"id": "Ya", "en": "Yes"},
                    "next": "fire_what",
                    "weights": {"fire": 2},
                    "priority": 1,
                }
            ],
        }
    ],
    "words": [{"code": "out", "label": {"id": "Keluar sekarang.", "en": "Get out now."}}],
}
GUIDANCE: dict[str, Any] = {
    "regency": "17.71",
    "version": VERSION,
    "classes": [{"code": "emergency", "label": {"id": "Darurat", "en": "Emergency"}, "key": "1"}],
    "questions": [
        {
            "code": "what",
            "label": {"id": "Apa yang terjadi?", "en": "What happened?"},
            "answers": [
                {"code": "fire", "label": _FIRE, "next": "fire_people", "weights": {"fire": 10}, "priority": None}
            ],
        }
    ],
    "incident_types": [
        {
            "code": "fire",
            "label": {"id": "Kebakaran", "en": "Fire"},
            "priority": 1,
            "protected": False,
            "begins_with": "fire_people",
            "words": [{"code": "out", "label": {"id": "Keluar sekarang.", "en": "Get out now."}}],
        }
    ],
    "silent_call": {
        "steps": [
            {
                "code": "greet",
                "label": {"id": "Layanan darurat 112.", "en": "Emergency service 112."},
                "listen_s": 5,
            }
        ],
        "heard": [{"code": "nothing", "label": {"id": "Tidak terdengar apa pun", "en": "Nothing"}}],
        "incident_type": "silent_distress",
    },
    "child_words": [{"code": "kindly", "label": {"id": "Bicara pelan dan pendek.", "en": "Speak slowly and briefly."}}],
}
