"""Events of the core arrive as signals, until the relay is closed."""

from __future__ import annotations

import pytest

from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.runtime.events import (
    BatchFinished,
    BucketsChanged,
    ConnectionsChanged,
    EventBus,
    ObjectsChanged,
)
from s4desk.gui.bridge.relay import EventRelay

HOME = ConnectionId("home")
EVENTS = {
    "objects_changed": ObjectsChanged(HOME, Prefix("b")),
    "buckets_changed": BucketsChanged(HOME),
    "batch_finished": BatchFinished("b", 1, 0, 0, 0, 5),
}


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_arrives_once_and_whole(qapp, name):
    bus, heard = EventBus(), []
    relay = EventRelay(bus)
    getattr(relay, name).connect(heard.append)
    bus.publish(EVENTS[name])
    relay.close()
    bus.publish(EVENTS[name])
    assert heard == [EVENTS[name]]


def test_that_connections_changed_needs_no_more_words(qapp):
    bus, heard = EventBus(), []
    relay = EventRelay(bus)
    relay.connections_changed.connect(lambda: heard.append(True))
    bus.publish(ConnectionsChanged())
    relay.close()
    bus.publish(ConnectionsChanged())
    assert heard == [True]
