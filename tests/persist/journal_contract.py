"""What every Journal promises. A subclass provides the `life` fixture."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from s4desk.core.domain.identity import Address, ConnectionId, Location, UploadId, VersionId
from s4desk.core.domain.lock import LockMode, LockState
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.parts import (
    DownloadCheckpoint,
    Fingerprint,
    MoveCheckpoint,
    ObjectIdentity,
    PartReceipt,
    UploadCheckpoint,
)
from s4desk.core.domain.transfer import (
    BatchId,
    Carried,
    ConflictPolicy,
    Direction,
    Transfer,
    TransferSpec,
    TransferState,
)
from s4desk.core.transfer.journal import Inheritance
from tests.transfer.specs import at, download_spec, upload_spec
from tests.transfer.specs import transfer as numbered

if TYPE_CHECKING:
    from s4desk.core.transfer.journal import Journal

ODD_PATH = Path(os.fsdecode(b"/tmp/\xff\xfe \xc3\xa9/caf\xe9\n.txt"))
ODD_KEY = b"//../\xff/caf\xe9/e\xcc\x81 \n%2F+.txt".decode("utf-8", "surrogateescape")

UPLOAD = UploadCheckpoint(
    UploadId("2~abc/+="),
    16 * 1024**2,
    Fingerprint(10**12, 1_700_000_000_123_456_789, 2**64 + 7, 1_700_000_001_000_000_002),
    "crc64nvme",
    {1: PartReceipt(1, 16 * 1024**2, "e1", "c1")},
)
COPIED = replace(UPLOAD, source=ObjectIdentity(10**12, "etag-7", "v/1", 1_700_000_000))
MOVE = MoveCheckpoint(UPLOAD.source, ObjectIdentity(5, "\xe9tag", "", 0), "crc64nvme")
DOWNLOAD = DownloadCheckpoint(
    "etag", "v1", 10**12, 16 * 1024**2, str(ODD_PATH), "crc32c", {3: "AAAA"}
)


class Life(Protocol):
    """One journal after another over the same memory, as the program is started again."""

    async def journal(self) -> Journal:
        """The journal of this life."""

    async def restart(self) -> tuple[Journal, list[Transfer]]:
        """Close this life's journal and begin the next."""


