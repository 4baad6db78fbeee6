"""The parts of a regency's pack. Times are local times of the regency; the names of durations have the unit."""

import datetime
from collections.abc import Collection
from enum import StrEnum
from typing import Annotated, Literal, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import h3
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, PlainSerializer
from pydantic_core import PydanticCustomError

from sigap_common.core.callsigns import callsign as one_form
from sigap_common.core.formats import FORMATS, LONGEST

T = TypeVar("T")

Code = Annotated[str, Field(pattern=FORMATS["code_in_pack"], max_length=LONGEST)]
RegencyCode = Annotated[str, Field(pattern=FORMATS["regency_code"], max_length=LONGEST)]
ClockTime = Annotated[str, Field(pattern=FORMATS["clock_time"], max_length=LONGEST)]
Telephone = Annotated[str, Field(pattern=FORMATS["telephone"], max_length=LONGEST)]
Key = Annotated[str, Field(pattern=FORMATS["key"], max_length=LONGEST)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


def give_way(value: T) -> T:
    """Returns the value. This call of Python lets another thread run. Without one for each entry of a long list,
    pydantic would block all other threads from the first entry to the last.
    """
    return value


Latitude = Annotated[
    float,
    Field(ge=-90, le=90),
    AfterValidator(give_way),
    PlainSerializer(give_way, return_type=float, when_used="json"),
]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Priority = Annotated[int, Field(ge=1, le=5)]
Seconds = Annotated[int, Field(gt=0, le=86_400)]
Days = Annotated[int, Field(gt=0, le=36_500)]
Share = Annotated[float, Field(gt=0, le=1)]
SHORTEST_BLOCK_HOURS, LONGEST_BLOCK_HOURS = 24, 72


def _known_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise PydanticCustomError("pack.time_zone", "Input should be a time zone of the IANA database") from None
    return name


TimeZone = Annotated[str, Field(max_length=64), AfterValidator(_known_time_zone)]


class Part(BaseModel):
    """The base of all parts. In an event, unknown keys are ignored, because a newer publisher may know more. In a file
    they are usually typing mistakes, so `validate_pack` and the JSON Schema refuse them.
    """

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True, allow_inf_nan=False, hide_input_in_errors=True)


class Label(Part):
    """A text for people, in both languages."""

    id: Name = Field(description="Indonesian")
    en: Name = Field(description="English")


class CodeEntry(Part):
    """An entry that the regency adds to a standard code list."""

    code: Code = Field(description="Code in APIs and events")
    label: Label = Field(description="What people read")


class Endpoint(Part):
    """One way to reach an agency, tried in the order of the list. Holds no secret."""

    channel: Code = Field(description="Name of the channel: desk, webhook, or that of an installed plugin")
    name: Code = Field(description="Name of this endpoint, unique within its agency")
    url: Annotated[str, Field(max_length=2000)] | None = Field(
        None, description="Where it delivers to, without user name or password"
    )
    secret_ref: Annotated[str, Field(max_length=200)] | None = Field(
        None,
        description="Where the signing secret is: a variable such as SIGAP_SECRET_99_01_FIRE, or a file of the "
        "secrets folder such as file:99.01-fire; the name carries the regency's code. Never the secret itself",
    )
    options: dict[str, JsonValue] = Field(
        default_factory=dict, description="Further options, which the channel's documentation describes"
    )


class AgencyUnit(Part):
    """A vehicle or a team that an agency sends out."""

    callsign: Annotated[str, Field(min_length=1, max_length=40), AfterValidator(one_form)] = Field(
        description="What people call it by radio; capitals and spaces do not matter"
    )
    kind: Code | None = Field(None, description="What it is, such as fire_engine or ambulance")
    capabilities: tuple[Code, ...] = Field((), max_length=20, description="What it can do, such as pump or ladder")


