"""What several schemas have in common."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

Priority = Annotated[int, Field(ge=1, le=5, description="1 is the most urgent")]


def same(schema: type[BaseModel], value: object) -> dict[str, Any]:
    """The fields of a schema that the value has under the same name."""
    return {name: getattr(value, name) for name in schema.model_fields if hasattr(value, name)}
