"""What a live stream shows of something protected: by the newest need that is known of it, and by the clock."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sigap_common.auth import Access, Role
from sigap_common.bus import Delivered
from sigap_common.contracts.alarms import AlarmRaised
from sigap_common.contracts.need import Need, OpenGlass, read_need
from sigap_common.http.stream_ring import Ring
from sigap_common.messaging.received import EventReader
from sigap_common.messaging.visibility import Policy
from sigap_common.personal_data import KeyRing
from sigap_testing.messages import an_envelope, message_of

NOON = datetime(2024, 2, 19, 5, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEYS = KeyRing({"k1": bytes(32)})
POLICY = Policy(opened_to=(Role.operator,))
SECRET = "CTH-20240219-0001"


class Followed:
    """A ring that has heard an alarm about the subject again and again, each time with another need."""

    def __init__(self, *needs: Need | None) -> None:
        self._ring = Ring(EventReader(KEYS))
        for offset, need in enumerate(needs):
            alarm = AlarmRaised(at=NOON, recorded_at=NOON, alarm_id=UUID(int=1), kind="k", about="a", label=SECRET)
            text = need.text if need else None
            envelope = an_envelope(alarm, "subject", regency="99.01", sequence=offset + 1, need=text)
            delivered = Delivered(message_of(alarm, envelope, KEYS), "sigap.test", 0, offset)
            self._ring.append(delivered, str(offset))

    def shows(self, subject: str, *roles: Role, after: timedelta = timedelta()) -> list[bool]:
        """For each message, whether this person is shown what is in it, so long after noon."""
        access = Access(subject, frozenset(roles or (Role.operator,)), frozenset({"99.01"}), None, NOON + 9 * HOUR)
        entries = [self._ring.entry(number) for number in range(self._ring.next)]
        frames = [self._ring.shown(entry, access, POLICY, NOON + after) for entry in entries]
        return [SECRET.encode() in frame[0] for frame in frames if frame is not None]


def test_what_becomes_protected_is_hidden_in_earlier_messages_too() -> None:
    heard = Followed(None, Need(people=("ani",)))
    assert heard.shows("ani") == [True, True]
    assert heard.shows("budi") == [False, False]
    assert heard.shows("sari", Role.operator, Role.supervisor) == [True, True]


def test_a_glass_opens_earlier_messages_and_its_end_hides_them() -> None:
    heard = Followed(Need(), Need(glasses=(OpenGlass(by="budi", until=NOON + HOUR),)))
    assert heard.shows("budi") == [True, True]
    assert heard.shows("citra") == [False, False]
    assert heard.shows("budi", after=HOUR) == [False, False]


def test_what_waits_for_a_dispatcher_is_shown_to_them_until_it_does_not() -> None:
    assert Followed(Need(dispatchers=True)).shows("dodi", Role.operator, Role.dispatcher) == [True]
    assert Followed(Need(dispatchers=True), Need()).shows("dodi", Role.operator, Role.dispatcher) == [False, False]


def test_a_need_that_cannot_be_read_is_a_supervisors_alone() -> None:
    assert read_need("{") == Need()


def test_a_persons_need_ends_with_the_last_glass_unless_the_person_is_one_of_its_people() -> None:
    glasses = tuple(OpenGlass(by=by, until=NOON + n * HOUR) for n, by in enumerate(("budi", "ani", "budi")))
    assert Need(people=("ani",), glasses=glasses).ends() == {"budi": NOON + 2 * HOUR, "ani": None}
