"""Looking for objects in a folder and everywhere below it, or in all buckets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.base import FormDialog, accepted
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.search_form import RARE, Scope, SearchForm

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from s4desk.gui.commands.browsing import Browsing


class Finding:
    """Asks what to look for, and shows what fits as a place of its own: going back leaves it."""

    def __init__(self, browsing: Browsing, window: QWidget) -> None:
        self._browsing = browsing
        self._window = window

    async def ask(self) -> None:
        here = self._browsing.place
        connection = self._browsing.connection
        if here is None or connection is None:
            return
        form = SearchForm(here.prefix, connection.name)
        dialog = FormDialog(form, tr("&Find"), self._window, rare=RARE)
        dialog.submitted.connect(dialog.accept)
        if await accepted(dialog):
            draft = form.result()
            where = _folder(here.prefix, draft.scope)
            self._browsing.go(Place(here.connection, where, draft.query))

    def show_in_folder(self, entry: Prefix | Location | None) -> None:
        """Go to where something lies that was found, and select it there."""
        here = self._browsing.place
        if here is not None and isinstance(entry, Location):
            self._browsing.go(Place(here.connection, entry.parent))
            self._browsing.await_entry(here.connection, entry)


def _folder(here: Prefix | None, scope: Scope) -> Prefix | None:
    """Where to look; None for everywhere."""
    if here is None or scope is Scope.CONNECTION:
        return None
    return Prefix(here.bucket) if scope is Scope.BUCKET else here
