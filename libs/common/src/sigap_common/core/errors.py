"""Problem documents (RFC 9457) as exceptions, which use cases and domains raise. Nothing here depends on HTTP's
machinery.

A subclass with its own `slug` is a new problem type. Defining the class registers it. Its title and detail are the
texts `problems.<slug>.title` and `.detail` in the catalogue of the package that defines it.
"""

from ast import literal_eval
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from re import compile as regex
from typing import Any, ClassVar, Self

from pydantic import ValidationError

from sigap_common.core.formats import name_of
from sigap_common.core.limits import MOST_FAULTS, Unnamed
from sigap_common.core.texts import Word

_RESERVED = frozenset({"type", "title", "status", "detail", "instance", "trace_id", "errors"})


@dataclass(frozen=True, slots=True)
class ProblemType:
    slug: str
    status: int
    package: str


_declared: dict[str, ProblemType] = {}


def declared() -> Mapping[str, ProblemType]:
    """All problem types of the packages imported so far, by slug."""
    return dict(_declared)


class Problem(Exception):
    """A refusal, which is answered as a problem document (RFC 9457). `params` fill the texts and are shown as the
    document's extension members.

    The texts show a member of an enumeration by its text `words.<value>`, if the catalogue has one, and a time on the
    clock of the regency that the parameter `regency` names. They show the regencies whose codes are `regency` and `to`
    by their names.

    `reason` names a text `reasons.<reason>` in the catalogue of the service (or of sigap_common). It is more exact than
    the type's own detail. No parameter holds personal data in clear.
    """

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal-error"

    def __init__(
        self, reason: str | None = None, /, *, headers: Mapping[str, str] | None = None, **params: object
    ) -> None:
        if reserved := _RESERVED & params.keys():
            raise ValueError(f"reserved by RFC 9457: {sorted(reserved)}")
        super().__init__(self.slug if reason is None else f"{self.slug}: {reason}")
        self.reason = reason
        self.headers = dict(headers or {})
        self.params = params

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "slug" in cls.__dict__:
            _declare(cls.slug, cls.status, cls.__module__.partition(".")[0])


def _declare(slug: str, status: int, package: str) -> None:
    kind = ProblemType(slug, status, package)
    if _declared.setdefault(slug, kind) != kind:
        raise ValueError(f"problem type {slug!r} is declared twice with different meanings")


_declare(Problem.slug, Problem.status, "sigap_common")
_declare("other", 400, "sigap_common")


class BadRequest(Problem):
    status, slug = 400, "bad-request"


class MalformedJson(Problem):
    """The body is not JSON. `position` is the character, counted from 0, at which the JSON is wrong."""

    status, slug = 400, "malformed-json"


class IdempotencyKeyMissing(Problem):
    status, slug = 400, "idempotency-key-missing"


class NotAuthenticated(Problem):
    """The request has no token, or one that is not accepted (RFC 6750)."""

    status, slug = 401, "not-authenticated"

    def __init__(self, reason: str | None = None, /, **params: object) -> None:
        challenge = "Bearer" if reason is None else 'Bearer error="invalid_token"'
        super().__init__(reason, headers={"WWW-Authenticate": challenge}, **params)


class Forbidden(Problem):
    status, slug = 403, "forbidden"


class RoleMissing(Forbidden):
    slug = "role-missing"

    def __init__(self, roles: Sequence[str]) -> None:
        super().__init__(
            headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
            roles=list(roles),
        )


class RegencyForbidden(Forbidden):
    slug = "regency-forbidden"

    def __init__(self, regency: str) -> None:
        super().__init__(regency=regency)


class KeptAnswerForbidden(Forbidden):
    """The stored answer under this Idempotency-Key was given to a token with rights that this token does not have."""

    slug = "kept-answer-forbidden"


class NotFound(Problem):
    """The object does not exist, or the token may not see it. The answer is the same."""

    status, slug = 404, "not-found"


class MethodNotAllowed(Problem):
    status, slug = 405, "method-not-allowed"

    def __init__(self, allowed: Iterable[str]) -> None:
        """`allowed`: the methods that the address has."""
        methods = ", ".join(sorted(allowed))
        super().__init__(headers={"Allow": methods}, allowed=methods)


class RequestTimeout(Problem):
    """The client began a request and did not send the rest in time."""

    status, slug = 408, "request-timeout"


class NotAcceptable(Problem):
    """`served` is the media type that the operation answers with."""

    status, slug = 406, "not-acceptable"

    def __init__(self, served: str) -> None:
        super().__init__(served=served)


class Conflict(Problem):
    status, slug = 409, "conflict"


