"""The agencies of a regency, their units and the doors where they are told."""

from typing import Annotated

from pydantic import AfterValidator, Field, JsonValue

from sigap_common.core.callsigns import callsign as one_form
from sigap_common.regency.parts.base import Code, Latitude, Longitude, Name, Part, Telephone


class Endpoint(Part):
    """One way to reach an agency, tried in the order of the list. Holds no secret."""

    channel: Code = Field(description="Name of the channel: desk, webhook, or that of an installed plugin")
    name: Code = Field(description="Name of this endpoint, unique within its agency")
    url: Annotated[str, Field(max_length=2000)] | None = Field(
        None, description="Where it delivers to, without user name or password"
    )
    secret_ref: Annotated[str, Field(max_length=200)] | None = Field(
        None,
        description="Where the signing secret is: a variable such as SIGAP_SECRET_99_01_FIRE, or a file of the "
        "secrets folder such as file:99.01-fire; the name carries the regency's code. Never the secret itself",
    )
    options: dict[str, JsonValue] = Field(
        default_factory=dict, description="Further options, which the channel's documentation describes"
    )


class AgencyUnit(Part):
    """A vehicle or a team that an agency sends out."""

    callsign: Annotated[str, Field(min_length=1, max_length=40), AfterValidator(one_form)] = Field(
        description="What people call it by radio; capitals and spaces do not matter"
    )
    kind: Code | None = Field(None, description="What it is, such as fire_engine or ambulance")
    capabilities: tuple[Code, ...] = Field((), max_length=20, description="What it can do, such as pump or ladder")


class Agency(Part):
    """An agency that is sent to help. If it has no endpoint, the desk channel tells it."""

    code: Code = Field(description="Code within the regency; elsewhere it is <regency>/<code>")
    name: Name = Field(description="Its name as people of the regency know it")
    kind: Code = Field(
        description="What it is: fire, health, ambulance, hospital, police, disaster, civil_police, "
        "transport, social, military, red_cross, women_children, communication or another word"
    )
    telephones: tuple[Telephone, ...] = Field((), max_length=20, description="Its duty desk, first choice first")
    capabilities: tuple[Code, ...] = Field(
        (), max_length=100, description="What it can do, such as ambulance, pump, boat"
    )
    lat: Latitude | None = Field(None, description="Latitude of its post, WGS 84")
    lon: Longitude | None = Field(None, description="Longitude of its post, WGS 84")
    endpoints: tuple[Endpoint, ...] = Field((), max_length=20, description="How it is reached, first choice first")
    units: tuple[AgencyUnit, ...] = Field(
        (),
        max_length=200,
        description="Its units: shown, and offered on its desk, before it sends them. It may name others, too",
    )
