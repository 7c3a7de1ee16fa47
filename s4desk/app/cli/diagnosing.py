"""`s4desk diagnostics`: what belongs into a report, without secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.viewmodels.diagnostics import as_record, as_text, gather

if TYPE_CHECKING:
    from argparse import Namespace

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk


async def diagnostics(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Tell of versions, settings, connections and the last errors. Names only if they are wanted.

    Raises LocalFileError.
    """
    told = await gather(desk, {})
    if console.as_json:
        console.record(as_record(told, with_names=arguments.names), "")
    else:
        console.document(as_text(told, with_names=arguments.names))