class NotAllowed(Conflict):
    """A command that is impossible in the state that its aggregate is in."""

    slug = "not-allowed-in-state"

    def __init__(self, reason: str | None = None, /, *, state: str, **params: Any) -> None:
        super().__init__(reason, state=state, **params)


class PreconditionFailed(Problem):
    status, slug = 412, "precondition-failed"


class TooLarge(Problem):
    status, slug = 413, "too-large"


class UnsupportedMediaType(Problem):
    status, slug = 415, "unsupported-media-type"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request: where, and the text `validation.<kind>` filled with `params`.

    `place` begins with where it was sent (body, query, path, header, cookie), then names and indexes; of
    an uploaded table it is ("row", number, column's name). `params` are shown like those of a Problem; times among them
    are members of the error, too.
    """

    place: tuple[str | int, ...]
    kind: str
    params: Mapping[str, object]


class Invalid(Problem):
    """The request has wrong values. `errors` are Faults, which are rendered in the reader's language, or finished
    mappings `{"pointer": ..., "detail": ...}`. The first MOST_FAULTS are named; `unnamed` is the number of further ones
    that are not in `errors`. `error_count` is the number of all.
    """

    status, slug = 422, "invalid-request"

    def __init__(
        self,
        reason: str | None = None,
        /,
        *,
        errors: Sequence["Fault | Mapping[str, object]"] = (),
        unnamed: int = 0,
        **params: Any,
    ) -> None:
        self.errors = tuple(errors[:MOST_FAULTS])
        self.error_count = len(errors) + unnamed
        super().__init__(reason, **params, error_count=self.error_count)

    @classmethod
    def of(cls, error: ValidationError, place: tuple[str | int, ...] = ("body",)) -> Self:
        """From pydantic's own exception, such as that of a pack; `place` is what its locations are relative
        to.
        """
        named, unnamed = few_faults(error.errors(include_url=False), place)
        return cls(errors=named, unnamed=unnamed)


def faults(errors: Iterable[Mapping[str, object]], place: tuple[str | int, ...] = ()) -> list[Fault]:
    """Faults from pydantic's error details, without the input they quote."""
    return [_fault(error, place) for error in errors]


def few_faults(errors: Iterable[Mapping[str, object]], place: tuple[str | int, ...] = ()) -> tuple[list[Fault], int]:
    """The first MOST_FAULTS of the faults, and the number of the others."""
    named: list[Fault] = []
    unnamed = 0
    for error in errors:
        if isinstance(beyond := error.get("input"), Unnamed):
            unnamed += beyond.count
        elif len(named) < MOST_FAULTS:
            named.append(_fault(error, place))
        else:
            unnamed += 1
    return named, unnamed


def _fault(error: Mapping[str, object], place: tuple[str | int, ...]) -> Fault:
    where, context = error["loc"], error.get("ctx")
    steps = where if isinstance(where, tuple) else tuple(where) if isinstance(where, list) else ()
    return Fault(place + steps, str(error["type"]), _params(context) if isinstance(context, Mapping) else {})


_CHOICES = frozenset({"expected", "expected_tags", "expected_schemes", "discriminator"})
_CHOICE = regex(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s,]+""")
_IN_JSON = {"None": "null", "True": "true", "False": "false"}


def _params(context: Mapping[str, object]) -> dict[str, object]:
    """pydantic's, with lists for what it tells as English prose (`'a', 'b' or 'c'`), and with the name of a format."""
    told: dict[str, object] = {
        name: _choices(value) if name in _CHOICES and isinstance(value, str) else value
        for name, value in context.items()
    }
    if "pattern" in told:
        told["format"] = Word("sigap_common", f"formats.{name_of(told['pattern'])}")
    return told


def _choices(prose: str) -> list[str]:
    choices = _CHOICE.findall(prose)
    if len(choices) > 2 and choices[-2] == "or":
        del choices[-2]
    return [str(literal_eval(one)) if one[0] in "'\"" else _IN_JSON.get(one, one) for one in choices]


class IdempotencyKeyReused(Problem):
    status, slug = 422, "idempotency-key-reused"


class HeadersTooLarge(Problem):
    status, slug = 431, "headers-too-large"


class PreconditionRequired(Problem):
    status, slug = 428, "precondition-required"


class _Later(Problem):
    def __init__(self, reason: str | None = None, /, *, retry_after: int = 1, **params: object) -> None:
        """`retry_after` in seconds."""
        super().__init__(reason, headers={"Retry-After": str(retry_after)}, retry_after=retry_after, **params)


class IdempotencyInProgress(_Later):
    status, slug = 409, "idempotency-in-progress"


class TooManyRequests(_Later):
    status, slug = 429, "too-many-requests"


class Unavailable(_Later):
    status, slug = 503, "temporarily-unavailable"
