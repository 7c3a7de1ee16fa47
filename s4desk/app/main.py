"""Where s4desk begins. What is not needed for what was asked is not imported."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from s4desk.app.cli.arguments import build_parser

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(words: Sequence[str] | None = None) -> int:
    """Open the window, or do what the command line says; returns the exit code."""
    arguments = build_parser().parse_args(words)
    # The imports below are lazy on purpose: each way in loads only its own world.
    if arguments.version:
        return _print_version()
    if arguments.self_test:
        from s4desk.app.selftest import run_self_test  # noqa: PLC0415

        return run_self_test(sys.stdout)
    if arguments.verb is not None:
        from s4desk.app.cli.run import run  # noqa: PLC0415

        return run(arguments)
    try:
        from s4desk.app.window import open_window  # noqa: PLC0415
    except ImportError as error:
        return _miss_library(error)
    return open_window(is_demo=arguments.demo)


def _print_version() -> int:
    from importlib.metadata import version  # noqa: PLC0415

    sys.stdout.write(f"s4desk {version('s4desk')}\n")
    return 0


def _miss_library(error: ImportError) -> int:
    """Qt could not be loaded; the system lacks a library more often than Python a package."""
    from s4desk.app.libraries import install_hint  # noqa: PLC0415

    sys.stderr.write(f"s4desk: {install_hint(str(error))}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
