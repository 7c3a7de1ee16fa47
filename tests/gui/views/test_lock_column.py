"""The column of locks is wide enough for what it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtGui import QFontMetrics

from s4desk.core.domain.lock import LockMode, LockState
from s4desk.gui.views.table_looks import ICON_SIDE, WIDEST
from s4desk.viewmodels.lock_text import badge_of
from s4desk.viewmodels.ordering import Column

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize("mode", LockMode)
def test_a_date_is_not_cut_where_there_is_a_hold_too(qapp, mode):
    badge = badge_of(LockState(mode, NOW + timedelta(days=3), legal_hold=True), NOW)
    metrics = QFontMetrics(qapp.font())
    room = metrics.horizontalAdvance(WIDEST[Column.LOCK])
    assert metrics.horizontalAdvance(badge.text) + ICON_SIDE <= room
