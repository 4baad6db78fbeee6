"""The list of commands. A command's module is imported when it is called, so that small commands start fast."""

import sys
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer
from typer.core import TyperGroup

from sigap_cli.console import CANNOT_LOAD, fail
from sigap_cli.signals import end_on_signals

COMMANDS = {
    "up": "sigap_cli.up",
    "run": "sigap_cli.run",
    "migrate": "sigap_cli.migrate",
    "backup": "sigap_cli.backup",
    "restore": "sigap_cli.restore",
    "reconcile": "sigap_cli.reconcile.command",
    "check-secrets": "sigap_cli.check_secrets",
    "drill": "sigap_cli.drill.command",
    "replay": "sigap_cli.replay.command",
    "token": "sigap_cli.token",
    "regency": "sigap_cli.regency.command",
    "dead-letters": "sigap_cli.dead_letters",
    "openapi": "sigap_cli.openapi",
    "asyncapi": "sigap_cli.asyncapi",
}
PLUGINS = "sigap.commands"


class Commands(TyperGroup):
    """The built-in commands, and those of installed packages (entry point group `sigap.commands`)."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return [*COMMANDS, *sorted(_plugins().keys() - COMMANDS.keys())]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if module := COMMANDS.get(cmd_name):
            command = typer.main.get_command(import_module(module).app)
            command.name = cmd_name
            return command
        point = _plugins().get(cmd_name)
        return _mounted(point) if point else None


def _plugins() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=PLUGINS)}


def _mounted(point: EntryPoint) -> Any:
    """The plugin's app as a command group with the entry point's name."""
    holder = typer.Typer(add_completion=False)
    holder.add_typer(_loaded(point), name=point.name)
    holder.callback()(lambda: None)
    group = typer.main.get_command(holder)
    assert isinstance(group, TyperGroup)
    return group.commands[point.name]


def _loaded(point: EntryPoint) -> typer.Typer:
    """The plugin's typer app: the entry point is the app, or returns it. If it cannot be loaded, the command ends with
    an error that names it.
    """
    try:
        found = point.load()
        app = found if isinstance(found, typer.Typer) else found()
    except Exception as error:
        fail(f"the command {point.name!r} ({point.value}) does not load: {error!r}", CANNOT_LOAD)
    if not isinstance(app, typer.Typer):
        fail(f"the command {point.name!r} ({point.value}) is no typer app", CANNOT_LOAD)
    return app


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def sigap() -> None:
    """Sigap 112. Exit codes: 0 done; 1 not achieved; 2 wrong usage; 3 refused by the service; 4 not reached;
    5 a plugin does not load."""


def main() -> None:
    end_on_signals()
    sys.exit(app(prog_name="sigap"))


if __name__ == "__main__":
    main()