class Agency(Part):
    """Who is sent to help. Without an endpoint it is reached by the desk channel."""

    code: Code = Field(description="Code within the regency; elsewhere it is <regency>/<code>")
    name: Name = Field(description="Its name as people of the regency know it")
    kind: Code = Field(
        description="What it is: fire, health, ambulance, hospital, police, disaster, civil_police, "
        "transport, social, military, red_cross, women_children, communication or another word"
    )
    telephones: tuple[Telephone, ...] = Field((), max_length=20, description="Its duty desk, first choice first")
    capabilities: tuple[Code, ...] = Field(
        (), max_length=100, description="What it can do, such as ambulance, pump, boat"
    )
    lat: Latitude | None = Field(None, description="Latitude of its post, WGS 84")
    lon: Longitude | None = Field(None, description="Longitude of its post, WGS 84")
    endpoints: tuple[Endpoint, ...] = Field((), max_length=20, description="How it is reached, first choice first")
    units: tuple[AgencyUnit, ...] = Field(
        (),
        max_length=200,
        description="Its units: shown, and offered on its desk, before it sends them. It may name others, too",
    )


CapCategory = Literal[
    "Geo",
    "Met",
    "Safety",
    "Security",
    "Rescue",
    "Fire",
    "Health",
    "Env",
    "Transport",
    "Infra",
    "CBRNE",
    "Other",
]


class IncidentType(Part):
    """A kind of emergency. Kinds form a tree; a kind without a plan of its own uses its parent's."""

    code: Code = Field(description="Code in APIs and events")
    parent: Code | None = Field(None, description="Code of the wider kind it belongs to")
    label: Label = Field(description="What people read")
    priority: Priority = Field(3, description="Priority of a new incident: 1 most urgent, 5 least")
    protected: bool = Field(False, description="Whether only people who need to know see its calls and incidents")
    cap_category: CapCategory = Field("Other", description="Category in the Common Alerting Protocol 1.2")
    eido_value: Name | None = Field(
        None, description="Value of incidentTypeCommonRegistryText in EIDO (NENA-STA-021), if there is one"
    )


def _known_cell(cell: str) -> str:
    if not h3.is_valid_cell(cell) or h3.get_resolution(cell) != CELL_RESOLUTION:
        raise PydanticCustomError("pack.cell", "Input should be an H3 cell of resolution 7")
    return cell


CELL_RESOLUTION = 7
"""The resolution of the H3 cell that every place with coordinates has."""
Cell = Annotated[str, Field(max_length=LONGEST), AfterValidator(_known_cell)]


class Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @classmethod
    def of(cls, day: datetime.date) -> "Weekday":
        return tuple(cls)[day.weekday()]


class PlanConditions(Part):
    """When and where a plan applies: all that is given must hold. The moment is that of the incident's start, on the
    regency's clock. Between midnight and an `end` that is before `start`, the day is the day before.
    """

    start: ClockTime | None = Field(None, description="Local time HH:MM, in quotes, from which on it applies")
    end: ClockTime | None = Field(
        None, description="and until which; if it is before the start, it ends on the next day"
    )
    weekdays: tuple[Weekday, ...] = Field(
        (), max_length=7, description="Only on these days of the week: monday, ..., sunday"
    )
    dates: tuple[datetime.date, ...] = Field((), max_length=400, description="Only on these days, YYYY-MM-DD")
    holidays: Literal["only", "never"] | None = Field(
        None, description="Only on the pack's holidays, or never on one of them"
    )
    cells: tuple[Cell, ...] = Field(
        (),
        max_length=1000,
        description="Only if the emergency is in one of these H3 cells of resolution 7; not while its place is unknown",
    )

    def has(self, moment: datetime.datetime, holidays: Collection[datetime.date], cell: str | None) -> bool:
        """Whether the conditions hold at this local moment and in this cell."""
        if self.cells and cell not in self.cells:
            return False
        day, minute = moment.date(), moment.hour * 60 + moment.minute
        if self.start is not None and self.end is not None:
            start, end = _minute(self.start), _minute(self.end)
            if (minute - start) % 1440 >= (end - start) % 1440:
                return False
            if minute < end < start:
                day -= datetime.timedelta(days=1)
        return self.has_day(day, holidays)

    def has_day(self, day: datetime.date, holidays: Collection[datetime.date]) -> bool:
        """Whether the conditions about the day hold."""
        return _has_day(self, day, holidays)


