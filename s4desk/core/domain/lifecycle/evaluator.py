"""The one interface of both evaluators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from s4desk.core.domain.lifecycle.candidates import Candidate, UploadCandidate
    from s4desk.core.domain.lifecycle.decisions import Decision, Event, Step


class Evaluator(Protocol):
    """Decides by rules alone: age, size, tags and now in, action and reason out."""

    def decide(self, candidate: Candidate, now: datetime) -> Decision | None:
        """What is due at `now`; None when nothing happens."""

    def decide_upload(self, upload: UploadCandidate, now: datetime) -> Decision | None:
        """Whether an unfinished upload is aborted at `now`."""

    def steps(self, candidate: Candidate) -> Sequence[Step]:
        """All that enabled rules will ever do to a candidate as it is, in order of the rules."""

    def upload_steps(self, upload: UploadCandidate) -> Sequence[Step]:
        """As `steps`, for an unfinished upload."""

    def forecast(self, versions: Sequence[Candidate], now: datetime, days: int) -> Sequence[Event]:
        """What happens to all versions of one key (the newest first) until `days` from now, in
        order of time. 0 days is what is due now.

        What an event changes is taken into account: an expired current version is noncurrent from
        then on, a transitioned one has another class, a marker may be left alone.
        """
