"""The composition root: the only place that knows how everything is put together."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from s4desk.core.desk import Desk
from s4desk.core.domain.failover import SCHEME
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.one_place import bucket_name
from s4desk.core.domain.replication.status import Status
from s4desk.core.failover.index import Copy
from s4desk.core.failover.service import Groups
from s4desk.core.lifecycle.report import changes_of
from s4desk.core.lifecycle.schedule import LifecycleSchedule, Surroundings
from s4desk.core.persist.bookmarks import BookmarkFile
from s4desk.core.persist.capability_file import CapabilityFile
from s4desk.core.persist.connections import ConnectionBook
from s4desk.core.persist.database import Database
from s4desk.core.persist.failover_index import FailoverIndex
from s4desk.core.persist.failover_usage import FailoverUsage
from s4desk.core.persist.history import History
from s4desk.core.persist.journal import SqliteJournal
from s4desk.core.persist.lifecycle_runs import RunShelf
from s4desk.core.persist.lifecycle_schedule import SCHEDULES, ScheduleFile
from s4desk.core.persist.needed_uploads import needed_uploads
from s4desk.core.persist.older_copies import OlderCopyFile
from s4desk.core.persist.price_file import PriceFile
from s4desk.core.persist.replication_file import ReplicationFile
from s4desk.core.persist.replication_home import STATUSES, ReplicationHome
from s4desk.core.persist.replication_rules import REPLICATION_RULES, ReplicationRuleFile
from s4desk.core.persist.runs import RunFolder
from s4desk.core.persist.secret_file import SecretFile
from s4desk.core.persist.secrets import Keychain
from s4desk.core.persist.settings import SettingsFile
from s4desk.core.persist.shortcuts import ShortcutFile
from s4desk.core.replication.awaited import awaited_in
from s4desk.core.replication.service import Replication
from s4desk.core.replication.service import Surroundings as Replicating
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.runtime.events import (
    ConnectionsChanged,
    EventBus,
    GroupChanged,
    LifecycleRan,
    ObjectsChanged,
    ReplicationChanged,
    TransfersBusy,
)
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.wakefulness import Wakefulness
from s4desk.core.store.findings import identity
from s4desk.core.store.limits import Slots
from s4desk.core.store.profile_endpoints import ProfileEndpoints
from s4desk.core.store.registry import StoreRegistry
from s4desk.core.transfer.admission import NO_LIMITS, Limits
from s4desk.core.transfer.job import JobContext
from s4desk.core.transfer.journal import MemoryJournal
from s4desk.core.transfer.progress import ProgressBoard
from s4desk.core.transfer.queue import TransferQueue
from s4desk.viewmodels.error_memory import ErrorMemory
from s4desk.viewmodels.error_text import describe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s4desk.core.desk import Folders
    from s4desk.core.domain.connection import Connection, ConnectionLimits
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.lifecycle.report import ApplyReport
    from s4desk.core.lifecycle.schedule_entries import Entry
    from s4desk.core.persist.settings import Settings
    from s4desk.core.replication.table import Record, Source
    from s4desk.core.runtime.wakefulness import Inhibitor
    from s4desk.core.transfer.journal import Journal

RUNS = "runs"
"""The folder with the journals of headless runs, in the data folder."""
LIFECYCLE_RUNS = "lifecycle"
"""The folder with what applications of lifecycle rules did, beside it."""

FAILOVER_INDEX, FAILOVER_USAGE = "failover-index.sqlite", "failover-usage.sqlite"
"""Who holds what, and what was used of it, beside them."""
OLDER_COPIES = "older-copies.sqlite"
"""What was copied from what may be older than it should be."""

SCHEDULE, REPLICATION = "schedule", "replication"
"""Who keeps the computer awake while rules are applied by the clock, or replicas made."""


def build_desk(
    folders: Folders, *, secrets: Keychain | None = None, for_now: Mapping[str, int] | None = None
) -> Desk:
    """Build everything, open nothing, import no S3 library. `for_now` are settings of this run."""
    events, board, clock = EventBus(), ProgressBoard(), SystemClock()
    errors = ErrorMemory()
    secrets = secrets or Keychain(file=SecretFile(folders.config / "secrets.json"))
    settings = SettingsFile(folders.config / "settings.toml", for_now)
    connections = ConnectionBook(folders.config / "connections.toml", events, secrets)
    stores = StoreRegistry(
        connections,
        secrets,
        CapabilityFile(folders.data / "capabilities.toml"),
        ProfileEndpoints(lambda: events.publish(ConnectionsChanged())),
    )
    stores.limit_bodies(settings.current.part_limit)
    stores.limit_bandwidth(up=settings.current.upload_rate, down=settings.current.download_rate)
    database = Database(folders.data / "s4desk.sqlite")
    history = History(
        folders.data / "history.sqlite",
        lambda: settings.current.history_days,
        lambda: {each.id: each.name for each in connections.all()},
    )
    journal = SqliteJournal(database, archive=lambda: history.take(database.path))
    older = OlderCopyFile(
        folders.data / OLDER_COPIES,
        lambda connection, bucket: _bucket_name(desk, connection, bucket),
        clock,
    )
    queue = TransferQueue(
        store_of=stores.get,
        to_read=stores.to_read,
        reads_on=lambda spec: groups.may_stand_in(spec.source, spec.written),
        connection_of=connections.get,
        journal=journal,
        board=board,
        events=events,
        clock=clock,
        limits=_limits(settings.current, connections),
        describe=errors.describe,
        sizes=settings.current.sizes,
        reads_back=lambda: settings.current.verify_reads,
        older=older,
    )
    runs = RunFolder(folders.data / RUNS, database.path, history)
    lifecycle_runs = RunShelf(folders.data / LIFECYCLE_RUNS)
    wakefulness = Wakefulness(_find_inhibitor, clock, lambda: settings.current.keep_awake)
    lifecycle = LifecycleSchedule(
        ScheduleFile(folders.config / SCHEDULES),
        Surroundings(
            store_of=stores.get,
            endpoint_of=lambda id_: _store_behind(connections.get(id_), stores),
            begin=lifecycle_runs.begin,
            owners_of=lambda: needed_uploads(runs, database.path),
            told=lambda entry, report: _tell_applied(events, entry, report),
            busy=lambda is_busy: wakefulness.show(is_busy, SCHEDULE),
            noted=lambda connection, report: _note_applied(desk, connection, report),
            describe=errors.describe,
            awaited_in=lambda connection, bucket: awaited_in(replication, connection, bucket),
        ),
        clock,
    )
    groups = Groups(
        connections,
        stores.get,
        FailoverIndex(folders.data / FAILOVER_INDEX, clock),
        FailoverUsage(folders.data / FAILOVER_USAGE, clock),
        clock,
        lambda group: events.publish(GroupChanged(group)),
        stores.reached,
    )
    stores.open_with(SCHEME, lambda each, _secrets, _can, attempts: groups.open(each, attempts))
    transfers = _Transfers()
    replication = Replication(
        ReplicationRuleFile(folders.config / REPLICATION_RULES),
        ReplicationFile(folders.data / STATUSES),
        Replicating(
            ReplicationHome(folders.data),
            lambda journal: JobContext(
                store_of=stores.get,
                journal=journal or MemoryJournal(),
                board=ProgressBoard(),
                parts=Slots(max(1, settings.current.part_limit)),
                clock=clock,
                describe=errors.describe,
                report=lambda _transfer, _done: None,
                sizes=settings.current.sizes,
                connection_of=connections.get,
            ),
            is_busy=lambda: transfers.is_busy,
            told=lambda records: _tell_replicated(events, groups, replication, records),
            changed=lambda of: events.publish(ReplicationChanged(of.connection, of.bucket)),
            busy=lambda is_busy: wakefulness.show(is_busy, REPLICATION),
            store_name=lambda id_: f"{id_} {_store_behind(connections.get(id_), stores)}",
            store_of=lambda id_: _store_behind(connections.get(id_), stores) or id_,
        ),
        clock,
    )
    events.subscribe(TransfersBusy, transfers.show)
    events.subscribe(ObjectsChanged, lambda e: replication.noticed(e.connection, e.prefix))
    events.subscribe(ObjectsChanged, lambda e: _notice_at_home(groups, replication, e))
    events.subscribe(ConnectionsChanged, lambda _: groups.connections_changed())
    events.subscribe(TransfersBusy, lambda event: wakefulness.show(event.is_busy))
    events.subscribe(ConnectionsChanged, lambda _: stores.connections_changed())
    events.subscribe(ConnectionsChanged, lambda _: queue.renew_limits())
    desk = Desk(
        folders=folders,
        settings=settings,
        connections=connections,
        bookmarks=BookmarkFile(folders.config / "bookmarks.toml"),
        shortcuts=ShortcutFile(folders.config / "shortcuts.toml"),
        prices=PriceFile(folders.config / "prices.toml"),
        secrets=secrets,
        events=events,
        stores=stores,
        board=board,
        queue=queue,
        database=database,
        journal=journal,
        history=history,
        runs=runs,
        lifecycle_runs=lifecycle_runs,
        lifecycle=lifecycle,
        replication=replication,
        groups=groups,
        older=older,
        wakefulness=wakefulness,
        details_of=errors.details_of,
    )
    return desk


def build_run_queue(
    desk: Desk, journal: Journal, board: ProgressBoard, *, reads_back: bool = False
) -> TransferQueue:
    """A queue beside the desk's own, for one headless run with a journal of its own.

    A window may have the database open and its queue at work, and must not find a script's
    transfers in it.
    """
    return TransferQueue(
        store_of=desk.stores.get,
        to_read=desk.stores.to_read,
        reads_on=lambda spec: desk.groups.may_stand_in(spec.source, spec.written),
        connection_of=desk.connections.get,
        journal=journal,
        board=board,
        events=desk.events,
        clock=SystemClock(),
        limits=_limits(desk.settings.current, desk.connections),
        describe=describe,
        sizes=desk.settings.current.sizes,
        reads_back=lambda: reads_back or desk.settings.current.verify_reads,
        older=desk.older,
        waits_for_person=False,
    )


def _store_behind(connection: Connection | None, stores: StoreRegistry) -> str:
    """The name of the store that a connection leads to, "" for no connection."""
    return "" if connection is None else identity(stores.reached(connection))


def _bucket_name(desk: Desk, connection: ConnectionId, bucket: str) -> str:
    """The same for a bucket of a group as for what its first backend has."""
    home, there = desk.home_of(connection, bucket)
    found = desk.connections.get(home)
    return f"{home}/{there}" if found is None else bucket_name(desk.stores.reached(found), there)


def _tell_applied(events: EventBus, entry: Entry, report: ApplyReport | None) -> None:
    events.publish(LifecycleRan(entry.connection, entry.bucket))
    if report is not None:
        events.publish(ObjectsChanged(entry.connection, Prefix(entry.bucket)))


class _Transfers:
    """Whether any runs, as was told last."""

    is_busy = False

    def show(self, event: TransfersBusy) -> None:
        self.is_busy = event.is_busy


def _notice_at_home(groups: Groups, replication: Replication, event: ObjectsChanged) -> None:
    """What is written to a group is written to its first backend."""
    home = groups.behind(event.connection, event.prefix.bucket, True)
    if home is not None:
        connection, bucket = home
        replication.noticed(connection, Prefix(bucket, event.prefix.prefix))


def _tell_replicated(
    events: EventBus, groups: Groups, replication: Replication, records: Sequence[Record]
) -> None:
    keys: defaultdict[Source, list[str]] = defaultdict(list)
    for each in records:
        keys[each.task.source].append(each.task.write.key)
        if each.status is Status.COMPLETED and each.task.write.version is None:
            _learn_replica(groups, replication, each)
    for source, changed in keys.items():
        events.publish(ReplicationChanged(source.connection, source.bucket, changed))


def _learn_replica(groups: Groups, replication: Replication, record: Record) -> None:
    source, write = record.task.source, record.task.write
    to = replication.destination_of(source, write.rule)
    if to is not None:
        etag = record.made.etag if record.made is not None else ""
        made = Copy(
            Location(to.bucket, to.prefix + write.key), to.connection, etag, write.seen.size
        )
        groups.replicated(source.connection, Location(source.bucket, write.key), made)


async def _note_applied(desk: Desk, connection: ConnectionId, report: ApplyReport) -> None:
    for change in changes_of(report, connection):
        await desk.note(change)


def _find_inhibitor() -> Inhibitor | None:
    # Loaded when it is needed for the first time, in a thread: most runs are short.
    from s4desk.core.runtime.inhibitors import system_inhibitor  # noqa: PLC0415

    return system_inhibitor(tr("Objects are being transferred, or rules applied to them"))


def _limits(settings: Settings, connections: ConnectionBook) -> Limits:
    def of(id_: ConnectionId) -> ConnectionLimits:
        connection = connections.get(id_)
        return NO_LIMITS if connection is None else connection.limits

    return Limits(
        jobs=max(1, settings.transfer_limit),
        parts=max(1, settings.part_limit),
        of=of,
        crowds=True,
        in_a_row=True,
    )
