"""Say in whose window a page of ours may stand, and what it may load there."""

from __future__ import annotations

from urllib.parse import urlsplit

from plugin.ports import Account


def stands_in(account: Account, origin: str) -> bool:
    """Is this the address of the account's own windows? It is told by whoever asks and proves nothing."""
    try:
        ours, theirs = urlsplit(account.host), urlsplit(origin)
    except ValueError:
        return False
    return bool(theirs.netloc) and (ours.scheme, ours.netloc.lower()) == (theirs.scheme, theirs.netloc.lower())


def content_policy(account: Account, client: str) -> str:
    """Nothing but our own files, the helpdesk's own script, and only inside this account's own windows."""
    script = f" {urlsplit(client).scheme}://{urlsplit(client).netloc}" if client else ""
    return (
        f"default-src 'none'; script-src 'self'{script}; style-src 'self'; connect-src 'self'; img-src 'self'; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {account.host}"
    )
