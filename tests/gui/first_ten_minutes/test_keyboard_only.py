"""The five main things, done in a real window on a real store without touching the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.app.file_keyring import VARIABLE
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.gui.actors import Actor, Hand
    from tests.servers.endpoint import Endpoint

MOST_STEPS = 25
LETTER = b"Written without a mouse"


class Keyboard:
    """Hands that reach no mouse, and somebody who looks where the keyboard is."""

    def __init__(self, hand: Hand, window: Actor) -> None:
        self._hand = hand
        self._window = window
        self.press, self.type = hand.key, hand.type

    def go_to(self, name: str, key: str = "Tab") -> None:
        """Press a key until what has this name has the keyboard."""
        seen: list[str] = []
        while (focus := self._window.latest["focus"]) != name:
            assert len(seen) < MOST_STEPS, f"{name} is not reached: {seen}"
            seen.append(focus)
            self.press(key)
            self._window.until(lambda now, focus=focus: now["focus"] != focus)

    def fill(self, **fields: str) -> None:
        for name, text in fields.items():
            self.go_to(name.replace("_", " "))
            self.type(text)


@pytest.fixture
def window(actor: Callable[..., Actor], tmp_path: Path) -> Actor:
    """A window as it is on the first day, with a keyring."""
    environment = {
        "S4DESK_HOME": str(tmp_path / "home"),
        "PYTHON_KEYRING_BACKEND": "tests.app.file_keyring.FileKeyring",
        VARIABLE: str(tmp_path / "keyring.json"),
    }
    return actor("tests.gui.story_window", **environment)


@pytest.mark.timeout(180)
def test_connect_browse_upload_find_download_and_delete(
    window: Actor, hand: Hand, ceph: Endpoint, ceph_bucket: str, tmp_path: Path
) -> None:
    keys = Keyboard(hand, window)
    (tmp_path / "letter.txt").write_bytes(LETTER)
    (tmp_path / "here").mkdir()

    # Connect.
    window.until(lambda now: "Connect to a store" in now["said"])
    keys.press("ctrl+n")
    window.until(lambda now: now["dialog"] == "New Connection")
    keys.type("Other")
    keys.fill(Name="Ceph", Endpoint=ceph.url)
    keys.fill(Key_id=ceph.access_key, Secret_key=ceph.secret_key)
    keys.press("Return")
    window.until(lambda now: ceph_bucket in now["buckets"])
    assert not holding(tmp_path / "home", ceph.secret_key)

    # Browse: over to the rows, the bucket by the begin of its name; Escape does no harm.
    keys.go_to("Buckets", "F6")
    keys.type(ceph_bucket)
    window.until(lambda now: now["selected"] == 1)
    keys.press("Escape", "Return")
    window.until(lambda now: "This bucket is empty" in now["said"])

    # Upload.
    keys.press("ctrl+u")
    window.until(lambda now: now["dialog"] == "Upload Files")
    keys.type(str(tmp_path / "letter.txt"))
    keys.press("Return")
    window.until(lambda now: "letter.txt" in now["rows"] and now["transfers"] == ["completed"])
    assert stored(ceph, ceph_bucket) == {"letter.txt": LETTER}

    # Find and download.
    keys.press("ctrl+shift+f")
    window.until(lambda now: now["dialog"] == "Find")
    keys.type("lett*")
    keys.press("Return")
    window.until(lambda now: "lett*" in now["crumbs"] and "letter.txt" in now["rows"])
    assert window.latest["focus"] == "Objects"
    keys.press("Home")
    window.until(lambda now: now["selected"] == 1)
    keys.press("ctrl+d")
    window.until(lambda now: now["dialog"] == "Download to Folder")
    keys.type(str(tmp_path / "here"))
    keys.press("Return")
    window.until(lambda now: now["transfers"] == ["completed"] * 2)
    assert (tmp_path / "here" / "letter.txt").read_bytes() == LETTER

    # Delete: Return without the word does nothing, Escape takes it back.
    for last in ("Escape", "Return"):
        window.until(lambda now: not now["dialog"] and now["focus"] == "Objects")
        keys.press("Delete")
        window.until(lambda now: now["dialog"] == "Delete")
        keys.press("Return")
        assert window.latest["dialog"] == "Delete"
        keys.type("delete")
        assert stored(ceph, ceph_bucket) == {"letter.txt": LETTER}
        keys.press(last)
    window.until(lambda now: "deleted" in now["message"])
    assert stored(ceph, ceph_bucket) == {}

    keys.press("ctrl+q")
    assert window.wait() == (0, "")


@pytest.mark.timeout(120)
def test_a_menu_is_opened_walked_and_left(window: Actor, hand: Hand) -> None:
    keys = Keyboard(hand, window)
    window.until(lambda now: "Connect to a store" in now["said"])
    keys.press("alt+f", "Return")  # the first entry of the first menu
    window.until(lambda now: now["dialog"] == "New Connection")
    keys.press("Escape")  # nothing was typed
    window.until(lambda now: not now["dialog"])
    keys.press("ctrl+k")
    window.until(lambda now: now["focus"] == "Command")
    keys.type("about")
    keys.press("Return")
    window.until(lambda now: now["dialog"].startswith("About"))
    keys.press("Escape")
    window.until(lambda now: not now["dialog"])
    keys.press("ctrl+q")
    assert window.wait() == (0, "")


def stored(endpoint: Endpoint, bucket: str) -> dict[str, bytes]:
    with s3_client(endpoint) as client:
        found = client.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {
            each["Key"]: client.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
            for each in found
        }


def holding(folder: Path, secret: str) -> list[Path]:
    """The files in which a secret can be read."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path for path in files if secret.encode() in path.read_bytes()]
