"""What became of reads of a group."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """Of all, of those that another backend had to serve than should have, of those where nobody
    knew where to look, of those of which nobody knows the answer, and of backends that were left
    out for their limits."""

    reads: int = 0
    failovers: int = 0
    degraded: int = 0
    mixed: int = 0
    skipped: int = 0
