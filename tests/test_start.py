"""The process that answers webhooks starts light: what is heavy is imported where and when it is used."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("textblob", "nltk", "matplotlib", "numpy", "py3langid", "sklearn", "scipy", "holidays", "phonenumbers", "lxml")

LOOK = """
import sys
import plugin.app, plugin.web.pages, plugin.cli.server, plugin.connectors.zendesk
print([m for m in {heavy!r} if m in sys.modules])
"""


def test_the_web_process_starts_without_what_it_does_not_need() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK.format(heavy=HEAVY)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_is_quick_to_import() -> None:
    look = (
        "import sys; from plugin.cli import cli; cli(['--help']); "
        "print([m for m in ('flask', 'sqlalchemy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")
    assert "followthrough accounts add" in done.stdout


def test_nothing_runs_on_import(tmp_path) -> None:
    look = (
        "import pkgutil, importlib, plugin\n"
        "for m in pkgutil.walk_packages(plugin.__path__, 'plugin.'):\n"
        "    if '__main__' not in m.name and 'migrations' not in m.name: importlib.import_module(m.name)\n"
        "print('ok')"
    )
    done = subprocess.run(
        [sys.executable, "-c", look],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"HOME": str(tmp_path)},
    )
    assert done.stdout == "ok\n"
    assert list(tmp_path.iterdir()) == []
