"""`sigap asyncapi`: the events as one document, made from contracts and manifests without a running service."""

import json
from enum import StrEnum
from typing import Annotated

import typer

from sigap_cli.console import CANNOT_LOAD, fail

app = typer.Typer(add_completion=False)


class Form(StrEnum):
    YAML = "yaml"
    JSON = "json"
    MARKDOWN = "markdown"


@app.command()
def asyncapi(
    form: Annotated[Form, typer.Option("--format", help="markdown: tables for people")] = Form.YAML,
) -> None:
    """Print the AsyncAPI document: topics, events, who writes and who reads them. Nothing is started."""
    print(rendered(form), end="")


def rendered(form: Form) -> str:
    """The document of the installed services as text."""
    from sigap_cli.asyncapi_document import asyncapi as document
    from sigap_cli.event_tables import markdown
    from sigap_common.app.manifest import services
    from sigap_common.app.plugins import CannotLoad

    try:
        found = services()
    except CannotLoad as error:
        fail(str(error), CANNOT_LOAD)
    if form is Form.MARKDOWN:
        return markdown(found)
    if form is Form.JSON:
        return json.dumps(document(found), indent=2, ensure_ascii=False) + "\n"
    import yaml

    return yaml.safe_dump(document(found), sort_keys=False, allow_unicode=True, width=110)
