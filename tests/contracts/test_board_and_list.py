"""The dispatchers' board and the agency's list, when both are worked on at the same moment.

Each side decides on what it knows; what the other did arrives later, in order. When all has arrived both show the same,
whoever was first and whatever their clocks say.
"""

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID, uuid5

from hypothesis import example, given, note, settings
from hypothesis import strategies as st

from sigap_agency_gateway.domain import answers as agency
from sigap_agency_gateway.domain import forwarding as listed
from sigap_agency_gateway.use_cases.receive import FOLLOWED
from sigap_common.contracts.agencies import AgencyResponded, NotificationDelivered, Response
from sigap_common.contracts.agency_reports import SaidBeside
from sigap_common.contracts.base import Event
from sigap_common.contracts.incidents import (
    ForwardingRevised,
    ForwardingWithdrawn,
    IncidentAcknowledged,
    IncidentClosed,
    IncidentDeclined,
    IncidentForwarded,
    IncidentStatusChanged,
    IncidentUpdated,
    Progress,
    Source,
)
from sigap_common.contracts.places import Place
from sigap_common.contracts.reopening import IncidentReopened
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import NotAllowed
from sigap_common.personal_data import Sealed
from sigap_common.regency import Pack
from sigap_dispatch import domain as board
from sigap_dispatch.domain.commands import (
    AddAgency,
    Amend,
    Close,
    Command,
    Numbered,
    OpenDirectly,
    RecordAnswer,
    Respond,
    Withdraw,
)
from sigap_dispatch.domain.lifecycle import Cancel, Reopen
from sigap_dispatch.domain.state.forwarding import ForwardingState

NOON = datetime(2024, 2, 19, 5, 0, tzinfo=UTC)
INCIDENT = UUID("018dc000-0000-7000-8000-00000000000a")
PLACES = [Place.of(-3.79, 102.26, 20.0, "Pasar Lama"), Place.of(-3.90, 102.30, 50.0, "Pelabuhan")]
PACK = Pack.model_validate(
    {
        "code": "99.01",
        "name": "Kota Contoh",
        "time_zone": "Asia/Jakarta",
        "agencies": [{"code": "fire", "name": "Damkar", "kind": "fire"}],
        "response_plans": [{"incident_type": "fire", "agencies": ["fire"]}],
    }
)
OF_ONE_PART = (ForwardingWithdrawn, IncidentAcknowledged, IncidentDeclined, IncidentStatusChanged)
WORDS = [response.value for response in Response]
BY_AGENCY = [f"agency {what}" for what in (*WORDS, "acknowledged again", "reads")]
BY_DISPATCHER = [*(f"telephone {what}" for what in WORDS), "order move", "order again", "order withdraw", "order close"]
BY_DISPATCHER += ["order cancel", "order reopen"]
HEARING = ["board hears", "agency hears", "agency hears one"]
MOVES = st.lists(st.tuples(st.sampled_from([*BY_AGENCY, *BY_DISPATCHER, *HEARING]), st.integers(0, 1)), max_size=16)


