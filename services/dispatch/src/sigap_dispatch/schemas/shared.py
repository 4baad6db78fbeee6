"""Types that several schemas use."""

from typing import Annotated

from pydantic import Field

Priority = Annotated[int, Field(ge=1, le=5, description="1 is the most urgent")]
