"""The desk as the window opens it: what an earlier start left is shown as far as it had come."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from s4desk.app.paths import folders_under
from s4desk.app.wiring import build_desk
from s4desk.core.domain.connection import Connection, group_connection
from s4desk.core.domain.failover import Backend, FailoverGroup
from s4desk.core.domain.identity import Address, ConnectionId, Location, Prefix
from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.domain.parts import PartReceipt
from s4desk.core.domain.transfer import TransferState
from s4desk.core.persist.history import HistoryQuery
from s4desk.core.persist.secrets import Keychain
from tests.persist.fakes import FakeKeyring
from tests.persist.journal_contract import UPLOAD
from tests.transfer.specs import upload_spec

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk

PART = UPLOAD.part_size


def desk_in(folder: Path) -> Desk:
    keyring = FakeKeyring()
    return build_desk(folders_under(folder), secrets=Keychain(lambda: keyring))


async def test_what_rests_shows_how_far_it_had_come(tmp_path: Path) -> None:
    former = desk_in(tmp_path)
    await former.open()
    paused, done = await former.journal.add([upload_spec(size=4 * PART), upload_spec(key="b")])
    former.journal.record(replace(paused, state=TransferState.PAUSED, attempts=1))
    former.journal.record(replace(done, state=TransferState.COMPLETED, attempts=1))
    parts = {number: PartReceipt(number, PART, "e", "c") for number in (1, 3)}
    await former.journal.save_upload(paused.id, replace(UPLOAD, parts=parts))
    await former.aclose()

    desk = desk_in(tmp_path)
    await desk.open()
    shown = desk.board.progress(paused.id)
    assert shown is not None
    assert (shown.transfer.state, shown.done) == (TransferState.PAUSED, 2 * PART)
    assert [each.id for each in desk.queue.transfers()] == [paused.id]
    await desk.remember_former()
    (entry,) = await desk.history.page(HistoryQuery())
    assert entry.transfer.spec == upload_spec(key="b")
    await desk.aclose()


async def test_what_an_open_window_moved_is_known_to_others(tmp_path: Path) -> None:
    window, script = desk_in(tmp_path), desk_in(tmp_path)
    await window.open()
    (done,) = await window.journal.add([upload_spec()])
    window.journal.record(replace(done, state=TransferState.COMPLETED, attempts=1))
    await window.journal.flush()
    for _ in range(2):
        await script.gather_history()
    assert len(await script.history.page(HistoryQuery())) == 1
    await window.aclose()
    await script.aclose()


async def test_a_bucket_of_a_group_is_that_of_its_first_backend(tmp_path: Path) -> None:
    """What was copied there by one of the two is known to a sync by the other."""
    desk = desk_in(tmp_path)
    home, away, group = (ConnectionId(name) for name in ("home", "away", "group"))
    for id_ in (home, away):
        await desk.connections.add(Connection(id_, str(id_), f"https://{id_}.example"))
    members = Backend(home, (("photos", "work"),)), Backend(away)
    await desk.connections.add(group_connection(group, "Group", FailoverGroup(members)))
    place = Location("photos", "key")
    await desk.older.intend(Address(group, place), ObjectMeta(place, 9, None, "in-parts-2"))
    assert await desk.older.below(home, Prefix("work")) == {"key": "?9?"}
    assert await desk.older.below(group, Prefix("photos")) == {"key": "?9?"}
    for connection, bucket in ((away, "photos"), (away, "work"), (home, "photos")):
        assert await desk.older.below(connection, Prefix(bucket)) == {}
