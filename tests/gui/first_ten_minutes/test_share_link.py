"""A link signed with keys that end soon says when it really ends."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QTextBrowser

from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    CredentialKind,
    CredentialReference,
)
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.rows import format_time
from tests.gui.stage import Stage, memory_desk, perform, until

if TYPE_CHECKING:
    from s4desk.core.desk import Desk
    from tests.servers.endpoint import Endpoint

MINUTES = 20


@pytest.fixture
def desk(tmp_path: Path, qapp: object) -> Desk:
    return memory_desk(tmp_path / "home")


@pytest.fixture
def keys_end(moto: Endpoint, tmp_path: Path) -> datetime:
    """A profile whose program gives temporary keys; when they end."""
    end = (datetime.now(UTC) + timedelta(minutes=MINUTES)).replace(microsecond=0)
    keys = {
        "Version": 1,
        "AccessKeyId": moto.access_key,
        "SecretAccessKey": moto.secret_key,
        "SessionToken": "token",
        "Expiration": end.isoformat(),
    }
    program = tmp_path / "keys.py"
    program.write_text(f"print({json.dumps(json.dumps(keys))})")
    configuration = f"[profile brief]\ncredential_process = {sys.executable} {program}\n"
    Path(os.environ["AWS_CONFIG_FILE"]).write_text(configuration)
    return end


def test_a_link_ends_with_the_keys_that_signed_it(
    desk: Desk, moto: Endpoint, moto_bucket: str, keys_end: datetime
) -> None:
    brief = Connection(
        ConnectionId("brief"),
        "Brief",
        endpoint=moto.url,
        region=moto.region,
        addressing=Addressing.PATH,
        credentials=CredentialReference(CredentialKind.PROFILE, "brief"),
    )

    async def story(stage: Stage) -> None:
        assert stage.window is not None
        inspector = stage.window.inspector
        store = await stage.desk.stores.get(brief.id)
        await store.put(Location(moto_bucket, "a.txt"), b"hello")
        stage.commands.browsing.go(Place(brief.id, Prefix(moto_bucket)))
        await stage.rested()
        stage.window.acts[Act.SHOW_INSPECTOR].setChecked(True)
        stage.select("a.txt")
        text = inspector.findChild(QTextBrowser)
        assert text is not None
        await until(lambda: "Sign a link for one hour" in text.toPlainText())
        text.anchorClicked.emit("offer:sign")
        await until(lambda: "Anybody who has it" in text.toPlainText())
        said = text.toPlainText().partition("Anybody who has it")[2]
        assert f"until {format_time(keys_end.timestamp())}" in said
        assert "key" in said

    perform(desk, story, connections=(brief,))
