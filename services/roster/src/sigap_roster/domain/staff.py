"""Who can be rostered. No life cycle: what is known of a person is replaced as a whole."""

from sigap_common.core.aggregate import Aggregate
from sigap_common.personal_data import Sealed


class StaffMember(Aggregate):
    name: Sealed
    contact: Sealed | None = None
    number: Sealed | None = None
    """The number that the centre knows the person by."""
    number_hash: str | None = None
    """For finding it: once in a regency."""
    subject: str | None = None
    """That of the person's token; none: has no account."""
    agency: str | None = None
    """`<regency>/<code>`; none: of the centre itself."""
    active: bool = True
