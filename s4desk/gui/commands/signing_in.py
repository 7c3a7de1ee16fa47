"""Signing in for a connection: on the page of a portal, or by the code that a device shows."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from s4desk.core.domain.connection import CredentialKind
from s4desk.core.domain.errors import S4DeskError, ValidationError
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.runtime.i18n import tr
from s4desk.core.store.signing_in import PageSignIn, sign_in, sign_in_need, sign_in_with_code
from s4desk.gui.commands.connecting import failed_at
from s4desk.gui.commands.key_watch import KeyWatch
from s4desk.gui.commands.submission import is_done
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.sign_in import CodeDialog, PageDialog
from s4desk.viewmodels.sign_in_text import life_text, time_left_text, waiting_text

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.sign_in import DeviceCode, SignInNeed
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.secrets import SecretReader
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.connecting import Connecting
    from s4desk.gui.commands.notices import Notices
    from s4desk.gui.commands.queueing import QueueFeed

log = logging.getLogger(__name__)


class SigningIn:
    """What failed for want of keys is tried again when somebody has signed in."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        feed: QueueFeed,
        notices: Notices,
        browsing: Browsing,
        connecting: Connecting,
        window: QWidget,
    ) -> None:
        self._desk = desk
        self._feed = feed
        self._notices = notices
        self._browsing = browsing
        self._connecting = connecting
        self._tasks = tasks
        self._window = window
        connecting.let_sign_in(self.sign_in_draft)
        self._under_way: set[ConnectionId] = set()
        self._clock: Clock = SystemClock()
        self._keys = KeyWatch(desk, notices, self._clock)

    async def sign_in(self, connection: ConnectionId) -> None:
        """Get new keys for a connection: those that a person typed are typed again. Of a group it
        is its first member."""
        connection, _ = self._desk.home_of(connection, "")
        found = self._desk.connections.get(connection)
        if found is None or connection in self._under_way:
            return
        if found.credentials.kind is CredentialKind.KEYRING:
            await self._connecting.edit(connection, wants_key=True)
            return
        self._under_way.add(connection)
        try:
            await self._sign_in(found)
        finally:
            self._under_way.discard(connection)

    async def sign_in_draft(
        self, connection: Connection, secrets: SecretReader, over: QWidget
    ) -> bool:
        """For a connection that is not kept yet, or not so; False when nobody has signed in."""
        need = await sign_in_need(connection)
        if need is None:
            said = tr("The keys of {name} need no sign-in.")
            raise ValidationError(said.format(name=connection.name))
        return await sign_in(connection, _Person(self._tasks, over, secrets), need, secrets)

    def life_text(self, connection: ConnectionId) -> str:
        """When the keys of a connection end, empty for never or for who knows."""
        life = self._desk.stores.key_life(connection)
        return life_text(life, self._clock.now()) if life is not None else ""

    def tell_wanted(self, connection: ConnectionId) -> None:
        """Say that transfers wait."""
        found = self._desk.connections.get(connection)
        if found is not None:
            self._notices.remind(waiting_text(found))

    async def watch(self) -> None:
        """Say of keys that end soon that only a person can get others."""
        await self._keys.run()

    async def _sign_in(self, connection: Connection) -> None:
        need = await sign_in_need(connection)
        if need is None:
            sentence = tr("The keys of {name} need no sign-in.")
            self._notices.say(sentence.format(name=connection.name))
            self._desk.queue.network.signed_in(connection.id)
            return
        person = _Person(self._tasks, self._window, self._desk.secrets)
        if not await sign_in(connection, person, need, self._desk.secrets):
            return
        self._desk.stores.signed_in(connection.id)
        self._keys.look(connection)
        self._browsing.connection_edited(connection.id)
        self._desk.queue.network.signed_in(connection.id)
        self._desk.queue.retry(failed_at(connection.id, self._desk.queue.transfers()))
        self._feed.wake()
        self._notices.say(tr("Signed in for {name}.").format(name=connection.name))


class _Person:
    """Whoever sits at the window."""

    def __init__(self, tasks: GuiTasks, window: QWidget, secrets: SecretReader) -> None:
        self._tasks = tasks
        self._window = window
        self._secrets = secrets

    async def on_page(self, connection: Connection, need: SignInNeed) -> bool:
        dialog = PageDialog(need, self._window)
        attempt = _Attempt(connection, dialog, self._tasks, self._secrets)
        attempt.start()
        try:
            return await accepted(dialog)
        finally:
            attempt.stop()

    async def by_code(self, connection: Connection, need: SignInNeed) -> bool:
        dialog = CodeDialog(need, self._window)

        async def try_code() -> None:
            await sign_in_with_code(connection, dialog.form.result(), self._secrets)

        return await is_done(dialog, tr("Signing in…"), try_code)


class _Attempt:
    """Code after code, until one was confirmed or the dialog is closed."""

    def __init__(
        self,
        connection: Connection,
        dialog: PageDialog,
        tasks: GuiTasks,
        secrets: SecretReader,
    ) -> None:
        self._connection = connection
        self._secrets = secrets
        self._dialog = dialog
        self._tasks = tasks
        self._clock: Clock = SystemClock()
        self._running: asyncio.Task[None] | None = None
        self._open_page: Callable[[], None] = lambda: None
        dialog.code_asked.connect(self.start)
        dialog.page_asked.connect(lambda: self._open_page())

    def start(self) -> None:
        self.stop()
        self._dialog.wait_for_code()
        self._running = self._tasks.start(self._run())

    def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()

    async def _run(self) -> None:
        attempt = PageSignIn(self._connection, self._secrets)
        telling = None
        try:
            code = await attempt.begin()
            self._open_page = lambda: _open(code.page_with_code)
            self._dialog.show_code(code)
            telling = self._tasks.start(self._tell_time(code))
            self._open_page()
            await attempt.confirmed()
        except (S4DeskError, OSError) as error:
            self._dialog.fail(error)
        else:
            self._dialog.accept()
        finally:
            if telling is not None:
                telling.cancel()

    async def _tell_time(self, code: DeviceCode) -> None:
        while left := time_left_text(code.ends_at, self._clock.now()):
            self._dialog.say(left)
            await self._clock.sleep(1.0)
        self.stop()
        self._dialog.fail(tr("The code was not confirmed in time. Ask for a new one."))


def _open(page: str) -> None:
    """In the browser. A portal says where, so it may be a page and nothing else."""
    url = QUrl(page)
    if url.scheme() not in ("https", "http") or not QDesktopServices.openUrl(url):
        log.warning("the page of the portal cannot be opened in a browser")
