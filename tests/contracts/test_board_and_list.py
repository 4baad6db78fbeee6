"""The dispatchers' board and the agency's list, when both are worked on at the same moment.

Each side decides on what it knows; what the other did arrives later, in order. When all has arrived both show the same,
whoever was first and whatever their clocks say.
"""

from collections import deque
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import count
from uuid import UUID, uuid5

from hypothesis import example, given, note, settings
from hypothesis import strategies as st

from sigap_agency_gateway.domain import answers as agency
from sigap_agency_gateway.domain import forwarding as listed
from sigap_common.aggregates import Aggregate
from sigap_common.contracts.agencies import AgencyResponded, NotificationDelivered, Response
from sigap_common.contracts.base import Event
from sigap_common.contracts.incidents import (
    ForwardingRevised,
    ForwardingWithdrawn,
    IncidentAcknowledged,
    IncidentClosed,
    IncidentDeclined,
    IncidentForwarded,
    IncidentStatusChanged,
    Progress,
    Source,
)
from sigap_common.contracts.places import Place
from sigap_common.pack import Pack
from sigap_common.problems import NotAllowed
from sigap_dispatch import domain as board
from sigap_dispatch.domain.commands import Amend, Close, Numbered, OpenDirectly, RecordAnswer, Respond, Withdraw
from sigap_dispatch.domain.state import ForwardingState

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
BY_AGENCY = [*(f"agency {response.value}" for response in Response), "agency reads"]
BY_DISPATCHER = [*(f"telephone {response.value}" for response in Response), "move", "withdraw", "close"]
MOVES = st.lists(st.sampled_from([*BY_AGENCY, *BY_DISPATCHER, "board hears", "agency hears"]), max_size=16)
FOLLOWED = (
    IncidentForwarded,
    ForwardingRevised,
    ForwardingWithdrawn,
    IncidentAcknowledged,
    IncidentDeclined,
    IncidentStatusChanged,
    IncidentClosed,
)


class TwoSides:
    """One forwarding, on the board and in the agency's list, and what is on its way between them."""

    def __init__(self, skew: timedelta) -> None:
        self.now, self.skew = NOON, skew
        self.incident: Aggregate = Aggregate(id=INCIDENT, regency=PACK.code, drill=False)
        self.copy: listed.Forwarding | None = None
        self.to_agency: deque[Event] = deque()
        self.to_board: deque[AgencyResponded] = deque()
        self._ids = count(1)
        self.order(OpenDirectly(Numbered("CTH-1", NOON.date()), Source.OBSERVER, "fire", 2, PLACES[0]))
        self.agency_hears()

    @property
    def on_board(self) -> board.Forwarding:
        assert isinstance(self.incident, board.Incident)
        return self.incident.forwardings[0]

    @property
    def in_list(self) -> listed.Forwarding:
        assert self.copy is not None
        return self.copy

    def order(self, command: object) -> None:
        moment = board.Moment(self.now, PACK, lambda: uuid5(INCIDENT, str(next(self._ids))), "sari")
        told = board.decide(self.incident, command, moment)
        self.incident = reduce(board.evolve, told, self.incident)
        self.to_agency += [event for event in told if isinstance(event, FOLLOWED)]

    def answer(self, command: agency.Command) -> None:
        told = agency.decide(self.in_list, command, self.now + self.skew)
        self.copy = reduce(listed.evolve, told, self.in_list)
        self.to_board += told

    def agency_hears(self) -> None:
        while self.to_agency:
            event = self.to_agency.popleft()
            if isinstance(event, IncidentForwarded | ForwardingRevised):
                self.copy = listed.take_in(self.copy, event, INCIDENT, PACK.code, False) or self.copy
            else:
                self.copy = listed.hear(event, self.in_list)

    def board_hears(self) -> None:
        while self.to_board:
            said = self.to_board.popleft()
            self.order(Respond(self.on_board.id, said.revision, said.response, said.channel, said.at, by=said.by))

    def move(self, move: str) -> None:
        """One thing that somebody does; what is refused leaves all as it was."""
        self.now += timedelta(seconds=1)
        who, _, what = move.partition(" ")
        with suppress(NotAllowed):
            if what == "hears":
                self.board_hears() if who == "board" else self.agency_hears()
            elif who == "telephone":
                reason = "no_unit" if what == Response.DECLINED else None
                self.order(RecordAnswer(self.on_board.id, Response(what), "telephone", "Pak Harun", reason))
            elif who == "agency":
                self._agency(what)
            else:
                self.order(self._ordered(move))

    def _agency(self, what: str) -> None:
        if what == "reads":
            told = {"incident_id": INCIDENT, "agency": self.in_list.agency, "revision": self.in_list.revision}
            shown = NotificationDelivered(
                at=self.now, recorded_at=self.now, endpoint="desk", channel="desk", attempts=1, **told
            )
            self.copy = listed.evolve(self.in_list, shown)
        elif what == Response.ACKNOWLEDGED:
            self.answer(agency.Acknowledge(by="pos", channel="api"))
        elif what == Response.DECLINED:
            self.answer(agency.Decline(by="pos", channel="api", reason="no_unit"))
        else:
            self.answer(agency.Report(by="pos", channel="api", progress=Progress(what)))

    def _ordered(self, move: str) -> object:
        if move == "move":
            assert isinstance(self.incident, board.Incident)
            return Amend(place=PLACES[self.incident.place == PLACES[0]])
        return Close("resolved") if move == "close" else Withdraw(self.on_board.id, "tidak perlu")

    def settle(self) -> None:
        while self.to_agency or self.to_board:
            self.board_hears()
            self.agency_hears()


@settings(max_examples=1_500, deadline=None)
@given(MOVES, st.sampled_from([-2.5, 0.0, 2.5]))
@example(["agency declined", "telephone acknowledged"], 0.0)
@example(["telephone acknowledged", "agency declined"], 0.0)
@example(["telephone declined", "agency acknowledged", "agency en_route"], 0.0)
@example(["agency on_scene", "telephone declined"], 2.5)
@example(["agency acknowledged", "withdraw"], -2.5)
@example(["agency acknowledged", "close"], 0.0)
@example(["agency declined", "board hears", "agency acknowledged", "close"], 0.0)
def test_board_and_list_come_to_the_same(moves: list[str], skew: float) -> None:
    sides = TwoSides(timedelta(seconds=skew))
    for move in moves:
        sides.move(move)
    sides.settle()
    note(f"{moves}, clock of the gateway {skew:+} s")
    assert shown_in_list(sides.in_list) == shown_on_board(sides.on_board)
    assert sides.in_list.acknowledged == sides.on_board.acknowledged_revision or sides.in_list.withdrawal


def shown_on_board(forwarding: board.Forwarding) -> tuple[str, bool]:
    """The state, and whether the agency owes an acknowledgement of it."""
    if forwarding.state in {ForwardingState.STANDING_DOWN, ForwardingState.WITHDRAWN}:
        return "withdrawn", forwarding.needs_acknowledgement
    return forwarding.state.value, forwarding.needs_acknowledgement


def shown_in_list(forwarding: listed.Forwarding) -> tuple[str, bool]:
    state = "forwarded" if forwarding.state is listed.State.RECEIVED else forwarding.state.value
    return state, forwarding.needs_acknowledgement