class TwoSides:
    """One agency's parts in an incident, on the board and in its list, and what is on its way between them."""

    def __init__(self, skew: timedelta) -> None:
        self.now, self.skew = NOON, skew
        self.incident: Aggregate = Aggregate(id=INCIDENT, regency=PACK.code, drill=False)
        self.copies: dict[UUID, listed.Forwarding] = {}
        self.cancelled: dict[UUID, int] = {}
        """The newest revision of each part that the agency's answers stopped from being sent."""
        self.to_agency: deque[Event] = deque()
        self.to_board: deque[AgencyResponded] = deque()
        self._of_answer: deque[UUID] = deque()
        self._ids = count(1)
        self.order(OpenDirectly(Numbered("CTH-1", NOON.date()), Source.OBSERVER, "fire", 2, PLACES[0]))
        self.agency_hears()

    @property
    def board(self) -> board.Incident:
        assert isinstance(self.incident, board.Incident)
        return self.incident

    def order(self, command: Command) -> None:
        moment = board.Moment(self.now, PACK, lambda: uuid5(INCIDENT, str(next(self._ids))), "sari")
        decision = board.decide(self.incident, command, moment)
        self.incident = decision.after
        self.to_agency += [event for event in decision.events if isinstance(event, FOLLOWED)]

    def answer(self, part: UUID, command: agency.Command) -> None:
        before = self.copies[part]
        decision = agency.decide(before, command, self.now + self.skew)
        after = decision.after
        assert isinstance(after, listed.Forwarding)
        self.copies[part] = after
        self.cancelled[part] = max(self.cancelled.get(part, 0), agency.seen(before, after, command))
        for event in decision.events:
            assert isinstance(event, AgencyResponded)
            self.to_board.append(event)
            self._of_answer.append(part)

    def agency_hears(self, most: int = 1_000) -> None:
        for _ in range(min(most, len(self.to_agency))):
            event = self.to_agency.popleft()
            if isinstance(event, IncidentForwarded | ForwardingRevised):
                known = self.copies.get(event.forwarding_id)
                after = listed.apply_revision(known, event, INCIDENT, PACK.code, False)
                assert after is not None
                self.copies[event.forwarding_id] = after
            elif isinstance(event, IncidentClosed | IncidentReopened):
                self.copies = {part: listed.hear(event, copy) for part, copy in self.copies.items()}
            elif not isinstance(event, IncidentUpdated):  # of these the gateway hears only what begins protection
                assert isinstance(event, OF_ONE_PART)
                assert event.forwarding_id is not None
                self._hears_of(event.forwarding_id, event)

    def _hears_of(self, part: UUID, event: Event) -> None:
        after = self.copies[part] = listed.hear(event, self.copies[part])
        if getattr(event, "on_behalf", False):
            self.cancelled[part] = max(self.cancelled.get(part, 0), after.answered)

    def board_hears(self) -> None:
        while self.to_board:
            said, part = self.to_board.popleft(), self._of_answer.popleft()
            self.order(Respond(part, said.revision, said.response, said.channel, said.at, by=said.by))

    def move(self, move: str, which: int) -> None:
        """One thing that somebody does; what is refused leaves all as it was."""
        self.now += timedelta(seconds=1)
        who, _, what = move.partition(" ")
        with suppress(NotAllowed):
            if what.startswith("hears"):
                self.board_hears() if who == "board" else self.agency_hears(1 if what == "hears one" else 1_000)
            elif who == "telephone":
                self._telephone(self.board.forwardings[-which].id, Response(what), which)
            elif who == "agency":
                self._agency(list(self.copies)[-which], what, which)
            else:
                self.order(self._ordered(what, which))

    def _telephone(self, part: UUID, response: Response, which: int) -> None:
        reason = "no_unit" if response is Response.DECLINED else None
        self.order(RecordAnswer(part, response, "telephone", "Pak Harun", reason, revision=which or None))

    def _agency(self, part: UUID, what: str, which: int) -> None:
        if what == "reads":
            self.copies[part] = listed.evolve(self.copies[part], self._shown(self.copies[part]))
        elif what.startswith(Response.ACKNOWLEDGED):
            beside = SaidBeside(text=Sealed(str(self.now)) if what.endswith("again") else None)
            self.answer(part, agency.Acknowledge(by="pos", channel="api", revision=which or None, beside=beside))
        elif what == Response.DECLINED:
            self.answer(part, agency.Decline(by="pos", channel="api", reason="no_unit"))
        else:
            self.answer(part, agency.Report(by="pos", channel="api", progress=Progress(what)))

    def _shown(self, copy: listed.Forwarding) -> NotificationDelivered:
        return NotificationDelivered(
            at=self.now,
            recorded_at=self.now,
            incident_id=INCIDENT,
            agency=copy.agency,
            revision=copy.revision,
            endpoint="desk",
            channel="desk",
            attempts=1,
        )

    def _ordered(self, what: str, which: int) -> Command:
        part = self.board.forwardings[-which].id
        orders: dict[str, Callable[[], Command]] = {
            "move": lambda: Amend(place=PLACES[self.board.place == PLACES[0]]),
            "again": lambda: AddAgency("99.01/fire"),
            "withdraw": lambda: Withdraw(part, "tidak perlu"),
            "close": lambda: Close("resolved"),
            "cancel": lambda: Cancel("anak bermain"),
            "reopen": lambda: Reopen(),
        }
        return orders[what]()

    def settle(self) -> None:
        while self.to_agency or self.to_board:
            self.board_hears()
            self.agency_hears()


@settings(max_examples=1_000, deadline=None)
@given(MOVES, st.sampled_from([-2.5, 0.0, 2.5]))
@example([("agency declined", 0), ("telephone acknowledged", 0)], 0.0)
@example([("telephone acknowledged", 0), ("agency declined", 0)], 0.0)
@example([("telephone declined", 0), ("agency acknowledged", 0), ("agency en_route", 0)], 0.0)
@example([("agency on_scene", 0), ("telephone declined", 0), ("order move", 0)], 2.5)
@example([("agency acknowledged", 0), ("order withdraw", 0)], -2.5)
@example([("agency acknowledged", 0), ("order close", 0)], 0.0)
@example([("agency declined", 0), ("board hears", 0), ("agency acknowledged", 0), ("order close", 0)], 0.0)
@example([("agency declined", 0), ("board hears", 0), ("agency acknowledged", 0), ("order again", 0)], 0.0)
@example([("agency acknowledged", 0), ("order close", 0), ("agency acknowledged", 0), ("order reopen", 0)], 0.0)
@example([("agency declined", 0), ("board hears", 0), ("agency done", 0), ("order close", 0), ("order reopen", 0)], 0.0)
def test_board_and_list_come_to_the_same(moves: list[tuple[str, int]], skew: float) -> None:
    sides = TwoSides(timedelta(seconds=skew))
    for move, which in moves:
        sides.move(move, which)
    sides.settle()
    note(f"{moves}, clock of the gateway {skew:+} s")
    assert list(sides.copies) == [part.id for part in sides.board.forwardings]
    for part in sides.board.forwardings:
        copy = sides.copies[part.id]
        assert shown_in_list(copy) == shown_on_board(part)
        assert not (copy.needs_acknowledgement and copy.stands and sides.cancelled.get(part.id, 0) >= copy.revision > 1)
        if part.is_open:
            assert copy.content.place == sides.board.place


def shown_on_board(forwarding: board.Forwarding) -> tuple[str, bool]:
    """The state, and whether the agency owes an acknowledgement of it."""
    stands_down = forwarding.state == ForwardingState.STANDING_DOWN
    return "withdrawn" if stands_down else forwarding.state.value, forwarding.needs_acknowledgement


def shown_in_list(forwarding: listed.Forwarding) -> tuple[str, bool]:
    state = "forwarded" if forwarding.state is listed.State.RECEIVED else forwarding.state.value
    return state, forwarding.needs_acknowledgement
