"""What is wrong with a pack, and where."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST_ERRORS = 1000


@dataclass(frozen=True, slots=True)
class PackError:
    """One error. `pointer` is a JSON pointer (RFC 6901) into the document, `line` counts from 1."""

    pointer: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        line = f"line {self.line}, " if self.line else ""
        return f"{line}{self.pointer or 'document'}: {self.message}"


class InvalidPack(Exception):
    """A document that is no pack; `errors` has all that is wrong with it (at most MOST_ERRORS)."""

    def __init__(self, errors: Sequence[PackError]) -> None:
        self.errors = tuple(errors[:MOST_ERRORS])
        more = f" (and {len(errors) - 5} more)" if len(errors) > 5 else ""
        super().__init__("; ".join(str(error) for error in errors[:5]) + more)


def pointer(*path: str | int) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def duplicates(codes: Iterable[tuple[str, str]]) -> Iterable[PackError]:
    """An error for each (pointer, code) whose code an earlier one has."""
    first: dict[str, str] = {}
    for place, code in codes:
        if code in first:
            yield PackError(place, f"{code!r} is used before, at {first[code]}")
        first.setdefault(code, place)
