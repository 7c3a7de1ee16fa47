"""Looking around in the real window: keys of few rights, a store that hangs, odd names."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from s4desk.viewmodels.rows import folder_label, object_label
from tests.gui.scenery import open_window
from tests.servers.client import s3_client
from tests.servers.fault import Stall
from tests.store.samples import ODD_KEYS, TWINS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.gui.actors import Actor, Hand
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import FaultProxy

BELOW = ("/lead", "a//b", "dir/", "+/b", "emoji 😀/👩‍👩‍👧.txt")


@contextmanager
def may_not_list_buckets(ceph: Endpoint) -> Iterator[None]:
    deny = {"Effect": "Deny", "Action": ["s3:ListAllMyBuckets"], "Resource": ["*"]}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]}, separators=(",", ":"))
    with s3_client(ceph, service="iam") as iam:
        iam.put_user_policy(UserName="alice", PolicyName="no-list", PolicyDocument=policy)
        try:
            yield
        finally:
            iam.delete_user_policy(UserName="alice", PolicyName="no-list")


@pytest.mark.timeout(120)
def test_a_key_that_may_not_list_buckets_opens_one_that_is_typed(
    actor: Callable[..., Actor], hand: Hand, ceph: Endpoint, ceph_bucket: str
) -> None:
    with s3_client(ceph) as client:
        client.put_object(Bucket=ceph_bucket, Key="deep/er/a.txt", Body=b"x")
    keys = {"AWS_ACCESS_KEY_ID": ceph.access_key, "AWS_SECRET_ACCESS_KEY": ceph.secret_key}
    with may_not_list_buckets(ceph):
        window = actor("tests.gui.story_window", ceph.url, **keys)
        window.until(lambda now: "may not list buckets" in now["said"])
        assert "empty" not in window.latest["said"]
        hand.click(window.latest["middle"])
        hand.key("ctrl+l")
        hand.type(f"s3://{ceph_bucket}/deep/")
        hand.key("Return")
        window.until(lambda now: list(now["rows"]) == ["er"] and now["state"] == "complete")
    assert window.quit() == (0, "")


@pytest.mark.timeout(180)
def test_a_store_that_hangs_is_not_empty_and_stopping_works(
    actor: Callable[..., Actor],
    hand: Hand,
    ceph: Endpoint,
    ceph_bucket: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
) -> None:
    with s3_client(ceph) as client:
        client.put_object(Bucket=ceph_bucket, Key="a.txt", Body=b"x")
    proxy = fault_proxy(ceph)
    window = open_window(actor, hand, proxy.endpoint, ceph_bucket)
    window.until(lambda now: list(now["rows"]) == ["a.txt"])

    stall = Stall(after=None)
    proxy.on(stall, method="GET", path_re="list-type=2", times=None)
    hand.key("ctrl+l")
    hand.type(f"s3://{ceph_bucket}/other/")
    hand.key("Return")
    assert stall.reached.wait(30)
    window.until(lambda now: now["state"] == "loading")
    assert "empty" not in window.latest["said"]
    hand.key("Escape")
    window.until(lambda now: now["state"] == "stopped")
    assert "empty" not in window.latest["said"].lower()

    # It does not come back: what is said is what is wrong, with a way to try again.
    proxy.down()
    hand.key("F5")
    window.until(lambda now: now["state"] == "failed")
    assert "empty" not in window.latest["said"].lower()
    proxy.clear()
    proxy.up()
    hand.key("F5")
    window.until(lambda now: now["state"] == "complete")
    assert "Nothing begins with" in window.latest["said"]
    assert window.quit() == (0, "")


@pytest.mark.timeout(180)
def test_odd_keys_are_rows_of_their_own_and_come_down(
    actor: Callable[..., Actor], hand: Hand, ceph: Endpoint, ceph_bucket: str, tmp_path: Path
) -> None:
    keys = [*ODD_KEYS.values(), *TWINS, *BELOW]
    with s3_client(ceph) as client:
        for key in set(keys):
            client.put_object(Bucket=ceph_bucket, Key=key, Body=key.encode())
    window = open_window(actor, hand, ceph, ceph_bucket)
    window.until(lambda now: now["state"] == "complete")
    shown = {
        folder_label(key.partition("/")[0]) if "/" in key else object_label(key) for key in keys
    }
    assert len(shown) > 30
    window.until(lambda now: set(now["rows"]) <= shown and len(now["rows"]) > 15)

    # All of it, through the dialog that tells which names will be others here.
    (tmp_path / "here").mkdir()
    hand.click(window.latest["middle"])
    hand.key("ctrl+a")
    hand.key("ctrl+d")
    window.until(lambda now: now["dialog"] == "Download to Folder")
    hand.type(str(tmp_path / "here"))
    hand.key("Return")
    window.until(lambda now: now["dialog"] not in ("", "Download to Folder"))
    hand.key("Return")
    window.until(lambda now: now["transfers"] and set(now["transfers"]) <= {"completed", "skipped"})
    found = {path.read_bytes() for path in (tmp_path / "here").rglob("*") if path.is_file()}
    # What stands for a folder may come with its content, which S3 lets it have.
    assert found >= {key.encode() for key in keys if not key.endswith("/")}
    assert found <= {key.encode() for key in keys}
    assert window.quit() == (0, "")
