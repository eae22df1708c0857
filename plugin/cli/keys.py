"""Make an encryption key, and seal what is stored with the newest one."""

from __future__ import annotations

import base64
import os

import click

from plugin.cli.house import open_house
from plugin.settings import Settings


@click.group()
def keys() -> None:
    """The key that what is stored is encrypted with: make, rotate."""


@keys.command()
def make() -> None:
    """Print a new key. Nothing is changed.

    \b
    Example: followthrough keys make
    """
    click.echo(base64.urlsafe_b64encode(os.urandom(32)).decode())


@keys.command()
def rotate() -> None:
    """Encrypt everything anew with the first key of FOLLOWTHROUGH_KEYS; afterwards the others may go.

    Put the new key in front of the old one and restart first: then the server and this command know both. It may be
    interrupted and run again.

    \b
    Example: FOLLOWTHROUGH_KEYS=NEW,OLD followthrough keys rotate
    """
    if not Settings().key_list:  # before anything is opened, which would make a database and a key where there is none
        raise click.UsageError(
            "set FOLLOWTHROUGH_KEYS to the new key, a comma and the old one (that of the key file beside the "
            "database); make a new one with: followthrough keys make"
        )
    with open_house() as house:
        number = house.storage.rotate_keys()
    click.echo(f"{number} rows are encrypted with the newest key; older ones may be taken out of FOLLOWTHROUGH_KEYS")
