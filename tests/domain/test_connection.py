from __future__ import annotations

from dataclasses import replace

import pytest

from s4desk.core.domain.connection import Connection
from s4desk.core.domain.identity import ConnectionId, Prefix

WORK = Connection(ConnectionId("1"), "Work", start_bucket="b")


@pytest.mark.parametrize(
    ("typed", "folder"), [("", ""), ("a", "a/"), ("a/", "a/"), ("a/b", "a/b/"), ("a//", "a//")]
)
def test_a_connection_starts_in_a_folder(typed, folder):
    assert Prefix("b", typed).folder == Prefix("b", folder)
    assert replace(WORK, start_prefix=typed).start == Prefix("b", folder)
    assert replace(WORK, start_prefix=typed).start_prefix == folder


def test_a_connection_without_a_start_bucket_has_no_start():
    assert replace(WORK, start_bucket="").start is None
