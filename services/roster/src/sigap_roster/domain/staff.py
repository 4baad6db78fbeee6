"""Staff: people who can be planned for shifts. They have no life cycle: an entry is replaced as a whole."""

from datetime import date
from enum import StrEnum

from sigap_common.core.aggregate import Aggregate
from sigap_common.personal_data import Sealed
from sigap_common.regency import Employment


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


class StaffMember(Aggregate):
    name: Sealed
    contact: Sealed | None = None
    number: Sealed | None = None
    """The person's staff number in the centre."""
    number_hash: str | None = None
    """The keyed hash by which a person is found from the number. It is unique in a regency."""
    subject: str | None = None
    """The subject of the person's token; None: the person has no account."""
    agency: str | None = None
    """`<regency>/<code>`; None: the person works for the centre itself."""
    active: bool = True
    employment: Employment | None = None
    sex: Sex | None = None
    """Only known if a rule of the pack needs it."""
    no_nights_until: Sealed | None = None
    """The last day, YYYY-MM-DD, on which the person may not begin a night. The reason is not stored."""

    def nights_barred_on(self, day: date) -> bool:
        return self.no_nights_until is not None and day <= date.fromisoformat(self.no_nights_until.clear)
