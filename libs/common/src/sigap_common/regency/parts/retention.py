"""The days for which personal data is kept."""

from uuid import UUID

from pydantic import Field

from sigap_common.regency.parts.base import Days, Name, Part


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
