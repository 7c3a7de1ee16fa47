"""A window at a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    CredentialKind,
    CredentialReference,
)
from s4desk.core.domain.identity import Prefix
from s4desk.viewmodels.places import Place
from tests.gui.stage import HOME

if TYPE_CHECKING:
    import pytest

    from tests.gui.stage import Stage
    from tests.servers.endpoint import Endpoint


def connection_to(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, *, token: str = ""
) -> Connection:
    """With the keys of the server in the environment; with a token they are temporary."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", endpoint.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", endpoint.secret_key)
    if token:
        monkeypatch.setenv("AWS_SESSION_TOKEN", token)
    return Connection(
        HOME,
        "Home",
        endpoint=endpoint.url,
        region=endpoint.region,
        addressing=Addressing.PATH,
        credentials=CredentialReference(CredentialKind.ENVIRONMENT),
    )


async def go(stage: Stage, bucket: str, prefix: str = "") -> None:
    """Show a folder of a real bucket, and wait until it is there."""
    stage.commands.browsing.go(Place(HOME, Prefix(bucket, prefix)))
    await stage.rested()
