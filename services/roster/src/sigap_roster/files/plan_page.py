"""The month plan as a page of HTML for printing: A4 landscape, no script, no file beside it."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from html import escape
from zoneinfo import ZoneInfo

from sigap_common.core.texts import Language, Texts
from sigap_common.regency import Pack, Shift
from sigap_roster.domain import Roster
from sigap_roster.domain.hours import Share
from sigap_roster.domain.month_plan import MonthPlan, PersonLine, Seats

_TEXTS, _COMMON = Texts.load("sigap_roster"), Texts.load("sigap_common")
_SHARED = ("nights", "weekends", "holidays")
_MOST_ROOMY = 15
"""So many people have larger lines on one A4 page."""
_STYLE = """
@page { size: A4 landscape; margin: 8mm; }
* { box-sizing: border-box; }
body { font: 8pt/1.25 "Noto Sans", "DejaVu Sans", Arial, sans-serif; color: #000; background: #fff; margin: 0; }
section { padding: 4mm; break-after: page; }
section:last-child { break-after: auto; }
h1 { font-size: 14pt; margin: 0 0 1mm; }
p { margin: 0 0 1.5mm; }
table { border-collapse: collapse; table-layout: fixed; width: calc(100% - 0.5mm); margin: 2mm 0; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { border: 0.2mm solid #666; padding: 0.4mm 0.5mm; text-align: center; font-variant-numeric: tabular-nums; }
th:first-child { text-align: left; overflow-wrap: anywhere; }
.names { width: 43mm; }
.sums { width: 14mm; }
.roomy { font-size: 9pt; }
.roomy td, .roomy th { padding-top: 1.2mm; padding-bottom: 1.2mm; }
thead th { font-size: 7.5pt; padding-left: 0; padding-right: 0; }
thead th:first-child { padding-left: 0.5mm; }
th { font-weight: 600; background: #f0f0f0; }
.free { background: #e2e2e2; }
.holiday { background: #c9c9c9; font-weight: 700; }
.open { background: #000; color: #fff; font-weight: 700; }
.number { color: #444; font-weight: 400; white-space: nowrap; }
.draft { border: 0.6mm solid #000; padding: 0.5mm 2mm; font-weight: 700; display: inline-block; }
.signed { display: flex; gap: 30mm; margin-top: 6mm; break-inside: avoid; }
.signed div { width: 60mm; border-bottom: 0.2mm solid #000; height: 16mm; }
@media print { section { padding: 0; } .free, .holiday, .open, th { print-color-adjust: exact; } }
"""
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""The Content-Security-Policy of the page: its own style and nothing else."""


@dataclass(frozen=True, slots=True)
class PlanPage:
    """What the page shows. `numbers`: whether it shows staff numbers, which only leaders see."""

    roster: Roster
    pack: Pack
    months: Sequence[MonthPlan]
    spoken: Language
    numbers: bool
    made_at: datetime
    is_draft: bool

    def html(self) -> str:
        title = self.say("title", regency=self.pack.name)
        body = "".join(map(self._month, self.months))
        return (
            f'<!doctype html><html lang="{self.spoken}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
            f"<style>{_STYLE}</style></head><body>{body}</body></html>"
        )

    def say(self, key: str, **params: object) -> str:
        return _TEXTS.get(f"page.{key}", self.spoken, **params)

    def _month(self, plan: MonthPlan) -> str:
        named = f"{_COMMON.get(f'months.{plan.days[0].month}', self.spoken)} {plan.days[0].year}"
        return (
            f"<section><h1>{escape(self.say('title', regency=self.pack.name))}: {escape(named)}</h1>"
            f"{self._state()}{self._legend()}"
            f'<table class="{"roomy" if len(plan.lines) <= _MOST_ROOMY else ""}"><colgroup><col class="names">'
            f'<col span="{len(plan.days)}"><col class="sums" span="4"></colgroup>'
            f"<thead>{self._head(plan)}</thead><tbody>{''.join(self._seat_rows(plan))}"
            f"{''.join(self._person(plan, line) for line in plan.lines)}</tbody></table>"
            f"{self._gaps(plan)}{self._holidays(plan)}<p>{escape(self.say('shares'))}</p>{self._signed()}</section>"
        )

    def _state(self) -> str:
        at = self.made_at.astimezone(ZoneInfo(self.pack.time_zone))
        made = escape(self.say("made", at=at))
        if self.is_draft:
            return f'<p><span class="draft">{escape(self.say("draft"))}</span> {made}</p>'
        return f"<p>{escape(self.say('published', version=self.roster.published_version))} {made}</p>"

    def _legend(self) -> str:
        marks = self._marks()
        shifts = "; ".join(
            f"<b>{escape(marks[one.code])}</b> {escape(one.name)} {one.start}–{one.end}" for one in self._shifts()
        )
        handover = self.pack.shifts.handover_minutes
        told = self.say("handover", minutes=handover) if handover else self.say("no-handover")
        return f"<p>{shifts}. {escape(told)}</p>"

    def _head(self, plan: MonthPlan) -> str:
        weekdays = self.say("weekdays").split()
        days = "".join(
            f'<th class="{_kind(day, plan)}">{day.day}<br>{escape(weekdays[day.weekday()])}</th>' for day in plan.days
        )
        sums = "".join(f"<th>{escape(self.say(f'columns.{name}'))}</th>" for name in ("hours", *_SHARED))
        return f"<tr><th>{escape(self.say('columns.name'))}</th>{days}{sums}</tr>"

    def _seat_rows(self, plan: MonthPlan) -> Iterator[str]:
        for shift in self._shifts():
            cells = "".join(_seat_cell(plan.seats[day, shift.code], _kind(day, plan)) for day in plan.days)
            name = self.say("seats", shift=shift.name)
            yield f'<tr><th>{escape(name)}</th>{cells}<td colspan="4"></td></tr>'

    def _person(self, plan: MonthPlan, line: PersonLine) -> str:
        marks = self._marks()
        cells = "".join(
            f'<td class="{_kind(day, plan)}">{escape("+".join(marks.get(c, c) for c in line.shifts.get(day, ())))}</td>'
            for day in plan.days
        )
        number = line.person.number.clear if line.person.number and self.numbers else ""
        told = f' <span class="number">{escape(number)}</span>' if number else ""
        counts = (f"{line.hours:g}", *(_share(line.shares[what]) for what in _SHARED))
        sums = "".join(f"<td>{self._decimals(one)}</td>" for one in counts)
        return f"<tr><th>{escape(line.person.name.clear)}{told}</th>{cells}{sums}</tr>"

    def _decimals(self, text: str) -> str:
        return text.replace(".", ",") if self.spoken == "id" else text

    def _gaps(self, plan: MonthPlan) -> str:
        names = {one.code: one.name for one in self._shifts()}
        found = [self.say("gap", day=day.day, shift=names[shift], open=open_) for day, shift, open_ in plan.gaps()]
        told = self.say("gaps", gaps="; ".join(found)) if found else self.say("no-gaps")
        return f"<p><b>{escape(told)}</b></p>"

    def _holidays(self, plan: MonthPlan) -> str:
        if not plan.holidays:
            return ""
        told = "; ".join(f"{_days(days)} {name}" for name, days in _by_name(plan.holidays))
        return f"<p>{escape(self.say('holidays', holidays=told))}</p>"

    def _signed(self) -> str:
        names = (self.say("signed.planner"), self.say("signed.leader"))
        return f'<div class="signed">{"".join(f"<div>{escape(name)}</div>" for name in names)}</div>'

    def _shifts(self) -> tuple[Shift, ...]:
        return self.pack.shifts.shifts

    def _marks(self) -> Mapping[str, str]:
        return marks_of([shift.code for shift in self._shifts()])


def marks_of(codes: Sequence[str]) -> dict[str, str]:
    """A short mark for each code: its first letters, as many as tell all codes apart."""
    longest = max(map(len, codes), default=0)
    length = next((n for n in range(1, longest) if len({code[:n] for code in codes}) == len(set(codes))), longest)
    return {code: code[:length].upper() for code in codes}


def _by_name(holidays: Mapping[date, str]) -> list[tuple[str, list[date]]]:
    """The holidays in the order of time; successive days of one name together."""
    found: list[tuple[str, list[date]]] = []
    for day, name in holidays.items():
        if found and found[-1][0] == name and (day - found[-1][1][-1]).days == 1:
            found[-1][1].append(day)
        else:
            found.append((name, [day]))
    return found


def _days(days: Sequence[date]) -> str:
    return f"{days[0].day}" if len(days) == 1 else f"{days[0].day}–{days[-1].day}"


def _kind(day: date, plan: MonthPlan) -> str:
    return "holiday" if day in plan.holidays else "free" if day.weekday() >= 5 else ""


def _seat_cell(seats: Seats, kind: str) -> str:
    if seats.open:
        return f'<td class="open">{seats.filled}/{seats.wanted}</td>'
    return f'<td class="{kind}">{seats.filled}</td>'


def _share(one: Share) -> str:
    return f"{one.count:g}" if one.share is None else f"{one.count:g}/{one.share:.1f}"
