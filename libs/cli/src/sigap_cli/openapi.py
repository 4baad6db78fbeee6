"""`sigap openapi`: the HTTP API as one document, made without a running service."""

import json
from typing import Annotated

import typer

from sigap_cli.console import CANNOT_LOAD, fail

app = typer.Typer(add_completion=False)


@app.command()
def openapi(
    service: Annotated[list[str] | None, typer.Option("--service", help="Only this one's; may be repeated")] = None,
) -> None:
    """Print the OpenAPI document of all services, or of one. Nothing is started."""
    print(json.dumps(document(service), indent=2, ensure_ascii=False))


def document(names: list[str] | None = None) -> dict[str, object]:
    """The merged document of the installed services, or of the named ones."""
    from tempfile import TemporaryDirectory

    from sigap_common.app.application import create_app
    from sigap_common.app.carrier import bus_of
    from sigap_common.app.host import runtimes
    from sigap_common.app.manifest import services
    from sigap_common.app.plugins import CannotLoad
    from sigap_common.core.settings import CommonSettings
    from sigap_common.http.openapi import merged_openapi

    try:
        found = services(names)
    except CannotLoad as error:
        fail(str(error), CANNOT_LOAD)
    with TemporaryDirectory() as folder:
        common = CommonSettings.model_validate({"data_dir": folder, "bus_url": "embedded://", "environment": "demo"})
        bus = bus_of(common)
        return merged_openapi([create_app(runtime) for runtime in runtimes(found, common, bus)])
