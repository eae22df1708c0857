"""Serve the accounts of a sandbox on localhost, one port each."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from werkzeug.serving import BaseWSGIServer, make_server

from plugin.ports import Clock
from plugin.sandbox.account import Account, Setup, make_account
from plugin.sandbox.application import Application, Handler
from plugin.sandbox.freshdesk.account import FreshAccount, make_fresh_account
from plugin.sandbox.freshdesk.api import FreshApplication
from plugin.sandbox.freshdesk.state import FreshState
from plugin.sandbox.keeping import load_states, save_states
from plugin.sandbox.zendesk_api import ZendeskApplication

AnyAccount = Account | FreshAccount


class Sandbox:
    """Accounts by key, each with its server. Use as a context manager, or `close` it."""

    def __init__(self, clock: Clock, host: str = "127.0.0.1", state_file: Path | None = None) -> None:
        self.clock = clock
        self.accounts: dict[str, AnyAccount] = {}
        self._host, self._file = host, state_file
        self._servers: list[BaseWSGIServer] = []
        self._closed = threading.Event()

    @property
    def account(self) -> Account:
        """The first Zendesk account."""
        return next(account for account in self.accounts.values() if isinstance(account, Account))

    @property
    def freshdesk(self) -> FreshAccount:
        """The first Freshdesk account."""
        return next(account for account in self.accounts.values() if isinstance(account, FreshAccount))

    @property
    def url(self) -> str:
        """The first account's URL, without a slash at the end."""
        return next(iter(self.accounts.values())).url

    def add_account(self, setup: Setup, port: int = 0) -> AnyAccount:
        """One more account, served on a port of its own; the same key gives the same account."""
        if setup.key not in self.accounts:
            make = make_fresh_account if setup.helpdesk == "freshdesk" else make_account
            self.serve(make(self.clock, setup), port)
        return self.accounts[setup.key]

    def serve(self, account: AnyAccount, port: int = 0) -> None:
        """Start the server of an account."""
        server = make_server(self._host, port, _application(self, account), threaded=True, request_handler=Handler)
        account.url = f"http://{self._host}:{server.server_port}"
        self.accounts[account.key] = account
        self._servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def flush(self, timeout: float = 60.0) -> bool:
        """Wait until all deliveries of all accounts are done or given up."""
        return all(account.webhooks.flush(timeout) for account in self.accounts.values())

    def deliveries(self) -> list[dict[str, Any]]:
        """Every delivery of every account with its status and attempts; see deliveries.Invocation."""
        return [row for account in self.accounts.values() for row in account.webhooks.deliveries()]

    def save(self) -> None:
        """Write the state to its file, if it has one."""
        if self._file is None:
            return
        locks = [account.desk.lock for account in self.accounts.values()]
        for lock in locks:
            lock.acquire()
        try:
            for account in self.accounts.values():
                account.desk.changed.clear()
            save_states([account.desk.state for account in self.accounts.values()], self._file)
        finally:
            for lock in locks:
                lock.release()

    def keep_saving(self, every: float = 0.5) -> None:
        """Save whenever something changed, until closed."""

        def run() -> None:
            while not self._closed.wait(every):
                if any(account.desk.changed.is_set() for account in self.accounts.values()):
                    self.save()

        threading.Thread(target=run, daemon=True).start()

    def close(self) -> None:
        """Stop serving and sending; save the state."""
        self._closed.set()
        for account in self.accounts.values():
            account.close()
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self.save()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_unused: object) -> None:
        self.close()


def open_sandbox(
    clock: Clock, *, host: str = "127.0.0.1", port: int = 0, setup: Setup | None = None, state_file: Path | None = None
) -> Sandbox:
    """A running sandbox with one account, or with those of `state_file` when that exists (`port` is the first's)."""
    sandbox = Sandbox(clock, host, state_file)
    if state_file is not None and state_file.exists():
        for number, state in enumerate(load_states(state_file)):
            account = FreshAccount(state, clock) if isinstance(state, FreshState) else Account(state, clock)
            sandbox.serve(account, port if number == 0 else 0)
    else:
        sandbox.add_account(setup or Setup("main"), port)
    return sandbox


def _application(sandbox: Sandbox, account: AnyAccount) -> Application:
    if isinstance(account, FreshAccount):
        return FreshApplication(sandbox, account)
    return ZendeskApplication(sandbox, account)
