"""The passphrase of the file with the secrets, asked for in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from s4desk.core.domain.errors import MissingKeyError
from s4desk.core.runtime.i18n import tr
from s4desk.gui.bridge.key_rest import KeyRest
from s4desk.gui.commands.submission import is_done
from s4desk.gui.dialogs.base import FormDialog, accepted
from s4desk.gui.dialogs.passphrase import PassphraseDialog
from s4desk.viewmodels.passphrase_form import ChangeForm

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from s4desk.core.persist.secrets import AskPassphrase, Keychain
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.notices import Notices
    from s4desk.gui.models.connection_tree import ConnectionTreeModel
    from s4desk.gui.views.objects_pane import ObjectsPane


def passphrase_asker(window: QWidget, is_writing: Callable[[], bool]) -> AskPassphrase:
    """Asks over the window, or over the dialog that is open there.

    What is needed by itself, at the start or to complete a path, waits for a rest in the typing
    and for the path to be done: `is_writing`.
    """
    rest = KeyRest(window, is_writing)

    async def ask(problem: str) -> str | None:
        if not problem and QApplication.activeModalWidget() is None:
            await rest.come()
        dialog = PassphraseDialog(QApplication.activeModalWidget() or window, problem=problem)
        dialog.submitted.connect(dialog.accept)
        return dialog.form.result() if await accepted(dialog) else None

    return ask


class Unlocking:
    """What a person does about the file with the secrets."""

    def __init__(self, secrets: Keychain, notices: Notices, window: QWidget) -> None:
        self._secrets = secrets
        self._notices = notices
        self._window = window

    def follow(self, tree: ConnectionTreeModel, pane: ObjectsPane, browsing: Browsing) -> None:
        """Ask again who tries again, and show what can be read once the file is open. That others
        may read it is told at once."""
        if notice := self._secrets.notice:
            self._notices.remind(notice)

        def unlocked() -> None:
            tree.read_failed(MissingKeyError)
            if isinstance(pane.status.failure, MissingKeyError):
                browsing.refresh()

        tree.retried.connect(self._secrets.ask_again)
        pane.retried.connect(self._secrets.ask_again)
        self._secrets.let_follow(unlocked)

    def ask_again(self) -> None:
        """Somebody wants to read what may be locked."""
        self._secrets.ask_again()

    async def change(self) -> None:
        """Have another passphrase chosen for the file, if there is one."""
        if not self._secrets.has_file:
            self._notices.say(tr("There is no file with secrets: no passphrase is needed."))
            return
        form = ChangeForm()
        dialog = FormDialog(form, tr("&Change"), self._window)

        async def seal() -> None:
            await self._secrets.change_passphrase(*form.result())

        if await is_done(dialog, tr("Sealing…"), seal):
            self._notices.say(tr("The passphrase was changed."))


async def make_secret_file(secrets: Keychain, parent: QWidget) -> bool:
    """Have a passphrase chosen and begin the file; whether it is there now."""
    dialog = PassphraseDialog(parent, is_new=True)

    async def make() -> None:
        await secrets.make_file(dialog.form.result())

    return await is_done(dialog, tr("Sealing…"), make)
