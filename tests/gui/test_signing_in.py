"""Signing in, in the window: what is offered, the page, the code, and what goes on then."""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton

from s4desk.core.domain.connection import Connection, CredentialKind, CredentialReference
from s4desk.core.domain.identity import Address, Location, Prefix
from s4desk.core.domain.parts import MIB
from s4desk.core.domain.transfer import Direction, TransferSpec, TransferState
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.store.registry import StoreRegistry
from s4desk.core.store.secrets import GivenSecrets
from s4desk.core.store.signing_in import sign_in_with_code
from s4desk.core.transfer.job import Sizes
from s4desk.core.transfer.ledger import SIGN_IN
from s4desk.gui.context_menus import ContextMenus
from s4desk.gui.dialogs.connection import ConnectionDialog
from s4desk.gui.dialogs.sign_in import CodeDialog, PageDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.listing import ListingState, Remedy, empty_notice
from s4desk.viewmodels.places import Place
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, press, until
from tests.servers.client import temporary_bucket
from tests.servers.portal import CODE, DENIED, USER_CODE, Portal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.sign_in import KeyLife
    from tests.servers.endpoint import Endpoint

SSO = (
    "[profile work]\nregion = eu-west-1\nsso_session = corp\nsso_account_id = 1\n"
    "sso_role_name = reader\n[sso-session corp]\nsso_start_url = https://corp.test/start\n"
    "sso_region = eu-west-1\n"
)
ROLE = (
    "[profile work]\nregion = eu-west-1\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\n"
    "mfa_serial = arn:aws:iam::1:mfa/me\n"
    "[profile base]\naws_access_key_id = base-id\naws_secret_access_key = base-secret\n"
)


