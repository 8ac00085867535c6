"""
The command line `qingyi`.

A command is a module of `api/commands`, imported only when it is asked for: `qingyi migrate` needs no web framework and
starts in a fraction of the time.
"""

import importlib
import sys
from collections.abc import Iterable

import typer

# Name on the command line: module, and its function or (for commands with commands of their own) typer application.
COMMANDS = {
    "run": ("api.commands.run", "run"),
    "serve": ("api.commands.serve", "serve"),
    "worker": ("api.commands.worker", "worker"),
    "migrate": ("api.commands.migrate", "migrate"),
    "reindex": ("api.commands.reindex", "reindex"),
    "demo": ("api.commands.demo", "demo"),
    "staff": ("api.commands.staff", "staff"),
    "grant": ("api.commands.grant", "grant"),
    "import-listings": ("api.commands.import_listings", "import_listings"),
    "export-schema": ("api.commands.export_schema", "export_schema"),
    "keys": ("api.commands.keys", "keys"),
    "lottery": ("api.commands.lottery", "lottery"),
    "ledger": ("api.commands.ledger", "ledger"),
    "care-fund": ("api.commands.care_fund", "care_fund"),
    "doctor": ("api.commands.doctor", "doctor"),
}


def application(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The typer application with these commands."""
    app = typer.Typer(name="qingyi", no_args_is_help=True, pretty_exceptions_show_locals=False)
    app.callback()(_qingyi)
    for name in names:
        module, attribute = COMMANDS[name]
        command = getattr(importlib.import_module(module), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def _qingyi() -> None:
    """Qingyi (青驿): the backend of a province's youth services."""


def main() -> None:
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    application([asked] if asked in COMMANDS else COMMANDS)()


if __name__ == "__main__":
    main()
