from __future__ import annotations

import pytest

from s4desk.core.domain.transfer import TRANSITIONS, TransferState


def test_every_state_has_its_row_in_the_table() -> None:
    assert set(TRANSITIONS) == set(TransferState)


@pytest.mark.parametrize("state", TransferState)
@pytest.mark.parametrize("target", TransferState)
def test_only_the_listed_ways_are_open(state: TransferState, target: TransferState) -> None:
    if target in TRANSITIONS[state]:
        assert state.to(target) is target
    else:
        with pytest.raises(ValueError, match="->"):
            state.to(target)


def test_what_is_over_stays_over() -> None:
    assert [state for state in TransferState if state.is_final] == [
        TransferState.COMPLETED,
        TransferState.CANCELLED,
    ]
    assert not TRANSITIONS[TransferState.CANCELLED]


def test_only_a_second_reading_takes_a_success_back() -> None:
    assert TRANSITIONS[TransferState.COMPLETED] == {TransferState.FAILED}


def test_failed_and_paused_go_back_to_the_queue() -> None:
    for state in (TransferState.FAILED, TransferState.PAUSED):
        assert state.to(TransferState.QUEUED) is TransferState.QUEUED
