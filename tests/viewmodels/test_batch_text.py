"""The sentence at the end of a batch."""

from __future__ import annotations

from s4desk.core.domain.transfer import BatchId
from s4desk.core.runtime.events import BatchFinished
from s4desk.viewmodels.batch_text import batch_text, batch_title


def test_only_what_happened_is_said():
    assert (
        batch_text(BatchFinished(BatchId("b"), 1, 0, 0, 0, 2048)) == "1 file transferred (2.0 KiB)."
    )
    assert (
        batch_text(BatchFinished(BatchId("b"), 0, 2, 3, 1, 0))
        == "Nothing was transferred: 2 skipped, 3 failed, 1 cancelled."
    )
    assert batch_text(BatchFinished(BatchId("b"), 0, 0, 0, 0, 0)) == "Nothing was transferred."


def test_what_was_left_out_is_no_success():
    event = BatchFinished(BatchId("b"), 1, 0, 0, 0, 5, left_out=2)
    assert batch_text(event) == "1 file transferred (5 B), 2 left out."
    assert batch_title(event) == "Transfers ended with errors"


def test_a_folder_is_no_file():
    assert batch_text(BatchFinished(BatchId("b"), 2, 0, 0, 0, 0, folders=2)) == "2 folders made."
    assert (
        batch_text(BatchFinished(BatchId("b"), 3, 0, 1, 0, 5, folders=1))
        == "2 files transferred (5 B), 1 folder made, 1 failed."
    )


def test_why_one_failed_is_said():
    full = "The disk is full."
    assert (
        batch_text(BatchFinished(BatchId("b"), 0, 0, 1, 0, 0, error=full))
        == "Nothing was transferred: 1 failed. The disk is full."
    )
    assert (
        batch_text(BatchFinished(BatchId("b"), 0, 0, 2, 0, 0, error=full))
        == "Nothing was transferred: 2 failed. One of them: The disk is full."
    )


def test_a_failure_is_in_the_title():
    assert "errors" in batch_title(BatchFinished(BatchId("b"), 5, 0, 1, 0, 0))
    assert "errors" not in batch_title(BatchFinished(BatchId("b"), 5, 0, 0, 1, 0))
