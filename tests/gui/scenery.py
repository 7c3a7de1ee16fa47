"""What the stories share: opening the window, another program beside it, folders compared."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.gui.actors import Actor, Hand
    from tests.servers.endpoint import Endpoint


def tree_of(folder: Path) -> dict[str, str]:
    """Every file below a folder, and the hash of its content."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def open_window(actor: Callable[..., Actor], hand: Hand, endpoint: Endpoint, bucket: str) -> Actor:
    """The window, showing the bucket that somebody typed into the path."""
    window = actor(
        "tests.gui.story_window",
        endpoint.url,
        AWS_ACCESS_KEY_ID=endpoint.access_key,
        AWS_SECRET_ACCESS_KEY=endpoint.secret_key,
    )
    window.until(lambda now: now["title"] == "Story — s4desk" or now["title"] == "Story")
    window.until(lambda now: now["state"] == "complete")
    hand.click(window.latest["middle"])
    hand.key("ctrl+l")
    hand.type(f"s3://{bucket}/")
    hand.key("Return")
    window.until(lambda now: bucket in now["title"] and now["state"] == "complete")
    return window


def partner(actor: Callable[..., Actor], drop_folder: Path, *paths: Path) -> Actor:
    drop_folder.mkdir()
    started = actor("tests.gui.drag_partner", str(drop_folder), *map(str, paths))
    started.until(lambda now: "source" in now)
    return started
