"""Each entry of the timelines of calls, callbacks and blocks is a sentence in both languages. It shows no more than its
reader may see.
"""

import pytest

from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.base import Event, type_name
from sigap_common.contracts.call_transfers import CallTransferEnded
from sigap_common.contracts.calls import CallClass, CallClassified, CallEnded, CallNoted, CallOffered
from sigap_common.contracts.event_view import event_view
from sigap_common.contracts.registry import event_types
from sigap_common.contracts.topics import CALLS
from sigap_common.regency import Pack
from sigap_intake.timeline_words import WORDS
from sigap_testing.packs import in_force
from sigap_testing.samples import PERSONAL, a_sample

PACKS = in_force(
    Pack(code="99.01", name="Kota Contoh", time_zone="Asia/Jakarta", prefix="CTH"),
    Pack(code="99.02", name="Kota Tetangga", time_zone="Asia/Jakarta", prefix="TTG"),
)
OF_NO_TIMELINE = {"CallerContactChanged", "AlarmRangFurther", "PresenceChanged"}
"""No path shows the timelines of these."""
TYPES = [one for one in event_types() if one.topic == CALLS and one.__name__ not in OF_NO_TIMELINE]


def words(event: Event, *, opened: bool = True) -> dict[str, str]:
    return WORDS.of(type_name(type(event)), event_view(event, opened=opened), "99.01", PACKS)


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("kind", [*TYPES, AlarmRaised, AlarmCleared])
def test_every_event_has_a_sentence_in_both_languages(kind: type[Event], full: bool) -> None:
    assert WORDS.knows(kind.__name__), f"no sentence for {kind.__name__}: texts/id.yaml and en.yaml, timeline"
    told = words(a_sample(kind, full=full))
    assert all(told.values())
    assert told["id"] != told["en"]
    assert "{" not in told["id"] + told["en"]
    assert "None" not in told["id"] + told["en"]


@pytest.mark.parametrize("kind", TYPES)
def test_no_sentence_shows_what_its_reader_may_not_see(kind: type[Event]) -> None:
    assert PERSONAL not in str(words(a_sample(kind), opened=False))


def test_sentences_name_things_as_people_do() -> None:
    told = words(a_sample(CallClassified, full=False, call_class=CallClass.PRANK, by="ani"))
    assert told == {"id": "Diberi kelas: Panggilan iseng. Oleh ani.", "en": "Classified as: Prank call. By ani."}
    assert words(a_sample(CallNoted, by="ani"))["id"] == f"Catatan ditulis. Isinya: “{PERSONAL}”. Oleh ani."
    offered = words(a_sample(CallTransferEnded, full=False, to="99.02", outcome="refused"))
    assert offered["id"] == "Tawaran ke daerah Kota Tetangga berakhir. Daerah itu menolak."
    assert words(a_sample(CallOffered, full=False, to="sari"))["en"] == "The call was offered to sari."
    assert words(a_sample(CallEnded, full=False, ended_by="exchange", cut_off=False))["en"] == (
        "The telephone exchange ended the call."
    )
