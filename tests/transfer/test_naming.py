"""Errors of transfers say at which connection the object is that they are about."""

from __future__ import annotations

from pathlib import Path

import pytest

from s4desk.core.domain.connection import Connection
from s4desk.core.domain.errors import (
    IntegrityError,
    LocalFileError,
    NotRemovedError,
    PermissionDeniedError,
    S4DeskError,
    SourceChangedError,
    SourceKeptError,
)
from s4desk.core.domain.transfer import Direction, TransferSpec
from s4desk.core.transfer.naming import name_connection
from tests.transfer.specs import ELSEWHERE, HERE, at, elsewhere

CONNECTIONS = {
    each: Connection(each, str(each), "https://store.example") for each in (HERE, ELSEWHERE)
}
COPY = TransferSpec(Direction.COPY, elsewhere("a"), at("b"))
TWIN = TransferSpec(Direction.COPY, elsewhere("a"), at("a"))
A, B = at("a").location, at("b").location


def named(error: S4DeskError, spec: TransferSpec = COPY) -> str | None:
    name_connection(error, spec, CONNECTIONS.get)
    found = getattr(error, "connection", None)
    return None if found is None else found.name


@pytest.mark.parametrize(
    ("error", "spec", "name"),
    [
        (IntegrityError("x", location=A), COPY, ELSEWHERE),
        (IntegrityError("x", location=B), COPY, HERE),
        (IntegrityError("x", location=A), TWIN, HERE),
        (SourceChangedError(A), TWIN, ELSEWHERE),
        (SourceKeptError(A), TWIN, ELSEWHERE),
        (SourceKeptError(A, is_of_target=True), TWIN, HERE),
        (SourceChangedError(Path("a")), COPY, None),
        (IntegrityError("x", location=at("c").location), COPY, None),
        (LocalFileError(Path("a"), OSError()), COPY, None),
    ],
)
def test_the_end_it_is_about(error: S4DeskError, spec: TransferSpec, name: str | None) -> None:
    assert named(error, spec) == name


def test_what_the_store_said_stays() -> None:
    error = PermissionDeniedError("no", location=A)
    error.connection = CONNECTIONS[HERE]
    assert named(error) == HERE


def test_a_cause_is_named_too() -> None:
    cause = PermissionDeniedError("no", location=A)
    named(NotRemovedError(A, cause))
    assert cause.connection is CONNECTIONS[ELSEWHERE]