def _has_day(wanted: "PlanConditions | Demand", day: datetime.date, holidays: Collection[datetime.date]) -> bool:
    if wanted.weekdays and Weekday.of(day) not in wanted.weekdays:
        return False
    if wanted.dates and day not in wanted.dates:
        return False
    return wanted.holidays is None or (wanted.holidays == "only") == (day in holidays)


class ResponsePlan(Part):
    """Which agencies are told of an incident type. All plans that fit apply together."""

    incident_type: Code = Field(description="Code of the incident type")
    min_priority: Priority | None = Field(
        None, description="Only for incidents at least this urgent: priority number equal or lower"
    )
    when: PlanConditions = Field(PlanConditions(), description="When and where it applies; absent: always")
    agencies: tuple[Code, ...] = Field(
        (), max_length=100, description="Codes of the agencies, in the order in which they are asked"
    )
    capability: Code | None = Field(
        None,
        description="Instead of `agencies`: all agencies with this capability, the nearest post first (straight line); "
        "without the emergency's or the post's coordinates in the order of the pack",
    )
    informs: tuple[Code, ...] = Field(
        (),
        max_length=100,
        description="Codes of agencies that are only informed, such as the head of a district: without deadline, "
        "caller and notes, and nothing is asked of them; nobody is informed of a protected incident",
    )
    at_once: Annotated[int, Field(ge=1, le=100)] | None = Field(
        None,
        description="How many of them are told at once; the others are the next agencies of their role, in this order; "
        "absent: all",
    )
    next: Literal["automatic", "propose"] = Field(
        "propose",
        description="If one of them declines or misses its deadline: the next is told, or proposed to the dispatcher",
    )
    alarm_level: Annotated[int, Field(ge=1, le=9)] = Field(
        1, description="Level from which on these agencies are wanted; level 1 at once"
    )
    automatic: bool = Field(True, description="Forwarded without asking; else proposed to the dispatcher")
    acknowledge_within_s: Seconds | None = Field(
        None, description="Seconds within which they must acknowledge; else that of the service levels"
    )
    role: Code | None = Field(
        None,
        description="What these agencies are wanted for, such as ambulance; else the capability, or the kind of each "
        "agency",
    )

    @property
    def wants_help(self) -> bool:
        """Whether it names agencies that help; otherwise it only informs."""
        return bool(self.agencies or self.capability)


class Shift(Part):
    """One shift of the centre. One whose end is not after its start ends on the next day."""

    code: Code = Field(description="Code of the shift")
    name: Name = Field(description="Its name")
    start: ClockTime = Field(description="Local time HH:MM, in quotes")
    end: ClockTime = Field(description="Local time HH:MM, in quotes")
    seats: Annotated[int, Field(ge=1, le=500)] = Field(1, description="How many people are wanted on it")
    minimum: Annotated[int, Field(ge=0, le=500)] = Field(
        1,
        description="How many of them are needed first: no other shift has its last ones while this has fewer",
    )
    break_minutes: Annotated[int, Field(ge=0, le=480)] = Field(
        0, description="Minutes of unpaid breaks in it, which do not count as working hours"
    )

    @property
    def start_minute(self) -> int:
        return _minute(self.start)

    @property
    def length_minutes(self) -> int:
        return (_minute(self.end) - _minute(self.start)) % 1440 or 1440


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


