"""Errors of a pack, each with its place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sigap_common.core.errors import Fault
from sigap_common.core.limits import MOST_FAULTS, brief
from sigap_common.core.texts import Texts

MOST_ERRORS = MOST_FAULTS


@dataclass(frozen=True, slots=True)
class PackError:
    """One error. `pointer` is a JSON pointer (RFC 6901) into the document, `line` counts from 1. Its message is the
    text `validation.<kind>` of sigap_common's catalogue, filled with `params`.
    """

    pointer: str
    kind: str
    params: Mapping[str, object] = field(default_factory=dict)
    line: int | None = None

    @property
    def message(self) -> str:
        """The message in English, for commands. Answers over HTTP use `fault`, which has the client's language."""
        texts, key = Texts.load("sigap_common"), f"validation.{self.kind}"
        return texts.get(key if key in texts else "validation.other", "en", **self._told())

    def _told(self) -> dict[str, object]:
        return {name: brief(value) if isinstance(value, str) else value for name, value in self.params.items()}

    @property
    def fault(self) -> Fault:
        """The same error as a fault of a request whose body is the pack."""
        return Fault(("body", *steps(self.pointer)), self.kind, self.params)

    def __str__(self) -> str:
        line = f"line {self.line}, " if self.line else ""
        return f"{line}{brief(self.pointer) or 'document'}: {self.message}"


class InvalidPack(Exception):
    """A document is not a valid pack. `errors` has the first MOST_ERRORS errors. `count` is the number of all errors:
    those given, and `unnamed` further ones.
    """

    def __init__(self, errors: Sequence[PackError], unnamed: int = 0) -> None:
        self.errors = tuple(errors[:MOST_ERRORS])
        self.count = len(errors) + unnamed
        more = f" (and {self.count - 5} more)" if self.count > 5 else ""
        super().__init__("; ".join(str(error) for error in errors[:5]) + more)


def pointer(*path: str | int) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def steps(place: str) -> list[str]:
    """The steps of a JSON pointer, unescaped."""
    return [step.replace("~1", "/").replace("~0", "~") for step in place.split("/")[1:]]


def duplicates(codes: Iterable[tuple[str, str]]) -> Iterable[PackError]:
    """An error for each (pointer, code) whose code an earlier one has."""
    first: dict[str, str] = {}
    for place, code in codes:
        if code in first:
            yield PackError(place, "pack.used_before", {"code": code, "at": first[code]})
        first.setdefault(code, place)
