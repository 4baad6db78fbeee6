"""Options that several commands have."""

from typing import Annotated

import typer

DEFAULT_URL = "http://127.0.0.1:8112"

Url = Annotated[str, typer.Option("--url", envvar="SIGAP_URL", help="The origin of the services")]
Token = Annotated[
    str | None,
    typer.Option(
        "--token", envvar="SIGAP_TOKEN", help="A bearer token; none: a demonstration token", show_default=False
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else")]
