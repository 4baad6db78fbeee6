"""The HTTP schema of what a file did."""

from pydantic import BaseModel, Field

from sigap_common.http.schemas import like
from sigap_roster import examples


class ImportedOut(BaseModel):
    """What the rows of a file did."""

    model_config = like(examples.IMPORTED)

    added: int
    changed: int
    unchanged: int = Field(description="Rows that say what was known already")
