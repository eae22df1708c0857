#!/usr/bin/env python3
"""Set up and run the project's tasks: `python3 dev.py demo | test | check | bench | slow | browser | postgres`.

Needs Python 3.11 or newer and nothing else: it makes `.venv` from requirements.lock (with uv when that is there, else
with pip), once, and again only when the lock or the set-up has changed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "followthrough.stamp"
LOG = ROOT / ".venv-setup.log"
BASE = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
"""The Python that makes .venv, also when this file is run by the .venv's own: else it would throw away itself."""
RECIPE = "1"
"""Raise it when the way of setting up changes: every machine then sets up anew."""

USAGE = """usage: python3 dev.py TASK [options of the task]

  demo      play ticket stories through the sandbox helpdesk and show the cards (--serve keeps it up)
  test      the test suite
  check     ruff, mypy, import rules
  bench     measurements: all, or by name (python3 dev.py bench ack)
  slow      the tests that take minutes
  browser   the tests that need a real browser
  postgres  the tests that need PostgreSQL; installs and starts it where it may
  setup     only make .venv

example: python3 dev.py test -k commitments
"""


def fail(line: str) -> None:
    print(f"dev.py: {line}", file=sys.stderr)
    raise SystemExit(1)


# --- set-up ----------------------------------------------------------------------------------------------------------


def fingerprint() -> str:
    digest = hashlib.sha256(RECIPE.encode())
    for name in ("requirements.lock", "setup.cfg", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    digest.update(f"{sys.version_info[:2]} {BASE} {ROOT}".encode())
    return digest.hexdigest()


def python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def is_ready() -> bool:
    return STAMP.exists() and STAMP.read_text() == fingerprint() and python().exists()


def set_up() -> None:
    """Make .venv unless it is there and whole. The stamp is written last: what has none is made anew."""
    if is_ready():
        return
    with alone():
        if is_ready():
            return
        started = time.monotonic()
        print("setting up .venv (once) …", file=sys.stderr)
        STAMP.unlink(missing_ok=True)
        shutil.rmtree(VENV, ignore_errors=True)
        LOG.unlink(missing_ok=True)
        if not (shutil.which("uv") and install_with_uv()):
            install_with_pip()
        STAMP.write_text(fingerprint())
        LOG.unlink(missing_ok=True)
        print(f"set up in {time.monotonic() - started:.0f} s", file=sys.stderr)


def install_with_uv() -> bool:
    """False where uv cannot do it (it does not read pip's configuration): pip is tried then."""
    uv = str(shutil.which("uv"))
    lock = str(ROOT / "requirements.lock")
    install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python())]
    return (
        run([uv, "venv", "--quiet", "--python", BASE, str(VENV)])
        and run([*install, "--require-hashes", "-r", lock])
        and run([*install, "--no-deps", "-e", str(ROOT)])
    )


def install_with_pip() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        import ensurepip  # noqa: F401 - venv needs it; Debian leaves it out
    except ImportError:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        fail(f"this Python cannot make a venv; install the package python{version}-venv and try again")
    pip = [str(python()), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    steps = (
        [BASE, "-m", "venv", str(VENV)],
        [*pip, "--upgrade", "pip"],
        [*pip, "--require-hashes", "-r", str(ROOT / "requirements.lock")],
        [*pip, "--no-deps", "-e", str(ROOT)],
    )
    for step in steps:
        if not run(step):
            explain_failure()


def run(command: list[str]) -> bool:
    with LOG.open("ab") as log:
        return subprocess.run(command, cwd=ROOT, env=environment(), stdout=log, stderr=log).returncode == 0


def explain_failure() -> None:
    tail = LOG.read_text("utf-8", "replace").splitlines()[-15:]
    shutil.rmtree(VENV, ignore_errors=True)
    signs = ("connection", "resolve", "network", "timed out", "unreachable", "no matching distribution")
    if any(sign in line.lower() for line in tail for sign in signs):
        fail("cannot reach the package index; the first run needs the network (nothing is fetched after it)")
    fail("setting up failed:\n  " + "\n  ".join(tail))


class alone:  # noqa: N801 - reads as a word: `with alone():`
    """One set-up at a time, where the system can lock files."""

    def __enter__(self) -> None:
        self.file = (ROOT / ".venv-setup.lock").open("w")
        try:
            import fcntl
        except ImportError:
            return
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *error: object) -> None:
        self.file.close()
        Path(self.file.name).unlink(missing_ok=True)


