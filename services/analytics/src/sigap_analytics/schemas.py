"""The schemas of requests and answers over HTTP."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from sigap_analytics import examples
from sigap_analytics.domain.catalogue import FIGURES, Figure, Group, Unit
from sigap_analytics.domain.figures import Row, Value
from sigap_analytics.domain.periods import Grain, Period
from sigap_analytics.service import Answer, Scope, Summary
from sigap_common.core.texts import LANGUAGES, Texts
from sigap_common.http.schemas import like
from sigap_common.http.types import RegencyCode

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TEXTS = Texts.load("sigap_analytics")


def _date_text(value: object) -> object:
    """Accepts only YYYY-MM-DD: pydantic would accept a number as a Unix time."""
    if isinstance(value, str) and not _DATE.fullmatch(value):
        raise PydanticCustomError("date_parsing", "Input should be a date as YYYY-MM-DD")
    return value


LocalDay = Annotated[
    date,
    BeforeValidator(_date_text),
    WithJsonSchema({"type": "string", "format": "date", "maxLength": 10}),
]


def _like(example: dict[str, Any]) -> ConfigDict:
    return like(example) | ConfigDict(populate_by_name=True, serialize_by_alias=True)


class PeriodAsked(BaseModel):
    """Whole days by the regency's own clock, the first and the last included."""

    model_config = ConfigDict(frozen=True)

    regency: RegencyCode | None = Field(
        None, description="None: all that the token covers, each by its own local days; with `*` the nation"
    )
    first: LocalDay = Field(alias="from", description="The first local day, YYYY-MM-DD", examples=["2024-02-01"])
    last: LocalDay = Field(
        alias="to", description="The last local day, included; at most five years", examples=["2024-02-29"]
    )
    drill: bool = Field(False, description="True: figures of drills alone. False: no figure includes a drill")

    @property
    def scope(self) -> Scope:
        return Scope(self.regency, Period(self.first, self.last), self.drill)


class FigureAsked(PeriodAsked):
    grain: Grain = Field(
        Grain.TOTAL,
        description="The length of the period's parts: at most 10,000 parts. Parts without a case are left out",
    )
    group: Group | None = Field(None, description="The groups of the cases, if the figure has them")


class FigureOut(BaseModel):
    """A figure's definition."""

    code: str
    name: dict[str, str] = Field(description="By language: id, en")
    definition: dict[str, str] = Field(description="By language: id, en")
    unit: Unit = Field(description="What is counted")
    value: Value = Field(
        description="What `value` is: the numerator (`count`), numerator / denominator (`share`), "
        "or the median in seconds (`median_s`)"
    )
    formula: str
    source: str = Field(description="Where the definition comes from")
    additive: bool = Field(
        description="Whether the parts' values add up to the whole's; numerators and denominators always do"
    )
    groups: tuple[Group, ...]
    timed: bool = Field(description="Whether it has percentiles")
    since: str = Field(description="The version whose definition this is")

    @classmethod
    def of(cls, figure: Figure) -> Self:
        named = {name: getattr(figure, name) for name in cls.model_fields.keys() - {"name", "definition"}}
        return cls(name=_text(figure, "name"), definition=_text(figure, "definition"), **named)


class FigureList(BaseModel):
    model_config = _like(examples.FIGURES)

    items: list[FigureOut]
    next: str | None = None


class RowOut(BaseModel):
    period: str | None = Field(description="2024-02, 2024-02-19 or 2024-02-19T10, local; null: the whole period")
    group: str | None = Field(description="`protected` holds all protected incidents; null: not grouped")
    numerator: int
    denominator: int
    value: float | None = Field(description="See the catalogue; null: no case, so no value")
    n: int | None = Field(description="How many times were measured; null: the figure has no times")
    percentiles: dict[str, float] | None = Field(
        description="p50, p90, p95 in seconds by nearest rank; null: nothing measured"
    )
    unmeasured: int = Field(description="Cases of the denominator whose time is missing, negative or over 24 h")
    parts: dict[str, int] = Field(description="The number of cases by outcome; an outcome that is left out has 0")

    @classmethod
    def of(cls, row: Row) -> Self:
        return cls(period=row.part, **{name: getattr(row, name) for name in cls.model_fields.keys() - {"period"}})


class AnswerOut(BaseModel):
    model_config = _like(examples.ANSWER)

    figure: str
    regency: str | None = Field(description="Null: all that the token covers")
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    grain: Grain
    group: Group | None
    drill: bool
    as_of: datetime = Field(description="What analytics had heard by then is in the figures")
    rows: list[RowOut]

    @classmethod
    def of(cls, answer: Answer, asked: FigureAsked) -> Self:
        return cls(
            **asked.model_dump(),
            figure=answer.figure.code,
            as_of=answer.as_of,
            rows=[RowOut.of(row) for row in answer.rows],
        )


class SummaryOut(BaseModel):
    figure: FigureOut
    total: RowOut
    groups: dict[Group, list[RowOut]]

    @classmethod
    def of(cls, code: str, summary: Summary) -> Self:
        groups = {group: [RowOut.of(row) for row in found] for group, found in summary.groups.items()}
        return cls(figure=FigureOut.of(FIGURES[code]), total=RowOut.of(summary.total), groups=groups)


class ReportOut(BaseModel):
    """All figures of a period, by code."""

    model_config = _like(examples.REPORT)

    regency: str | None = Field(description="Null: all that the token covers")
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    drill: bool
    as_of: datetime = Field(description="What analytics had heard by then is in the figures")
    figures: dict[str, SummaryOut]

    @classmethod
    def of(cls, figures: dict[str, Summary], asked: PeriodAsked, as_of: datetime) -> Self:
        summaries = {code: SummaryOut.of(code, summary) for code, summary in figures.items()}
        return cls(**asked.model_dump(), as_of=as_of, figures=summaries)


def _text(figure: Figure, part: str) -> dict[str, str]:
    key = f"figures.{figure.text or figure.code}.{part}"
    return {language: _TEXTS.get(key, language, **figure.params) for language in LANGUAGES}
