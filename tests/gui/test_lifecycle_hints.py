"""What a store says of its objects' ends, where it is something else than the window says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QTabWidget

from tests.gui.real_store import connection_to, go
from tests.gui.stage import memory_desk, perform
from tests.gui.test_lifecycle_previewing import LOGS, gone, keys, previewed
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from tests.gui.stage import Stage
    from tests.servers.endpoint import Endpoint

OFF: dict[str, Any] = {**LOGS, "ID": "off", "Status": "Disabled", "Expiration": {"Days": 1}}


def test_where_the_store_says_something_else_is_a_note(
    qapp: object,
    tmp_path: Path,
    localstack: Endpoint,
    new_bucket: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """LocalStack tells of rules that are switched off."""
    bucket = new_bucket(localstack)
    with s3_client(localstack) as client:
        client.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": [OFF, LOGS]}
        )
        client.put_object(Bucket=bucket, Key="logs/a", Body=b"1")
        client.put_object(Bucket=bucket, Key="kept", Body=b"1")

    async def story(stage: Stage) -> None:
        await go(stage, bucket)
        dialog = await previewed(stage)
        assert keys(dialog) == ["logs/a"]
        tabs = dialog.findChild(QTabWidget)
        assert tabs.tabText(2) == "Notes (1)"
        tabs.setCurrentIndex(2)
        note = tabs.currentWidget().model().index(0, 0).data()
        assert note.startswith("logs/a: The store: it expires")
        assert "by “off”. Here: it expires" in note
        assert note.endswith("by “logs”.")
        await gone(stage, dialog)

    connections = (connection_to(localstack, monkeypatch),)
    perform(memory_desk(tmp_path / "home"), story, connections=connections)
