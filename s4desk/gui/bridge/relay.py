"""Events of the core, as Qt signals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from s4desk.core.runtime.events import (
    BatchFinished,
    BucketsChanged,
    ConnectionsChanged,
    GroupChanged,
    LifecycleRan,
    ObjectsChanged,
    ReplicationChanged,
    SignInWanted,
)

if TYPE_CHECKING:
    from s4desk.core.runtime.events import EventBus


class EventRelay(QObject):
    """The window's only subscription to the EventBus; whoever is interested connects here."""

    objects_changed = Signal(ObjectsChanged)
    buckets_changed = Signal(BucketsChanged)
    connections_changed = Signal()
    batch_finished = Signal(BatchFinished)
    sign_in_wanted = Signal(SignInWanted)
    lifecycle_ran = Signal(LifecycleRan)
    replication_changed = Signal(ReplicationChanged)
    group_changed = Signal(GroupChanged)

    def __init__(self, events: EventBus, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._unsubscribe = [
            events.subscribe(ObjectsChanged, self.objects_changed.emit),
            events.subscribe(BucketsChanged, self.buckets_changed.emit),
            events.subscribe(ConnectionsChanged, lambda _event: self.connections_changed.emit()),
            events.subscribe(BatchFinished, self.batch_finished.emit),
            events.subscribe(SignInWanted, self.sign_in_wanted.emit),
            events.subscribe(LifecycleRan, self.lifecycle_ran.emit),
            events.subscribe(ReplicationChanged, self.replication_changed.emit),
            events.subscribe(GroupChanged, self.group_changed.emit),
        ]

    def close(self) -> None:
        """Hear nothing more; to be called before the window goes."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()
