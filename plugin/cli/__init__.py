"""The command line: verbs with examples, errors with their fix, data on stdout and messages on stderr."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from plugin import __version__

COMMANDS = {
    "serve": ("server", "Answer webhooks and do the work, in one process."),
    "web": ("server", "Answer webhooks only."),
    "work": ("server", "Do the waiting jobs only."),
    "accounts": ("accounts", "Connect helpdesks: add, list, set, remove."),
    "people": ("people", "Decide who may sign in to the pages: add, list, remove, token."),
    "check": ("check", "Check an account's connection, each failure with its fix."),
    "jobs": ("jobs", "Look at waiting and buried jobs: list, retry, bury."),
    "deliveries": ("jobs", "Look at webhooks as they came, unreadable ones too."),
    "commitments": ("findings", "List promises by state."),
    "digest": ("digest", "Digests: preview, send a test, list."),
    "corrections": ("corrections", "What people said about findings: list, add, undo."),
    "causes": ("causes", "The list of causes: list, export, import, rename, merge, split, history; emerging ones."),
    "learn": ("learn", "Learn causes from corrections: now, why, list, revert."),
    "keys": ("keys", "The key that what is stored is encrypted with: make, rotate."),
    "preferences": ("preferences", "Contact preferences: link to the customer's page, merge contacts, overrides."),
    "explain": ("findings", "Say what is found in a ticket file, with every quote."),
    "evaluate": ("evaluate", "Measure a topic on labelled messages."),
    "reconcile": ("server", "Ask the helpdesks now for what no webhook told."),
    "package": ("package", "Build and check the app that a helpdesk installs."),
    "demo": ("demo", "Play ticket stories through a sandbox helpdesk and show the cards."),
}
"""Command → module of this package and one line of help: a command's module is imported when it is used."""


class _Lazy(click.Group):
    """A group that imports a command when it is asked for, so that `--help` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = getattr(import_module(f"plugin.cli.{COMMANDS[name][0]}"), name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="followthrough")
def root() -> None:
    """Keeps a company honest with its customers, inside its helpdesk.

    \b
    Try it:      followthrough demo
    Connect:     followthrough accounts add zendesk acme --url https://acme.zendesk.com
    Run it:      followthrough serve
    """


def cli(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. Expected errors are one line with the fix, never a stack trace."""
    from pydantic import ValidationError

    from plugin.ports import Rejected, Temporary

    try:
        result = root.main(args=list(arguments) if arguments is not None else None, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return 130
    except (Rejected, Temporary) as error:
        click.echo(f"Error: {error}", err=True)
        return 1
    except ValidationError as error:
        if error.title != "Settings":
            raise
        for wrong in error.errors(include_input=False, include_url=False):
            click.echo(f"Error: FOLLOWTHROUGH_{str(wrong['loc'][0]).upper()}: {wrong['msg']}", err=True)
        return 1
    return result if isinstance(result, int) else 0


def log_to_stderr(level: str) -> None:
    """Logs as JSON lines on stderr: ids and counts only, never a customer's words."""
    import structlog

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