class JournalContract:
    async def test_specs_come_back_as_they_were(self, life: Life) -> None:
        specs = [
            TransferSpec(
                Direction.UPLOAD,
                ODD_PATH,
                Address(ConnectionId("ceph"), Location("bucket", ODD_KEY)),
                10**15,
                ConflictPolicy.IF_DIFFERENT,
                Attributes(content_type="text/x", metadata={"a": "ü"}, tags={"t": "1"}),
                BatchId("drop"),
            ),
            replace(download_spec(ODD_KEY, ODD_PATH, root=ODD_PATH.parent), is_folder=True),
            replace(download_spec("key", ODD_PATH), version=VersionId("v/1")),
            TransferSpec(Direction.COPY, at("from"), at("to", "other")),
            TransferSpec(
                Direction.COPY,
                at("from"),
                at("to"),
                removes_source=True,
                carries=Carried(tags=False, storage_class=True, lock=True),
            ),
            TransferSpec(
                Direction.COPY,
                at("from"),
                at("to"),
                attributes=Attributes(
                    lock=LockState(LockMode.COMPLIANCE, datetime(2030, 1, 1, tzinfo=UTC), False)
                ),
            ),
        ]
        added = await (await life.journal()).add(specs)
        assert [transfer.spec for transfer in added] == specs
        _, loaded = await life.restart()
        assert loaded == added

    async def test_what_another_journal_knew_is_taken_over(self, life: Life) -> None:
        journal = await life.journal()
        (mine,) = await journal.add([upload_spec()])
        since = (datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC))
        theirs = [
            replace(numbered(1, TransferState.RUNNING), attempts=1),
            replace(numbered(2, TransferState.FAILED), error="no space", error_kind="X"),
            numbered(3, TransferState.PAUSED),
            numbered(7),
        ]
        known = [
            Inheritance(theirs[0], upload=UPLOAD),
            Inheritance(theirs[1], download=DOWNLOAD),
            Inheritance(theirs[2], move=MOVE),
            Inheritance(theirs[3], intended=since),
        ]
        heirs = await journal.inherit(known, "run-token")
        assert [each.spec for each in heirs] == [each.spec for each in theirs]
        assert [each.state for each in heirs] == ["queued", "failed", "queued", "queued"]
        assert len({mine.id, *(each.id for each in heirs)}) == 5
        assert all(each.position > mine.position for each in heirs)
        journal, loaded = await life.restart()
        assert loaded == [mine, *heirs]
        first, second, third, fourth = (each.id for each in heirs)
        assert await journal.load_upload(first) == UPLOAD
        assert await journal.load_download(second) == DOWNLOAD
        assert await journal.load_move(third) == MOVE
        assert await journal.intended_uploads(fourth) == since
        assert await journal.load_upload(mine.id) is None

    async def test_a_state_is_remembered(self, life: Life) -> None:
        journal = await life.journal()
        (transfer,) = await journal.add([upload_spec()])
        failed = replace(
            transfer,
            state=TransferState.FAILED,
            error="no \udcff space",
            attempts=3,
            verified="md5",
        )
        journal.record(replace(transfer, state=TransferState.RUNNING))
        journal.record(failed)
        _, loaded = await life.restart()
        assert loaded == [failed]

    async def test_what_ended_is_gone_in_the_next_life(self, life: Life) -> None:
        journal = await life.journal()
        first, second, third = await journal.add([upload_spec()] * 3)
        journal.record(replace(first, state=TransferState.COMPLETED))
        journal.record(replace(second, state=TransferState.CANCELLED))
        _, loaded = await life.restart()
        assert loaded == [third]

    async def test_positions_are_kept_and_new_ones_are_behind_them(self, life: Life) -> None:
        journal = await life.journal()
        one, two = await journal.add([upload_spec(), upload_spec()])
        assert one.position < two.position
        journal.record(replace(one, position=two.position + 7))
        (three,) = await journal.add([upload_spec()])
        assert three.position > two.position + 7
        journal.record(replace(three, position=-5))
        _, loaded = await life.restart()
        assert {each.id: each.position for each in loaded} == {
            one.id: two.position + 7,
            two.id: two.position,
            three.id: -5,
        }

    async def test_ids_grow_and_are_never_used_again(self, life: Life) -> None:
        journal = await life.journal()
        transfers = await journal.add([upload_spec()] * 3)
        numbers = [transfer.id for transfer in transfers]
        assert numbers == sorted(set(numbers))
        await journal.remove(numbers)
        journal, loaded = await life.restart()
        assert loaded == []
        (later,) = await journal.add([upload_spec()])
        assert later.id > numbers[-1]

    async def test_a_record_does_not_bring_back_what_was_removed(self, life: Life) -> None:
        journal = await life.journal()
        (transfer,) = await journal.add([upload_spec()])
        await journal.remove([transfer.id])
        journal.record(replace(transfer, state=TransferState.FAILED))
        assert (await life.restart())[1] == []

    async def test_an_upload_and_its_parts(self, life: Life) -> None:
        journal = await life.journal()
        (transfer,) = await journal.add([upload_spec()])
        assert await journal.load_upload(transfer.id) is None
        await journal.save_upload(transfer.id, UPLOAD)
        second = PartReceipt(2, 5, "e2", "c2")
        journal.part_done(transfer.id, PartReceipt(2, 5, "old", "old"))
        journal.part_done(transfer.id, second)
        expected = replace(UPLOAD, parts={**UPLOAD.parts, 2: second})
        assert await journal.load_upload(transfer.id) == expected
        journal, _ = await life.restart()
        assert await journal.load_upload(transfer.id) == expected

    async def test_a_copy_in_parts_is_of_an_object(self, life: Life) -> None:
        journal = await life.journal()
        (transfer,) = await journal.add([upload_spec()])
        await journal.save_upload(transfer.id, COPIED)
        journal, _ = await life.restart()
        assert await journal.load_upload(transfer.id) == COPIED

    async def test_a_move_that_has_arrived(self, life: Life) -> None:
        journal = await life.journal()
        first, second = await journal.add([upload_spec()] * 2)
        assert await journal.load_move(first.id) is None
        for transfer in (first, second):
            await journal.save_upload(transfer.id, UPLOAD)
            await journal.save_move(transfer.id, replace(MOVE, verified="size-only"))
            await journal.save_move(transfer.id, MOVE)
        await journal.forget(second.id)
        journal, _ = await life.restart()
        assert await journal.load_move(first.id) == MOVE
        assert await journal.load_upload(first.id) is None
        assert await journal.load_move(second.id) is None

    async def test_an_upload_is_intended_until_it_is_known_or_forgotten(self, life: Life) -> None:
        journal = await life.journal()
        first, second = await journal.add([upload_spec()] * 2)
        assert await journal.intended_uploads(first.id) == ()
        for transfer in (first, second, first):
            await journal.intend_upload(transfer.id)
        journal, _ = await life.restart()
        earlier, later = await journal.intended_uploads(first.id)
        assert None not in (earlier.tzinfo, later.tzinfo)
        await journal.save_upload(first.id, UPLOAD, (earlier,))
        assert await journal.intended_uploads(first.id) == (earlier,)
        await journal.save_upload(first.id, UPLOAD)
        await journal.forget(second.id)
        assert await journal.intended_uploads(first.id) == ()
        assert await journal.intended_uploads(second.id) == ()

    async def test_a_new_upload_has_no_parts_of_the_old(self, life: Life) -> None:
        journal = await life.journal()
        (transfer,) = await journal.add([upload_spec()])
        await journal.save_upload(transfer.id, UPLOAD)
        journal.part_done(transfer.id, PartReceipt(2, 5, "e2"))
        fresh = replace(UPLOAD, upload=UploadId("second"), parts={})
        await journal.save_upload(transfer.id, fresh)
        assert await journal.load_upload(transfer.id) == fresh

    async def test_a_download_and_its_ranges(self, life: Life) -> None:
        journal = await life.journal()
        (transfer,) = await journal.add([download_spec("k", Path("/tmp/k"))])
        assert await journal.load_download(transfer.id) is None
        await journal.save_download(transfer.id, DOWNLOAD)
        journal.range_done(transfer.id, 1, "BBBB")
        expected = replace(DOWNLOAD, done={3: "AAAA", 1: "BBBB"})
        journal, _ = await life.restart()
        assert await journal.load_download(transfer.id) == expected

    async def test_a_checkpoint_is_forgotten_alone_or_with_its_transfer(self, life: Life) -> None:
        journal = await life.journal()
        first, second = await journal.add([upload_spec()] * 2)
        for transfer in (first, second):
            await journal.save_upload(transfer.id, UPLOAD)
            await journal.save_download(transfer.id, DOWNLOAD)
        await journal.forget(first.id)
        journal.part_done(first.id, PartReceipt(2, 5, "late"))
        await journal.remove([second.id])
        journal, loaded = await life.restart()
        assert loaded == [first]
        for transfer in (first, second):
            assert await journal.load_upload(transfer.id) is None
            assert await journal.load_download(transfer.id) is None

    async def test_the_token_is_fit_for_a_file_name_and_stays(self, life: Life) -> None:
        token = (await life.journal()).token
        assert token.isalnum()
        journal, _ = await life.restart()
        assert journal.token == token