class Demand(Part):
    """How many people are wanted on some days instead of a shift's usual seats: all that is given must hold."""

    name: Name = Field(description="Why, such as the name of an event")
    shifts: tuple[Code, ...] = Field((), max_length=48, description="Codes of the shifts; none: all of them")
    weekdays: tuple[Weekday, ...] = Field(
        (), max_length=7, description="Only on these days of the week: monday, ..., sunday"
    )
    dates: tuple[datetime.date, ...] = Field((), max_length=400, description="Only on these days, YYYY-MM-DD")
    holidays: Literal["only", "never"] | None = Field(
        None, description="Only on the pack's holidays, or never on one of them"
    )
    seats: Annotated[int, Field(ge=0, le=500)] = Field(description="How many people are wanted then")
    minimum: Annotated[int, Field(ge=0, le=500)] | None = Field(
        None, description="How many of them are needed first; absent: as of the shift, and at most `seats`"
    )

    def has_day(self, day: datetime.date, holidays: Collection[datetime.date]) -> bool:
        """Whether it holds on the day."""
        return _has_day(self, day, holidays)


class ShiftPattern(Part):
    """The shifts of a day: together they cover 24 hours, and overlap by the hand-over at most."""

    shifts: tuple[Shift, ...] = Field((), max_length=48, description="The shifts; none: no roster is planned")
    handover_minutes: Annotated[int, Field(ge=0, le=120)] = Field(
        0, description="Minutes by which a shift may overlap the next"
    )
    demand: tuple[Demand, ...] = Field(
        (), max_length=100, description="Other numbers of seats on some days; of several that hold, the last one counts"
    )

    notice_hours: Annotated[int, Field(ge=0, le=336)] = Field(
        24,
        description="Hours before a shift within which a repair leaves its people as they are, and stand-ins are "
        "telephoned instead (our own default)",
    )
    swap_approval: Literal["planner", "automatic"] = Field(
        "planner", description="Who approves that staff give duties away: the planner each time, or the rules alone"
    )

    def seats(self, shift: str, day: datetime.date, holidays: Collection[datetime.date]) -> int:
        """How many people are wanted on the shift that begins on this day; 0: there is no such shift."""
        return self._wanted(shift, day, holidays)[0]

    def minimum(self, shift: str, day: datetime.date, holidays: Collection[datetime.date]) -> int:
        """How many of them are needed first."""
        return self._wanted(shift, day, holidays)[1]

    def _wanted(self, shift: str, day: datetime.date, holidays: Collection[datetime.date]) -> tuple[int, int]:
        usual = next((one for one in self.shifts if one.code == shift), None)
        if usual is None:
            return 0, 0
        then = [one for one in self.demand if (not one.shifts or shift in one.shifts) and one.has_day(day, holidays)]
        if not then:
            return usual.seats, usual.minimum
        other = then[-1]
        return other.seats, min(usual.minimum, other.seats) if other.minimum is None else other.minimum


class Employment(StrEnum):
    """By which law a person works; a policy may be for those of one of them."""

    CONTRACT = "contract"
    CIVIL_SERVANT = "civil_servant"
    POLICE = "police"
    MILITARY = "military"
    VOLUNTEER = "volunteer"


class RosterPolicy(Part):
    """A rule for rosters, known by its code (list: docs/packs.md)."""

    code: Code = Field(description="Code of a known policy")
    strength: Literal["hard", "soft", "off"] = Field("soft", description="Must hold, should hold, or not used")
    weight: Annotated[int, Field(ge=1, le=1000)] = Field(1, description="What a breach of a soft rule costs")
    source: Text = Field(description="Where the rule comes from: law, agreement, local policy")
    params: dict[str, JsonValue] = Field(default_factory=dict, description="The policy's own values")

    def number(self, name: str, default: float | None = None) -> float:
        """A value that a checked pack has as a number. Raises KeyError if it has none and there is no default."""
        value = self.params.get(name, default)
        if not isinstance(value, int | float):
            raise KeyError(name)
        return value

    def text(self, name: str) -> str:
        """A value that a checked pack has as a text. Raises KeyError if it has none."""
        value = self.params[name]
        if not isinstance(value, str):
            raise KeyError(name)
        return value

    def listed(self, name: str) -> list[str]:
        """The texts of a list; none if the pack has no such value."""
        value = self.params.get(name, ())
        return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


