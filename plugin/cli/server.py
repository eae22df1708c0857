"""Run the plugin: everything in one process, or webhooks and work apart."""

from __future__ import annotations

import json
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click
import structlog

from plugin.app import House, build
from plugin.cli import log_to_stderr
from plugin.cli.house import open_house
from plugin.cli.people import invite_first
from plugin.ports import Rejected
from plugin.settings import Settings
from plugin.storage import sqlite_file
from plugin.work.drain import drain
from plugin.work.reconcile import reconcile_all

log = structlog.get_logger()


@click.command()
@click.option("--host", help="Address to listen on; FOLLOWTHROUGH_HOST.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port to listen on, 0 for any free one; FOLLOWTHROUGH_PORT."
)
def serve(host: str | None, port: int | None) -> None:
    """Answer webhooks and do the work, in one process.

    \b
    Example: followthrough serve --port 8080
    Settings come from the environment (docs/settings.md); stop it with Ctrl-C or SIGTERM.
    """
    _run(Settings(), host, port, work=True)


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on.")
def web(host: str | None, port: int | None) -> None:
    """Answer webhooks only; run `followthrough work` beside it, on PostgreSQL.

    \b
    Example: followthrough web --port 8080
    """
    _run(Settings(workers=0), host, port, work=False)


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now and stop.")
def work(once: bool) -> None:
    """Do the waiting jobs.

    \b
    Example: followthrough work --once
    """
    if once:
        with open_house() as house:
            click.echo(f"{drain(house.tools)} jobs done or tried")
        return
    settings = Settings()
    log_to_stderr(settings.log_level)
    house = build(settings)
    stop = _stop_on_signals()
    house.start()
    stop.wait()
    house.close()


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def reconcile(as_json: bool) -> None:
    """Ask the helpdesks now for what no webhook told.

    \b
    Example: followthrough reconcile
    """
    with open_house() as house:
        outcomes = reconcile_all(house.tools)
    if as_json:
        click.echo(json.dumps(outcomes))
    for account, outcome in outcomes.items() if not as_json else ():
        click.echo(f"{account}: {outcome}")


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def make_server(house: House, host: str, port: int):  # type: ignore[no-untyped-def] # waitress ships no types
    """Waitress, set so that 300 stalled connections cost nothing (DESIGN §9): its defaults stop at 100."""
    from waitress import create_server

    from plugin.web.turns import SEND_BYTES, SWITCH, Turns

    sys.setswitchinterval(SWITCH)
    turns = Turns(house.storage, house.settings.threads)
    proxy = house.settings.trusted_proxy
    forwarded = {"trusted_proxy": proxy, "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # waitress would rather not have send_bytes set
        return create_server(
            house.web(turns.keep),
            host=host,
            port=port,
            _dispatcher=turns,
            send_bytes=SEND_BYTES,
            connection_limit=2000,
            asyncore_use_poll=True,
            max_request_body_size=1_100_000,
            channel_timeout=30,
            cleanup_interval=10,
            backlog=1024,
            ident="followthrough",
            clear_untrusted_proxy_headers=True,
            **(forwarded if proxy else {}),
        )


def _listen(house: House, host: str, port: int):  # type: ignore[no-untyped-def] # waitress ships no types
    try:
        return make_server(house, host, port)
    except (OSError, ValueError) as error:
        house.close()
        said = error.strerror if isinstance(error, OSError) else str(error)
        raise Rejected(f"cannot listen on {host}:{port}: {said}; give others with --host and --port") from None


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """One server for one SQLite file: two writers make each other wait for a second and more (docs/house.md). The lock
    is the system's, so it dies with the process. Rejected while another server holds it."""
    path = sqlite_file(settings.database_url)
    try:
        import fcntl
    except ImportError:  # Windows: not refused, only slow
        fcntl = None  # type: ignore[assignment]
    if path is None or fcntl is None or not path.parent.is_dir():
        yield
        return
    with path.with_name(path.name + ".serving").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Rejected(
                f"another Followthrough serves {path} already: stop it first, or give this one its own with "
                "FOLLOWTHROUGH_HOME; for several processes on one database use PostgreSQL (docs/settings.md)"
            ) from None
        yield


def _run(settings: Settings, host: str | None, port: int | None, *, work: bool) -> None:
    log_to_stderr(settings.log_level)
    with _alone(settings):
        _serve(settings, host, port, work=work)


def _serve(settings: Settings, host: str | None, port: int | None, *, work: bool) -> None:
    house = build(settings)
    server = _listen(house, host or settings.host, settings.port if port is None else port)
    signal.signal(signal.SIGTERM, _leave)
    if work:
        house.start()
    url = f"http://{server.effective_host}:{server.effective_port}"
    log.info("serving", url=url, workers=settings.workers if work else 0)
    click.echo(f"Followthrough listens on {url}", err=True)
    invite_first(house, url)
    try:
        server.run()
    finally:
        server.close()
        house.close()
        log.info("stopped")


def _leave(number: int, frame: FrameType | None) -> None:
    """Leave the server's loop; requests in hand are answered, jobs in hand are finished or given back."""
    sys.exit(0)