@pytest.fixture
def desk(tmp_path: Path, qapp) -> Desk:
    return memory_desk(tmp_path / "home")


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    with Portal() as portal:
        for name, value in portal.environment.items():
            monkeypatch.setenv(name, value)
        yield portal


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the browser was asked to show."""
    shown: list[str] = []

    def show(url: object) -> bool:
        shown.append(url.toString())  # type: ignore[attr-defined]
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", show)
    return shown


def configure(text: str) -> None:
    Path(os.environ["AWS_CONFIG_FILE"]).write_text(text, "utf-8")


def at_work(endpoint: Endpoint) -> Connection:
    return Connection(
        HOME,
        "Work",
        endpoint.url,
        credentials=CredentialReference(CredentialKind.PROFILE, "work"),
    )


def button(dialog: PageDialog, name: str) -> QPushButton:
    return dialog.findChild(QPushButton, name)


def label(dialog: PageDialog, name: str) -> str:
    return dialog.findChild(QLabel, name).text()


def offered(stage: Stage) -> list[Remedy]:
    notice = empty_notice(stage.window.pane.status)
    return [remedy for remedy, _ in notice.remedies] if notice is not None else []


async def show_bucket(stage: Stage, bucket: str) -> None:
    stage.commands.browsing.go(Place(HOME, Prefix(bucket)))
    await stage.rested()


def tip(stage: Stage) -> str:
    model = stage.window.tree_model
    return model.find(Place(HOME)).data(Qt.ItemDataRole.ToolTipRole)


def test_a_page_is_confirmed(desk: Desk, portal: Portal, pages: list[str], moto: Endpoint):
    configure(SSO)

    async def story(stage: Stage) -> None:
        with temporary_bucket(moto) as bucket:
            await show_bucket(stage, bucket)
            assert offered(stage) == [Remedy.SIGN_IN, Remedy.RETRY]
            assert "end at" not in tip(stage)
            portal.answers = [DENIED]
            press(stage.window, "Sign In…")
            dialog = await stage.opened(PageDialog)
            await until(lambda: label(dialog, "code") == USER_CODE)
            assert pages == [f"{portal.url}/device?user_code={USER_CODE}"]
            await until(lambda: "Waiting for you" in label(dialog, "outcome"))
            button(dialog, "copy").click()
            assert QGuiApplication.clipboard().text() == USER_CODE
            button(dialog, "open").click()
            assert len(pages) == 2
            await until(lambda: "declined" in label(dialog, "outcome"))
            assert not button(dialog, "copy").isVisible()
            button(dialog, "again").click()
            await until(lambda: stage.dialog(PageDialog) is None)
            await until(lambda: "The keys end at" in tip(stage))
            await until(lambda: stage.window.pane.status.failure is None)
            # Once more, before it has to be: these keys last longer, and they are the ones.
            portal.life = timedelta(hours=5)
            stage.give(Act.SIGN_IN)
            await until(lambda: "in 5 hours" in tip(stage))

    perform(desk, story, connections=(at_work(moto),))


def test_a_page_that_is_given_up_asks_no_more(
    desk: Desk, portal: Portal, pages: list[str], moto: Endpoint
):
    configure(SSO)

    async def story(stage: Stage) -> None:
        await show_bucket(stage, BUCKET)
        portal.answers = ["AuthorizationPendingException"] * 99
        stage.give(Act.SIGN_IN)
        dialog = await stage.opened(PageDialog)
        await until(lambda: len(portal.answers) < 99)
        dialog.reject()
        await until(lambda: stage.dialog(PageDialog) is None)
        left = len(portal.answers)
        stage.give(Act.SIGN_IN)
        dialog = await stage.opened(PageDialog)
        await until(lambda: len(pages) == 2)
        assert len(portal.answers) == left
        dialog.reject()

    perform(desk, story, connections=(at_work(moto),))


def test_a_code_that_was_not_confirmed_in_time_asks_no_more(
    desk: Desk, portal: Portal, pages: list[str], moto: Endpoint
):
    configure(SSO)

    async def story(stage: Stage) -> None:
        await show_bucket(stage, BUCKET)
        portal.answers = ["AuthorizationPendingException"] * 99
        portal.code_life_s = 1
        stage.give(Act.SIGN_IN)
        dialog = await stage.opened(PageDialog)
        await until(lambda: "in time" in label(dialog, "outcome"))
        assert button(dialog, "again").isVisible()
        dialog.reject()

    perform(desk, story, connections=(at_work(moto),))


def test_a_code_is_typed_until_it_is_right(desk: Desk, portal: Portal, moto: Endpoint):
    configure(ROLE)

    async def story(stage: Stage) -> None:
        with temporary_bucket(moto) as bucket:
            await show_bucket(stage, bucket)
            stage.give(Act.SIGN_IN)
            dialog = await stage.opened(CodeDialog)
            line = dialog.findChild(QLineEdit)
            ok = next(b for b in dialog.findChildren(QPushButton) if b.text() == "Sign In")
            line.setText("12345")
            assert not ok.isEnabled()
            line.setText("654321")
            ok.click()
            await until(lambda: "not accepted" in dialog.outcome.text())
            line.setText(CODE)
            ok.click()
            await until(lambda: stage.dialog(CodeDialog) is None)
            await until(lambda: stage.window.pane.status.failure is None)

    perform(desk, story, connections=(at_work(moto),))


def test_what_waits_for_want_of_keys_goes_on(
    desk: Desk, portal: Portal, moto: Endpoint, tmp_path: Path
):
    configure(ROLE)
    file = tmp_path / "a.txt"
    file.write_text("content")

    async def story(stage: Stage) -> None:
        with temporary_bucket(moto) as bucket:
            await show_bucket(stage, bucket)
            target = Address(HOME, Location(bucket, "a.txt"))
            await stage.desk.queue.submit([TransferSpec(Direction.UPLOAD, file, target, 7)])
            await until(lambda: "wait for new keys" in stage.error)
            await until(lambda: stage.states == [TransferState.QUEUED])
            stage.give(Act.SIGN_IN)
            dialog = await stage.opened(CodeDialog)
            dialog.findChild(QLineEdit).setText(CODE)
            press(dialog, "Sign In")
            await until(lambda: stage.states == [TransferState.COMPLETED])

    perform(desk, story, connections=(at_work(moto),))


def test_it_is_said_once_that_somebody_has_to_sign_in(
    desk: Desk, portal: Portal, moto: Endpoint, monkeypatch: pytest.MonkeyPatch
):
    configure(ROLE)
    monkeypatch.setattr("s4desk.gui.commands.key_watch.WATCH_S", 0.01)
    monkeypatch.setattr("s4desk.core.store.temporary_keys.AGAIN_S", 0.0)
    portal.life = timedelta(minutes=16)
    looked: Counter[str] = Counter()
    look = StoreRegistry.key_life

    def key_life(stores: StoreRegistry, connection: ConnectionId) -> KeyLife | None:
        looked[connection] += 1
        return look(stores, connection)

    monkeypatch.setattr(StoreRegistry, "key_life", key_life)

    async def story(stage: Stage) -> None:
        with temporary_bucket(moto) as bucket:
            await sign_in_with_code(at_work(moto), CODE, GivenSecrets(None))
            await show_bucket(stage, bucket)
            assert stage.window.pane.status.failure is None
            assert stage.error == ""
            monkeypatch.setattr("s4desk.core.store.temporary_keys.EARLY_S", 3600.0)
            for file in Path.home().joinpath(".aws", "cli", "cache").iterdir():
                file.unlink()
            stage.commands.browsing.refresh()
            await until(lambda: "Sign in before that" in stage.error)
            assert stage.window.pane.status.failure is None
            stage.commands.notices.clear()
            looks = looked.total()
            await until(lambda: looked.total() > looks + 3)
            assert stage.error == ""

    perform(desk, story, connections=(at_work(moto),))


def test_who_only_looks_is_told_in_time_and_no_longer_than_that(
    desk: Desk, portal: Portal, pages: list[str], moto: Endpoint, monkeypatch: pytest.MonkeyPatch
):
    """Keys of a minute: nothing is asked of the store meanwhile, and so nothing fails."""
    configure(SSO)
    monkeypatch.setattr("s4desk.gui.commands.key_watch.WATCH_S", 0.01)
    monkeypatch.setattr("s4desk.core.store.temporary_keys.AGAIN_S", 0.0)
    portal.gives_refresh = False
    portal.life = timedelta(seconds=45)
    away = timedelta()
    now = SystemClock.now
    monkeypatch.setattr(SystemClock, "now", lambda clock: now(clock) + away)

    async def confirm(stage: Stage) -> None:
        dialog = await stage.opened(PageDialog)
        await until(lambda: stage.dialog(PageDialog) is not dialog)

    async def story(stage: Stage) -> None:
        nonlocal away
        with temporary_bucket(moto) as bucket:
            stage.session.tasks.start(show_bucket(stage, bucket))
            await until(lambda: stage.window.pane.status.state is ListingState.FAILED)
            stage.session.tasks.start(stage.commands.signing_in.sign_in(HOME))
            await confirm(stage)
            await until(lambda: stage.window.pane.status.failure is None)
            await stage.rested()
            assert stage.error == ""
            portal.revoked.add(f"access-{portal.tokens}")
            await until(lambda: "Sign in before that" in stage.error)
            assert "(in one minute)" in stage.error

            away = timedelta(minutes=2)
            await until(lambda: "have ended at" in stage.error)
            assert "Choose “Sign In…” in its menu" in stage.error
            assert "before that" not in stage.error

            away, portal.life = timedelta(), timedelta(hours=2)
            stage.session.tasks.start(stage.commands.signing_in.sign_in(HOME))
            await confirm(stage)
            await until(lambda: stage.error == "")
            await stage.rested()
            assert stage.error == ""

    perform(desk, story, connections=(at_work(moto),))


def test_keys_that_were_typed_are_typed_again(desk: Desk):
    home = Connection(HOME, "Home", f"memory:{BUCKET}")

    async def story(stage: Stage) -> None:
        await stage.open()
        stage.give(Act.SIGN_IN)
        (await stage.opened(ConnectionDialog)).reject()

    perform(desk, story, connections=(home,))


def test_keys_that_nobody_signs_in_for_are_told(desk: Desk):
    async def story(stage: Stage) -> None:
        await stage.open()
        stage.give(Act.SIGN_IN)
        await until(lambda: "need no sign-in" in stage.window.status_bar.currentMessage())

    perform(desk, story)


def test_an_upload_whose_keys_end_in_the_middle_waits_and_goes_on(
    desk: Desk, portal: Portal, pages: list[str], moto: Endpoint, tmp_path: Path
):
    configure(SSO)
    file = tmp_path / "large"
    file.write_bytes(os.urandom(40 * MIB))
    portal.life = timedelta(seconds=12)

    async def story(stage: Stage) -> None:
        with temporary_bucket(moto) as bucket:
            await show_bucket(stage, bucket)
            stage.give(Act.SIGN_IN)
            await until(lambda: stage.window.pane.status.state is ListingState.COMPLETE)
            portal.revoked.add("access-1")
            desk.queue.set_concurrency(1)
            desk.stores.limit_bandwidth(up=3 * MIB, down=0)
            desk.queue.set_sizes(Sizes(multipart_from=5 * MIB, part=5 * MIB))
            target = Address(HOME, Location(bucket, "large"))
            (id_,) = await desk.queue.submit(
                [TransferSpec(Direction.UPLOAD, file, target, file.stat().st_size)]
            )
            await until(lambda: desk.board.progress(id_).note == SIGN_IN)
            assert stage.states == [TransferState.QUEUED]
            await until(lambda: "wait for new keys" in stage.error)
            assert 0 < desk.board.progress(id_).done < 40 * MIB
            desk.stores.limit_bandwidth(up=0, down=0)
            portal.life = timedelta(hours=1)
            stage.session._feed.wake()  # no command has asked the queue
            rows = stage.window.transfers._table
            await until(lambda: rows.select([id_]) or stage.commands.subject.transfers)
            menu = stage.window.findChild(ContextMenus)
            menu.open_for_transfers(None, QPoint(9, 9))
            await until(lambda: stage.window.findChild(QAction, "sign-in-for") is not None)
            sign_in = stage.window.findChild(QAction, "sign-in-for")
            assert sign_in.text() == "Sign In for “Work”…"
            sign_in.trigger()
            QApplication.activePopupWidget().close()
            await until(lambda: stage.states == [TransferState.COMPLETED])
            (done,) = desk.queue.transfers()
            assert done.effort.sent < 50 * MIB

    perform(desk, story, connections=(at_work(moto),))


def test_a_form_signs_in_and_tries_what_it_says(
    desk: Desk, portal: Portal, pages: list[str], moto: Endpoint
):
    configure(SSO)

    async def story(stage: Stage) -> None:
        stage.session.tasks.start(stage.commands.connecting.edit(HOME))
        dialog = await stage.opened(ConnectionDialog)
        sign_in = dialog.findChild(QPushButton, "sign-in")
        assert sign_in.isVisible()
        sign_in.click()
        await until(lambda: pages)
        await until(lambda: dialog.outcome.is_ticked)
        assert portal.tokens == 1
        kinds = dialog.findChild(QComboBox, "credentials")
        kinds.setCurrentIndex(kinds.findData("env"))
        assert not sign_in.isVisible()
        dialog.reject()

    perform(desk, story, connections=(at_work(moto),))
