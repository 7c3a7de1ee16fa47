"""A file that others write is heard of, however they write it."""

from __future__ import annotations

import os

import pytest

from s4desk.gui.bridge.file_watch import FileWatch


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file"


@pytest.fixture
def watch(qapp, path):
    watch = FileWatch(path)
    yield watch
    watch.close()


def replaced(path, text):
    fresh = path.with_name("fresh")
    fresh.write_text(text)
    os.replace(fresh, path)


def test_each_way_to_write_is_told(qtbot, path, watch):
    for write in (
        lambda: path.write_text("made"),
        lambda: path.write_text("written into"),
        lambda: replaced(path, "replaced"),
        lambda: path.write_text("written into again"),
        path.unlink,
    ):
        with qtbot.waitSignal(watch.changed, timeout=5000):
            write()


def test_other_files_are_none_of_it(qtbot, path, watch):
    (path.parent / "other").write_text("x")
    with qtbot.assertNotEmitted(watch.changed, wait=700):
        pass


def test_nothing_is_told_after_the_end(qtbot, path, watch):
    watch.close()
    path.write_text("x")
    with qtbot.assertNotEmitted(watch.changed, wait=700):
        pass