class Holiday(Part):
    """A day off for others; the centre is open."""

    date: datetime.date = Field(description="Local day, YYYY-MM-DD")
    name: Name = Field(description="Its name")
    kind: Literal["national", "joint_leave", "local"] = Field(
        "national", description="National holiday, joint leave (cuti bersama), or of the regency alone"
    )


class Season(Part):
    """Days of a year in which some rules say something else, such as Ramadan."""

    code: Code = Field(description="Code by which policies name it, such as ramadan; the same each year")
    name: Name = Field(description="Its name, such as Ramadan 1448 H")
    first_day: datetime.date = Field(description="Local day, YYYY-MM-DD")
    last_day: datetime.date = Field(description="Included")


class BlockingPolicy(Part):
    """When a number that plays pranks is blocked, and what that means. Numbers unknown to the exchange are never
    blocked.
    """

    pranks: Annotated[int, Field(ge=2, le=100)] = Field(description="That many calls classified as prank")
    within_days: Days = Field(description="within that many days lead to a block being proposed")
    hours: Annotated[int, Field(ge=1, le=8760)] = Field(24, description="Hours that a block lasts, 24 to 72")
    approval: Literal["supervisor", "automatic"] = Field(
        "supervisor", description="Who decides: a supervisor each time, or the rule by itself"
    )
    half_life_days: Days = Field(
        7, description="Days after which a call counts half in the number's prank score (our own default)"
    )
    review_before_hours: Annotated[int, Field(ge=1, le=23)] = Field(
        6, description="Hours before its end by which a block should be reviewed (our own default)"
    )
    lowered_by_s: Annotated[int, Field(ge=0, le=300)] = Field(
        30,
        description="Seconds by which a call of a blocked number, or one with a high score, is lowered in the queue at "
        "most (our own default)",
    )
    near_m: Annotated[int, Field(ge=0, le=10_000)] = Field(
        1000,
        description="An open incident within so many metres of the caller's place ends the screening (our own default)",
    )


class ServiceLevels(Part):
    """What the regency promises. Times in seconds, shares of all cases between 0 and 1."""

    answer_within_s: Seconds = Field(15, description="A call is answered within this time (NENA-STA-020)")
    answer_share: Share = Field(0.90, description="in this share of the calls (NENA-STA-020)")
    answer_latest_s: Seconds = Field(20, description="and within this time (NENA-STA-020)")
    answer_latest_share: Share = Field(0.95, description="in this share of the calls (NENA-STA-020)")
    promise_s: Seconds = Field(30, description="From the answer until the first agency has it (our promise)")
    processing_s: Seconds = Field(60, description="From the answer until an agency is told (NFPA 1225:2022)")
    processing_share: Share = Field(0.90, description="in this share of the incidents (NFPA 1225:2022)")
    acknowledge_within_s: Seconds = Field(
        60, description="From forwarding to the agency's acknowledgement (our own default, no standard)"
    )
    stand_down_within_s: Seconds = Field(
        300, description="From a stand-down to the agency's confirmation (our own default, no standard)"
    )
    handover_within_s: Seconds = Field(
        600, description="From the offer of a hand-over to its acceptance (our own default, no standard)"
    )
    overloaded_from: Annotated[int, Field(ge=1, le=1000)] = Field(
        3,
        description="So many incidents that an agency has not acknowledged make it overloaded in recommendations (our "
        "own default, no standard)",
    )
    glass_open_s: Seconds = Field(
        3600,
        description="How long a broken glass shows a protected incident; a glass broken before the key changed keeps "
        "its end (our own default, no standard)",
    )


class Hold(Part):
    """Personal data that is kept although its period is over, for as long as the pack names it here."""

    subject: UUID = Field(description="Id of a call or an incident; name an incident's calls too, each by itself")
    reason: Name = Field(description="Why, such as the number of a court's or the police's file")


