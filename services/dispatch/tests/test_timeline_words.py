"""Each entry of an incident's timeline is a sentence in both languages, and shows no more than its reader may see."""

from datetime import timedelta

import pytest
from services.dispatch.tests.dispatch_histories import REGENCY, Desk, a_pack

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.base import Event, type_name
from sigap_common.contracts.duplicates import DuplicateSuggested
from sigap_common.contracts.event_view import event_view
from sigap_common.contracts.incidents import (
    IncidentClosed,
    IncidentDeclined,
    IncidentForwarded,
    IncidentState,
    IncidentStatusChanged,
    IncidentUpdated,
    Progress,
)
from sigap_common.contracts.referrals import ReferralPassedOn
from sigap_common.contracts.registry import event_types
from sigap_common.contracts.topics import INCIDENTS
from sigap_common.contracts.transfers import TransferOffered
from sigap_common.contracts.units import UnitTakenOver
from sigap_dispatch.timeline_words import WORDS
from sigap_testing.packs import in_force
from sigap_testing.samples import MOMENT, PERSONAL, a_sample

OF_NO_TIMELINE = {"AuditDigestPublished", "AlarmGroupChanged", "ShareChanged"}
PACKS = in_force(a_pack(), a_pack(code="99.02", name="Kota Tetangga"))
TYPES = [one for one in event_types() if one.topic == INCIDENTS and one.__name__ not in OF_NO_TIMELINE]


def words(event: Event, *, opened: bool = True) -> dict[str, str]:
    return WORDS.of(type_name(type(event)), event_view(event, opened=opened), REGENCY, PACKS)


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


def test_who_may_see_it_reads_what_was_said() -> None:
    told = words(a_sample(IncidentDeclined, agency=f"{REGENCY}/fire", reason="no_unit", on_behalf=True))
    assert PERSONAL in told["id"]


@pytest.mark.parametrize(
    ("event", "indonesian", "english"),
    [
        (
            a_sample(
                IncidentStatusChanged,
                full=False,
                agency=f"{REGENCY}/fire",
                progress=Progress.EN_ROUTE,
                state=IncidentState.EN_ROUTE,
                channel="telephone",
                on_behalf=True,
                by="siti",
            ),
            "Fire menyatakan berangkat. Lewat telepon, dicatat oleh siti.",
            "Fire says that it is on the way. By telephone, recorded by siti.",
        ),
        (
            a_sample(IncidentForwarded, full=False, agency="99.02/police", automatic=False, by="budi"),
            "Diteruskan ke Police, Kota Tetangga. Ditambahkan oleh petugas. Oleh budi.",
            "Forwarded to Police, Kota Tetangga. A dispatcher added it. By budi.",
        ),
        (
            a_sample(IncidentDeclined, full=False, agency=f"{REGENCY}/drill", reason="no_unit", by="budi"),
            "Instansi latihan menolak: Tidak ada unit yang siap. Oleh budi.",
            "Drill agency declined: No unit available. By budi.",
        ),
        (
            a_sample(TransferOffered, full=False, to="99.02"),
            "Ditawarkan ke wilayah Kota Tetangga sampai 19 Februari 2024 pukul 12:00:00 WIB.",
            "Offered to regency Kota Tetangga until 19 February 2024 at 12:00:00 WIB.",
        ),
        (
            a_sample(DuplicateSuggested, full=False, other_number="CTH-1", waiting=(f"{REGENCY}/fire",)),
            "Mungkin kejadian yang sama dengan CTH-1. Menunggu keputusan, belum diberi tahu: Fire.",
            "This is possibly the same as CTH-1. These wait for a decision and are not told yet: Fire.",
        ),
        (
            a_sample(UnitTakenOver, full=False, agency=f"{REGENCY}/fire", callsign="DAMKAR 1", other_number="CTH-1"),
            "Unit DAMKAR 1 dari Fire melanjutkan tugasnya untuk kejadian ini; sebelumnya untuk CTH-1.",
            "The unit DAMKAR 1 of Fire goes on for this incident; until now it was out for CTH-1.",
        ),
        (
            a_sample(UnitTakenOver, full=False, agency=f"{REGENCY}/fire", callsign="DAMKAR 1", was_here=True),
            "Unit DAMKAR 1 dari Fire disebut lagi dan tetap pada kejadian ini.",
            "The unit DAMKAR 1 of Fire was named again and stays on this incident.",
        ),
        (
            a_sample(ReferralPassedOn, full=False, to=f"{REGENCY}/police"),
            "Rujukan diteruskan. Ke Police.",
            "The referral was passed on. To Police.",
        ),
        (
            a_sample(IncidentClosed, full=False, disposition="doused"),
            "Kejadian ditutup: Padam.",
            "The incident was closed: Doused.",
        ),
        (
            a_sample(IncidentUpdated, full=False, incident_type="fire_small", doubted=False),
            "Kejadian diubah. Jenisnya menjadi Kecil. Kejadian ini tidak diragukan lagi.",
            "The incident was changed. Its type is now Small. The incident is no longer doubted.",
        ),
    ],
)
def test_sentences_name_things_as_people_do(event: Event, indonesian: str, english: str) -> None:
    assert words(event) == {"id": indonesian, "en": english}


def test_what_was_recorded_later_says_when() -> None:
    event = a_sample(IncidentClosed, full=False, disposition="doused", recorded_at=MOMENT + timedelta(hours=2))
    assert words(event)["id"] == "Kejadian ditutup: Padam. Dicatat kemudian, pada 19 Februari 2024 pukul 14:00:00 WIB."


def test_codes_that_nobody_knows_are_shown_as_they_are() -> None:
    event = a_sample(IncidentDeclined, full=False, agency="99.77/x", reason="reason_of_tomorrow")
    assert WORDS.of(type_name(IncidentDeclined), event_view(event, opened=True), "99.78", PACKS) == {
        "id": "99.77/x menolak: reason_of_tomorrow.",
        "en": "99.77/x declined: reason_of_tomorrow.",
    }
    alarm = a_sample(AlarmRaised, full=False, kind="of_tomorrow")
    assert words(alarm)["en"] == "Alarm raised: of_tomorrow."


def test_an_event_without_a_sentence_is_named() -> None:
    told = WORDS.of("sigap.OfTomorrow.v1", event_view(a_sample(IncidentClosed, by="ani"), opened=True), "99.78", PACKS)
    assert told["en"].startswith("Recorded: OfTomorrow. By ani.")


async def test_a_timeline_reads_as_sentences(desk: Desk) -> None:
    await desk.classified()
    part = await desk.part("fire")
    await part.hear(part.responded(Response.ACKNOWLEDGED, 5))
    incident = await desk.incident()

    async def lines(*roles: str) -> list[str]:
        answer = await desk.ask("GET", f"/v1/incidents/{incident['id']}/timeline", None, *roles)
        return [entry["in_words"]["id"] for entry in answer.json()["items"]]

    told = await lines()
    assert told[0].startswith(f"Kejadian {incident['number']} dibuka, prioritas 1. Jenis: Kebakaran. Dari panggilan.")
    assert "Pasar Lama" in told[0]
    assert told[-1] == "Fire mengonfirmasi."
    assert "Pasar Lama" not in "".join(await lines("admin")), "an admin sees no personal data"
