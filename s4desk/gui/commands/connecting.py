"""Adding, editing, trying and removing connections."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.connection import Connection, CredentialKind
from s4desk.core.domain.errors import (
    ClockSkewError,
    CredentialsError,
    LocalFileError,
    MissingKeyError,
    NotFoundError,
    PermissionDeniedError,
    ProxyFailedError,
    ProxyRefusedError,
    ProxyUnreachableError,
    S4DeskError,
    SignInNeededError,
    TlsError,
    UnauthenticatedError,
    UnavailableError,
    UnreachableError,
    WrongRegionError,
)
from s4desk.core.domain.identity import Address
from s4desk.core.domain.transfer import TransferState
from s4desk.core.persist.certificates import keep_certificate
from s4desk.core.persist.connections import new_connection_id
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.aws_profiles import profile_names
from s4desk.core.store.check import TRIAL_ATTEMPTS, ConnectionOutcome, try_connection
from s4desk.core.store.secrets import TypedSecrets
from s4desk.gui.commands.submission import is_done
from s4desk.gui.commands.unlocking import make_secret_file
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.connection import ConnectionDialog
from s4desk.gui.dialogs.deletion import DeletionDialog, DeletionQuestion
from s4desk.viewmodels.connection_form import ConnectionForm
from s4desk.viewmodels.connection_outcome import describe_outcome
from s4desk.viewmodels.diagnosis_text import describe_diagnosis
from s4desk.viewmodels.group_form import groups_of, leaving_text
from s4desk.viewmodels.replication_rule_text import removal_text

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Coroutine, Iterable

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.connection import Credentials, WaySecrets
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.transfer import Transfer, TransferId
    from s4desk.core.store.diagnosis import Diagnosis
    from s4desk.core.store.secrets import SecretReader
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.grouping import Grouping
    from s4desk.gui.commands.queueing import QueueFeed
    from s4desk.viewmodels.connection_form import ConnectionDraft

    SignIn = Callable[[Connection, SecretReader, QWidget], Awaitable[bool]]


_OF_SETTINGS = frozenset(
    kind.__name__
    for kind in (
        ClockSkewError,
        CredentialsError,
        MissingKeyError,
        NotFoundError,
        PermissionDeniedError,
        ProxyFailedError,
        ProxyRefusedError,
        ProxyUnreachableError,
        SignInNeededError,
        TlsError,
        UnauthenticatedError,
        UnavailableError,
        UnreachableError,
        WrongRegionError,
    )
)


class Connecting:
    """Commands about connections. Secrets go to the keychain and nowhere else."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        feed: QueueFeed,
        browsing: Browsing,
        grouping: Grouping,
        window: QWidget,
    ) -> None:
        self._desk = desk
        self._feed = feed
        self._tasks = tasks
        self._browsing = browsing
        self._grouping = grouping
        self._window = window
        self._signs_in: SignIn = _nobody

    def let_sign_in(self, sign_in: SignIn) -> None:
        """Who gets keys for what a form says."""
        self._signs_in = sign_in

    async def add(self) -> None:
        """Ask for a new connection and open it."""
        connection = Connection(new_connection_id(), "")
        if await self._ask(connection, None, is_new=True):
            self._browsing.open_connection(connection.id)

    async def add_group(self) -> None:
        """Ask for a new failover group and open it."""
        group = await self._grouping.add()
        if group is not None:
            self._browsing.open_connection(group)

    async def edit(
        self,
        connection: ConnectionId,
        *,
        wants_key: bool = False,
        is_tested: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Ask for changes of a connection, and open it anew when it is the one that is shown.
        `is_tested`: it is tried at once, as if by the button. `parent` is over what a group is
        asked about.

        What failed for want of a key, a right or a way there is tried again.
        """
        found = self._desk.connections.get(connection)
        if found is None:
            return
        if found.group is not None:
            is_edited = await self._grouping.edit(found, parent)
        else:
            self._desk.secrets.ask_again()
            kept = await self._kept(found)
            is_edited = await self._ask(found, kept, wants_key=wants_key, is_tested=is_tested)
        if is_edited:
            await self._desk.stores.forget(connection)
            self._browsing.connection_edited(connection)
            self._desk.queue.network.signed_in(connection)
            self._desk.queue.retry(failed_at(connection, self._desk.queue.transfers()))
            self._feed.wake()

    async def reread(self) -> None:
        """Take over what another process has written about connections."""
        before = self._desk.connections.all()
        await self._desk.connections.refresh()
        for connection in before:
            now = self._desk.connections.get(connection.id)
            if now == connection:
                continue
            await self._desk.stores.forget(connection.id)
            if now is not None and now != replace(connection, name=now.name):
                self._browsing.connection_edited(connection.id)

    async def remove(self, connection: ConnectionId) -> None:
        """Forget a connection and its secret, after asking. Nothing at the store changes."""
        found = self._desk.connections.get(connection)
        if found is None:
            return
        consequence = (
            tr("s4desk forgets its address and its keys. Nothing is deleted at the store.")
            if found.group is None
            else tr("s4desk forgets the group. Its members stay, and so does all that they hold.")
        )
        dialog = DeletionDialog(
            DeletionQuestion(
                title=tr("Remove Connection"),
                problem=tr("Remove the connection “{name}”?").format(name=found.name),
                consequence=consequence,
                accept_text=tr("&Remove"),
            ),
            self._window,
        )
        groups = groups_of(connection, self._desk.connections.all())
        rules = removal_text(await self._rules_about(connection))
        dialog.show_replication("\n".join(filter(None, (leaving_text(groups), rules))))
        if await accepted(dialog):
            await self._desk.connections.remove(connection)
            await self._desk.stores.forget(connection)

    async def _rules_about(self, connection: ConnectionId) -> int:
        """How many rules lead to it or from it."""
        return sum(
            connection in (each.source.connection, rule.destination.connection)
            for each in await self._desk.replication.all_ruled()
            for rule in each.rules
        )

    async def _ask(
        self,
        connection: Connection,
        kept: Credentials | None,
        *,
        is_new: bool = False,
        wants_key: bool = False,
        is_tested: bool = False,
    ) -> bool:
        form = ConnectionForm(
            connection,
            taken=self._names_beside(connection),
            kept_key_id=kept.key_id if kept is not None else None,
            keeps_token=kept is not None and bool(kept.token),
            keeps_end=kept is not None and kept.ends_at is not None,
            kept_way=await self._kept_way(connection),
        )
        dialog = ConnectionDialog(form, self._window, is_new=is_new)
        if wants_key:
            dialog.ask_for_key()
        beside: list[asyncio.Task[None]] = []

        def begin(work: Coroutine[Any, Any, None]) -> None:
            beside.append(self._tasks.start(work))

        dialog.tested.connect(lambda: begin(self._test(dialog)))
        dialog.sign_in_wanted.connect(lambda: begin(self._sign_in(dialog)))
        dialog.fix_wanted.connect(lambda found: begin(self._mend(dialog, found)))
        dialog.file_wanted.connect(lambda: begin(self._make_file(dialog)))
        begin(self._show_keyring(dialog))
        begin(_offer_profiles(dialog))
        if is_tested:
            begin(self._test(dialog))

        async def keep() -> None:
            await self._keep(form.result(), is_new=is_new)

        try:
            return await is_done(dialog, tr("Saving…"), keep)
        finally:
            for task in beside:  # what would still be shown in it has no place any more
                task.cancel()

    async def _keep(self, draft: ConnectionDraft, *, is_new: bool) -> None:
        if is_new:
            await self._desk.connections.add(draft.connection)
        else:
            await self._desk.connections.edit(draft.connection)
        if draft.credentials is not None:
            await self._desk.secrets.keep(draft.connection.id, draft.credentials)
        if draft.way is not None:
            await self._desk.secrets.keep_way(draft.connection.id, draft.way)

    async def _test(self, dialog: ConnectionDialog) -> None:
        """Try what the form says, without keeping it."""
        draft = dialog.form.result()
        dialog.set_busy(True, tr("Trying the connection…"))
        secrets = TypedSecrets(self._desk.secrets, draft.credentials, draft.way)
        connection = draft.connection
        found = await try_connection(
            lambda changed: self._desk.stores.open(changed, secrets, attempts=TRIAL_ATTEMPTS),
            connection,
            secrets,
        )
        if isinstance(found, ConnectionOutcome):
            dialog.show_test(describe_outcome(found), is_error=False)
        else:
            dialog.show_diagnosis(found, describe_diagnosis(found, connection))

    async def _sign_in(self, dialog: ConnectionDialog) -> None:
        """Sign in for what the form says, and try it then."""
        draft = dialog.form.result()
        secrets = TypedSecrets(self._desk.secrets, draft.credentials, draft.way)
        dialog.set_busy(True, tr("Signing in…"))
        try:
            is_signed_in = await self._signs_in(draft.connection, secrets, dialog)
        except S4DeskError as error:
            dialog.fail(error)
            return
        dialog.set_busy(False)
        if is_signed_in:
            self._desk.stores.signed_in(draft.connection.id)
            await self._test(dialog)

    async def _mend(self, dialog: ConnectionDialog, found: Diagnosis) -> None:
        """Put the fix into the form, and try again. A person has pressed the button for it."""
        fix = found.fix
        if fix is None:
            return
        connection, ca_file = dialog.form.result().connection, ""
        if fix.certificate is not None:
            folder = self._desk.folders.config
            try:
                kept = await in_thread(
                    keep_certificate, folder, fix.certificate, connection.ca_file
                )
            except LocalFileError as error:
                dialog.fail(error)
                return
            ca_file = str(kept)
        dialog.apply(fix.applied_to(connection, ca_file))
        await self._test(dialog)

    async def _make_file(self, dialog: ConnectionDialog) -> None:
        """Make the file for secrets, and say that it is the place from now on."""
        if await make_secret_file(self._desk.secrets, dialog):
            await self._show_keyring(dialog)

    async def _show_keyring(self, dialog: ConnectionDialog) -> None:
        dialog.show_keyring(await self._desk.secrets.state())

    async def _kept_way(self, connection: Connection) -> WaySecrets | None:
        """What is kept for the way to the store; None as with `_kept`."""
        if not connection.proxy and not connection.client_certificate:
            return None
        try:
            return await self._desk.secrets.way_secrets(connection.id)
        except CredentialsError:
            return None

    async def _kept(self, connection: Connection) -> Credentials | None:
        """What the keyring has; None when that is nothing or it cannot tell."""
        if connection.credentials.kind is not CredentialKind.KEYRING:
            return None
        try:
            return await self._desk.secrets.credentials(connection.id)
        except CredentialsError:
            return None

    def _names_beside(self, connection: Connection) -> list[str]:
        return [c.name for c in self._desk.connections.all() if c.id != connection.id]


async def _nobody(_connection: Connection, _secrets: SecretReader, _over: QWidget) -> bool:
    """Until somebody says who."""
    return False


async def _offer_profiles(dialog: ConnectionDialog) -> None:
    dialog.offer("profile", dict.fromkeys(await in_thread(profile_names), ""))


def failed_at(connection: ConnectionId, transfers: Iterable[Transfer]) -> list[TransferId]:
    """The transfers from or to a connection that failed for what its settings may change."""
    return [
        transfer.id
        for transfer in transfers
        if transfer.state is TransferState.FAILED
        and transfer.error_kind in _OF_SETTINGS
        and any(
            isinstance(end, Address) and end.connection == connection
            for end in (transfer.spec.source, transfer.spec.target)
        )
    ]