class Retention(Part):
    """Days for which personal data is kept. Then it is set to null, and the rest stays. The defaults are our own."""

    calls_days: Days = Field(365, description="Caller's number, name, address and notes of calls")
    positions_days: Days = Field(365, description="Exact coordinates of callers and emergencies")
    incidents_days: Days = Field(1825, description="Free text and addresses of incidents")
    recordings_days: Days = Field(90, description="References to recordings")
    deliveries_days: Days = Field(90, description="Bodies and answers in the delivery log")
    staff_days: Days = Field(730, description="Staff's contacts after their last duty")
    children_days: Days = Field(
        90,
        description="What calls_days and positions_days name, of calls of a caller who is probably a child; if shorter",
    )
    holds: tuple[Hold, ...] = Field((), max_length=1000, description="What is under legal hold, and so is kept longer")


class CctvPoint(Part):
    """A camera of the regency."""

    code: Code = Field(description="Code of the camera")
    name: Name = Field(description="Where it stands, in words")
    lat: Latitude = Field(description="Latitude, WGS 84")
    lon: Longitude = Field(description="Longitude, WGS 84")
    direction_deg: Annotated[float, Field(ge=0, lt=360)] | None = Field(
        None, description="Where it looks, degrees clockwise from north"
    )
    stream_ref: Annotated[str, Field(max_length=500)] | None = Field(
        None, description="Name of its picture in the regency's video system, without credentials"
    )


class Place(Part):
    """A name by which callers say where they are."""

    name: Name = Field(description="Its name")
    kind: Code = Field(description="What it is: landmark, road, kecamatan, kelurahan or another word")
    lat: Latitude = Field(description="Latitude, WGS 84")
    lon: Longitude = Field(description="Longitude, WGS 84")
    aliases: tuple[Name, ...] = Field((), max_length=20, description="Other names that callers use")
    radius_m: Annotated[float, Field(gt=0, le=50_000)] | None = Field(
        None, description="Radius of the circle that holds it, metres; absent: as usual for its kind"
    )


class Words(Label):
    """Words for a caller, which are ticked when they are said."""

    code: Code | None = Field(None, description="Code in APIs and events; absent: its number in the list, from 1")


class SilentStep(Words):
    """A step of the procedure for a caller who says nothing."""

    listen_s: Annotated[int, Field(ge=0, le=120)] = Field(0, description="Seconds to listen after it")


class TriageAnswer(Part):
    """An answer to a question, with points for the incident types that it suggests."""

    code: Code | None = Field(None, description="Code in APIs and events; absent: its number in the list, from 1")
    label: Label = Field(description="The answer")
    weights: dict[Code, int] = Field(default_factory=dict, description="Points for each incident type")
    priority: Priority | None = Field(None, description="Priority that the answer proposes")
    next: Code | None = Field(None, description="Code of the question that follows")


class TriageQuestion(Part):
    """A question the operator asks. The first of the list opens the tree, with the standard guidance its first does."""

    code: Code = Field(description="Code of the question")
    label: Label = Field(description="The question as it is asked")
    answers: Annotated[tuple[TriageAnswer, ...], Field(min_length=1, max_length=50)] = Field(
        description="Possible answers"
    )


class Instruction(Part):
    """What to tell a caller until help comes, in the order in which it is said."""

    incident_type: Code = Field(description="Code of the incident type")
    steps: Annotated[tuple[Words, ...], Field(min_length=1, max_length=50)] = Field(
        description="The words, a step each"
    )


class Closing(Part):
    """What happens when every agency has ended its part."""

    when_all_ended: Literal["dispatcher", "automatic"] = Field(
        "dispatcher", description="A dispatcher closes the incident, or it closes by itself"
    )
    disposition: Code | None = Field(None, description="Disposition with which it closes by itself")


