"""The versions of one object, in an inspector that is wide, and in one that is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtGui import QIcon

from s4desk.core.domain.identity import Location, VersionId
from s4desk.core.domain.objects import ObjectVersion
from s4desk.gui.models.version_table import VersionColumn
from s4desk.gui.views.timeline_panel import TimelinePanel

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def panel(qapp):
    panel = TimelinePanel(lambda _: QIcon())
    yield panel
    panel.close()
    panel.deleteLater()


def test_ids_go_where_there_is_no_room_for_them(panel):
    versions = [
        ObjectVersion(Location("b", "k"), VersionId(f"id-{at}"), at == 0, False, WHEN, size=9)
        for at in range(3)
    ]
    panel.show_versions(versions)
    panel.resize(700, 220)
    panel.show()
    table = panel.table
    assert not table.isColumnHidden(VersionColumn.ID)
    panel.resize(360, 220)
    assert table.isColumnHidden(VersionColumn.ID)
    assert table.horizontalHeader().length() <= table.viewport().width()
    assert not table.isColumnHidden(VersionColumn.STATE)
    panel.resize(700, 220)
    assert not table.isColumnHidden(VersionColumn.ID)
