"""`sigap migrate`: brings databases to their newest revision and makes the topics."""

from typing import Annotated

import typer

from sigap_cli.console import CANNOT_LOAD, DONE, err, fail, finish, say_new

app = typer.Typer(add_completion=False)

Services = Annotated[
    list[str] | None, typer.Argument(metavar="[SERVICE]...", help="Names; none: every service installed")
]


@app.command()
def migrate(
    services: Services = None,
    topics: Annotated[bool, typer.Option(help="Make the topics too; not if others make them, such as Strimzi")] = True,
) -> None:
    """Bring the services' databases to their newest revision and make the bus's topics."""
    finish(_migrate(services, topics=topics))


async def _migrate(names: list[str] | None, *, topics: bool) -> int:
    from sigap_common.app.migrations import upgrade_all
    from sigap_common.app.plugins import CannotLoad
    from sigap_common.bus import BusUnavailable
    from sigap_common.core.production import UnsafeSettings
    from sigap_common.core.settings import CommonSettings
    from sigap_common.database import Unavailable

    common = CommonSettings()
    if common.bus_url == "embedded://" and not (common.data_dir / "bus.sqlite3").exists():
        say_new(common.data_dir)
    try:
        await upgrade_all(names, make_topics=topics)
    except CannotLoad as error:
        fail(str(error), CANNOT_LOAD)
    except UnsafeSettings as unsafe:
        fail(str(unsafe))
    except (Unavailable, BusUnavailable) as away:
        fail(f"Not migrated: {away}")
    err.print("migrated: " + (", ".join(names) if names else "every service"))
    return DONE