class QueuePolicy(Part):
    """The order of waiting calls, and the places where a call rings if it waits too long."""

    raise_open_incident_s: Annotated[int, Field(ge=1, le=3600)] = Field(
        120, description="A call from a number with an open incident counts as arrived so many seconds earlier"
    )
    ring_all_after_s: Seconds = Field(20, description="Seconds after which a call rings everybody who is signed on")
    ring_duty_telephone_after_s: Seconds = Field(
        40,
        description="Seconds after which it rings the duty telephones; without anybody signed on, the key above holds",
    )
    ring_partner_after_s: Seconds = Field(60, description="Seconds after which it rings a partner regency")
    partners: tuple[RegencyCode, ...] = Field(
        (),
        max_length=20,
        description="Regencies whose long-waiting calls ring here, and that ours ring, first choice first. Both packs "
        "must name each other",
    )


class ComplaintsDesk(Part):
    """Where non-emergency reports go."""

    agency: Code | None = Field(None, description="Agency that gets them; absent: the city's complaints desk")
    name: Name | None = Field(None, description="Name of the city's complaints desk, which operators tell the caller")


class Assumption(Part):
    """A value that no source gives and somebody assumed."""

    at: Annotated[str, Field(pattern=FORMATS["place_in_pack"], max_length=LONGEST)] = Field(
        description="JSON pointer of what is assumed, such as /blocking/hours; an entry of a list by its "
        "number or its code, such as /agencies/fire"
    )
    note: Text = Field(description="What is assumed, and why")


Weight = Annotated[int, Field(ge=0, le=1000)]


class CallbackWeights(Part):
    """Points by which dropped calls are ranked. Those with more are called back first."""

    again: Weight = Field(20, description="For each further dropped call of the same number, up to five")
    place_shared: Weight = Field(
        25, description="For each other number that dropped calls in the same place, up to three"
    )
    place_known: Weight = Field(10, description="If it is known where the caller was")
    night: Weight = Field(10, description="If it was at night")
    incident_near: Weight = Field(30, description="If an incident was open nearby, or for the same number")
    tried: Weight = Field(15, description="Taken off for each call back that nobody answered")
    screened: Weight = Field(
        20, description="Taken off if the number is blocked, and all its calls ended with the recorded message"
    )


class CallbackPolicy(Part):
    """The rules for calling back dropped calls. All defaults are our own."""

    expire_minutes: Annotated[int, Field(ge=5, le=10_080)] = Field(
        240, description="Minutes after the last dropped call after which nobody need call back any more"
    )
    attempts: Annotated[int, Field(ge=1, le=20)] = Field(
        3, description="Calls without an answer after which it is not tried again"
    )
    claim_minutes: Annotated[int, Field(ge=1, le=240)] = Field(
        10, description="Minutes after which a callback that was claimed is anybody's again if nothing is recorded"
    )
    same_operator_s: Annotated[int, Field(ge=0, le=3600)] = Field(
        30, description="Seconds for which a cut-off call is offered only to the operator who had it"
    )
    sample_share: Annotated[float, Field(ge=0, le=1)] = Field(
        0.05, description="Share of the expired that is drawn by chance and called all the same"
    )
    sample_minutes: Annotated[int, Field(ge=5, le=10_080)] = Field(
        1440, description="Minutes within which those that are drawn are called"
    )
    night_from: ClockTime = Field("22:00", description="Local time HH:MM, in quotes, at which the night begins")
    night_to: ClockTime = Field("05:00", description="and at which it ends")
    near_m: Annotated[int, Field(ge=50, le=20_000)] = Field(
        1000, description="Metres within which an open incident is nearby"
    )
    weights: CallbackWeights = Field(CallbackWeights(), description="Points by which they are ranked")

    def is_night(self, clock: datetime.time) -> bool:
        """Whether it is night at this local time."""
        now = clock.hour * 60 + clock.minute
        return (now - _minute(self.night_from)) % 1440 < (_minute(self.night_to) - _minute(self.night_from)) % 1440
