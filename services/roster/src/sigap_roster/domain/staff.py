"""Staff: people who can be planned for shifts. They have no life cycle: an entry is replaced as a whole."""

from sigap_common.core.aggregate import Aggregate
from sigap_common.personal_data import Sealed


class StaffMember(Aggregate):
    name: Sealed
    contact: Sealed | None = None
    number: Sealed | None = None
    """The person's staff number in the centre."""
    number_hash: str | None = None
    """Finds the person by number. It is unique in a regency."""
    subject: str | None = None
    """The subject of the person's token; None: the person has no account."""
    agency: str | None = None
    """`<regency>/<code>`; None: the person works for the centre itself."""
    active: bool = True
