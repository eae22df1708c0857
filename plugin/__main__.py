"""`followthrough` and `python -m plugin`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; exit codes: 0 done, 1 failed, 2 used wrongly, 3 something found, 130 interrupted."""
    from plugin.cli import cli

    sys.exit(cli())


if __name__ == "__main__":
    main()