def environment() -> dict[str, str]:
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME")}
    env["VIRTUAL_ENV"] = str(VENV)
    env["PATH"] = f"{python().parent}{os.pathsep}{env.get('PATH', '')}"
    return env


# --- tasks -----------------------------------------------------------------------------------------------------------


def call(*command: str) -> int:
    """A program of the venv, with our streams; returns its exit code."""
    try:
        return subprocess.run([str(python()), *command], cwd=ROOT, env=environment()).returncode
    except KeyboardInterrupt:
        return 130


def demo(options: list[str]) -> int:
    return call("-m", "plugin", "demo", *options)


def test(options: list[str]) -> int:
    several = [] if any(o.startswith(("-n", "-p")) for o in options) else ["-n", "2"]
    return call("-m", "pytest", *several, "-m", "not slow and not browser", *options)


def slow(options: list[str]) -> int:
    return call("-m", "pytest", "-m", "slow", "--timeout", "1200", *options)


def browser(options: list[str]) -> int:
    return call("-m", "pytest", "-m", "browser", "--timeout", "600", *options)


def postgres(options: list[str]) -> int:
    url = find_postgres() or start_postgres()
    if not url:
        print("NOT RUN: no PostgreSQL answers and none may be installed here (set FOLLOWTHROUGH_TEST_POSTGRES)")
        return 0 if os.name == "nt" or not can_install() else 1
    os.environ["FOLLOWTHROUGH_TEST_POSTGRES"] = url
    return call("-m", "pytest", "-m", "postgres", *options)


def find_postgres() -> str:
    """A URL at which a server answers, or ""."""
    given = os.environ.get("FOLLOWTHROUGH_TEST_POSTGRES", "")
    for url in [given] if given else ["postgresql+psycopg:///test", "postgresql+psycopg:///postgres"]:
        probe = f"import psycopg; psycopg.connect({url.replace('+psycopg', '')!r}, connect_timeout=3).close()"
        if subprocess.run([str(python()), "-c", probe], capture_output=True, env=environment()).returncode == 0:
            return url
    return ""


def can_install() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def start_postgres() -> str:
    """Install Debian's PostgreSQL and start it on this machine, where we are root; "" where that is not possible."""
    if not can_install():
        return ""
    subprocess.run(["apt-get", "update", "-qq"], capture_output=True)
    subprocess.run(["apt-get", "install", "-y", "-qq", "postgresql"], capture_output=True)
    version = next((p.name for p in sorted(Path("/etc/postgresql").glob("*"))), "")
    subprocess.run(["pg_ctlcluster", "--skip-systemctl-redirect", version, "main", "start"], capture_output=True)
    subprocess.run(["su", "postgres", "-c", "createuser -s root"], capture_output=True)
    subprocess.run(["su", "postgres", "-c", "createdb -O root test"], capture_output=True)
    return find_postgres()


def check(options: list[str]) -> int:
    steps = (
        ("ruff", "-m", "ruff", "check", "."),
        ("format", "-m", "ruff", "format", "--check", "."),
        ("mypy", "-m", "mypy"),
        ("import rules", "-c", "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())"),
    )
    failed = [name for name, *command in steps if call(*command) != 0]
    print("check: " + (f"failed: {', '.join(failed)}" if failed else "all well"))
    return 1 if failed else 0


def bench(options: list[str]) -> int:
    names = [o for o in options if not o.startswith("-")]
    rest = [o for o in options if o.startswith("-")]
    files = [ROOT / "bench" / f"{n}.py" for n in names] or sorted((ROOT / "bench").glob("[a-z]*.py"))
    codes = []
    for file in files:
        print(f"== {file.stem}", flush=True)
        codes.append(call(str(file), *rest))
    return max(codes, default=0)


TASKS = {t.__name__: t for t in (demo, test, check, bench, slow, browser, postgres)}


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what tells an older Python so
        fail(f"needs Python 3.11 or newer; this is {sys.version.split()[0]}")
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(USAGE)
        return 0 if arguments else 2
    task, *options = arguments
    if task != "setup" and task not in TASKS:
        print(USAGE, file=sys.stderr)
        return 2
    set_up()
    return TASKS[task](options) if task in TASKS else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
