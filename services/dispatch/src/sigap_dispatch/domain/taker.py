"""Who may become responsible for an incident."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Taker:
    """A dispatcher, by the subject and the name of the token."""

    subject: str
    name: str | None = None
