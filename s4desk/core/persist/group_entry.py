"""A failover group as a table of the file of connections."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

from s4desk.core.domain.failover import (
    MOST_BACKENDS,
    TIMEOUT_S,
    Backend,
    FailoverGroup,
    UsageLimits,
)
from s4desk.core.domain.identity import ConnectionId

_LIMITS = tuple(field.name for field in fields(UsageLimits))


def to_group_entry(group: FailoverGroup) -> dict[str, Any]:
    return {
        "degraded_reads": group.degraded_reads,
        "parallel": group.parallel,
        "timeout_s": group.timeout_s,
        "backends": [_to_backend(each) for each in group.backends],
    }


def from_group_entry(entry: dict[str, Any]) -> FailoverGroup:
    """Raises KeyError, TypeError or ValueError for what is no group."""
    backends = tuple(_from_backend(_table(each)) for each in _table(entry)["backends"])
    if not 0 < len(backends) <= MOST_BACKENDS:
        raise ValueError(f"{len(backends)} backends")
    if len({each.connection for each in backends}) < len(backends):
        raise ValueError("a backend is there twice")
    degraded = entry.get("degraded_reads", True)
    if not isinstance(degraded, bool):
        raise TypeError(f"neither true nor false: {degraded!r}")
    parallel, timeout_s = _count(entry.get("parallel", 1)), entry.get("timeout_s", TIMEOUT_S)
    is_number = isinstance(timeout_s, int | float) and not isinstance(timeout_s, bool)
    if not is_number or not 0 < timeout_s < math.inf or not parallel:
        raise ValueError(f"{parallel} at once, {timeout_s} s")
    return FailoverGroup(backends, degraded, parallel, float(timeout_s))


def _to_backend(backend: Backend) -> dict[str, Any]:
    limits = {name: getattr(backend.limits, name) for name in _LIMITS}
    return {
        "connection": backend.connection,
        **({"buckets": dict(backend.buckets)} if backend.buckets else {}),
        **{name: value for name, value in limits.items() if value},
    }


def _from_backend(entry: dict[str, Any]) -> Backend:
    buckets = _table(entry.get("buckets", {}))
    if not all(isinstance(each, str) for pair in buckets.items() for each in pair):
        raise TypeError(f"not names of buckets: {buckets!r}")
    limits = UsageLimits(**{name: _count(entry.get(name, 0)) for name in _LIMITS})
    connection = entry["connection"]
    if not isinstance(connection, str):
        raise TypeError(f"not a text: {connection!r}")
    return Backend(ConnectionId(connection), tuple(buckets.items()), limits)


def _table(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"not a table: {value!r}")
    return value


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise TypeError(f"not a number of things: {value!r}")
    return value
