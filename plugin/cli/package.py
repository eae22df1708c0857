"""Build the app that a helpdesk installs, and say of every rule it breaks how to mend it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from plugin import __version__, marketplace
from plugin.marketplace import Files, Place
from plugin.settings import Settings

ONLY = ":build:"
"""What `--check` means without a file: look, and write nothing."""

NEXT = {
    "zendesk": "Upload it: Admin Center → Apps and integrations → Zendesk Support apps → Upload private app.",
    "freshdesk": "Unzip it, run `fdk validate` and `fdk pack` there, and upload what that makes as a custom app.",
}


@click.command()
@click.argument("helpdesk", type=click.Choice(marketplace.HELPDESKS))
@click.option("--url", help="Where helpdesks reach Followthrough; FOLLOWTHROUGH_PUBLIC_URL when left out.")
@click.option("--account", help="The account's name in Followthrough; the helpdesk's name when left out.")
@click.option("--account-number", default="", help="Zendesk: its own number of the account (external_id).")
@click.option("--own-user", default="", help="Zendesk: the id of Followthrough's user there (own_user_id).")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("dist"), show_default=True,
              help="Folder to write to.")  # fmt: skip
@click.option("--check", "checked", is_flag=False, flag_value=ONLY, metavar="[FILE]",
              help="Only check: a package that exists, or without FILE the one that would be built.")  # fmt: skip
def package(
    helpdesk: str, url: str | None, account: str | None, account_number: str, own_user: str, out: Path,
    checked: str | None,
) -> int:  # fmt: skip
    """Build the app for a helpdesk's marketplace, checked before it is written; exit code 1 where a rule is broken.

    \b
    Example: followthrough package zendesk --url https://ft.acme.example --account acme --own-user 900123
             followthrough package freshdesk --url https://ft.acme.example --out dist
             followthrough package zendesk --check dist/followthrough-zendesk-0.1.0.zip
    """
    if checked not in (None, ONLY):
        return _report(helpdesk, _read(str(checked)))
    address = url or Settings().public_url
    if not address:
        raise click.UsageError("say where helpdesks reach Followthrough: --url https://ft.acme.example")
    place = marketplace.read_place(address, account or helpdesk, account_number, own_user)
    files = marketplace.build(helpdesk, marketplace.read_manifest(), place)
    code = _report(helpdesk, files)
    if code == 0 and checked is None:
        _write(helpdesk, files, out, place)
    return code


def _read(name: str) -> Files:
    try:
        return marketplace.read_zip(Path(name).read_bytes())
    except OSError as error:
        raise click.UsageError(f"{name} cannot be read: {error.strerror}") from None


def _report(helpdesk: str, files: Files) -> int:
    problems = list(dict.fromkeys(marketplace.check(helpdesk, files)))
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        click.echo(f"{len(problems)} to mend; nothing is written.", err=True)
        return 1
    click.echo(f"checked: {len(files)} files, every rule kept", err=True)
    return 0


def _write(helpdesk: str, files: Files, out: Path, place: Place) -> None:
    data = marketplace.write_zip(files)
    path = out / f"followthrough-{helpdesk}-{__version__}.zip"
    try:
        out.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror}") from None
    click.echo(path)
    click.echo(f"{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}", err=True)
    click.echo(f"It is for the account {place.account!r} at {place.url}.", err=True)
    if helpdesk == "zendesk":
        _advise(place)
    click.echo(NEXT[helpdesk], err=True)


def _advise(place: Place) -> None:
    """What the package could not know."""
    if not place.own_user:
        click.echo("Without --own-user only public comments and changes of state ring; private notes are found later.",
                   err=True)  # fmt: skip
    if not place.number:
        click.echo("Without --account-number the bell does not say whose it is; the signature alone does.", err=True)
