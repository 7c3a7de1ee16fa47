from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    ConnectionLimits,
    CredentialKind,
    CredentialReference,
    Credentials,
    WaySecrets,
    group_connection,
)
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.failover import Backend, FailoverGroup
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.persist.connections import (
    ConnectionBook,
    new_connection_id,
    parse_credential_reference,
)
from s4desk.core.persist.secrets import Keychain
from s4desk.core.runtime.events import ConnectionsChanged, EventBus
from tests.persist.fakes import FakeKeyring

if TYPE_CHECKING:
    from pathlib import Path

WORK = Connection(
    ConnectionId("1"),
    "Work",
    "https://s3.test",
    "eu-west-1",
    Addressing.PATH,
    CredentialReference(CredentialKind.PROFILE, "work"),
    "/ca.pem",
    "photos",
    "2024/",
    limits=ConnectionLimits(transfers=2, parts=4, upload_rate=10**6, download_rate=2 * 10**6),
    provider="minio",
)
HOME = Connection(ConnectionId("2"), "Home")


class World:
    """A book with everything around it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.keyring = FakeKeyring()
        self.secrets = Keychain(lambda: self.keyring)
        self.events = EventBus()
        self.changes: list[ConnectionsChanged] = []
        self.events.subscribe(ConnectionsChanged, self.changes.append)
        self.book = self.opened()

    def opened(self) -> ConnectionBook:
        return ConnectionBook(self.path, self.events, self.secrets)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "connections.toml")


async def test_connections_are_there_after_a_restart_in_their_order(world):
    await world.book.add(WORK)
    await world.book.add(HOME)
    assert world.opened().all() == [WORK, HOME]
    assert len(world.changes) == 2


async def test_connections_are_found_by_id_and_by_name_in_any_case(world):
    await world.book.add(WORK)
    assert world.book.get(WORK.id) == WORK
    assert world.book.by_name("wORK") == WORK
    assert world.book.get(HOME.id) is None
    assert world.book.by_name("Home") is None


async def test_a_name_is_there_once(world):
    await world.book.add(WORK)
    await world.book.add(HOME)
    with pytest.raises(ValidationError, match="Work"):
        await world.book.add(replace(HOME, id=ConnectionId("3"), name="WORK"))
    with pytest.raises(ValidationError, match="Work"):
        await world.book.edit(replace(HOME, name="work"))
    assert world.opened().all() == [WORK, HOME]
    assert len(world.changes) == 2


async def test_an_edit_replaces_and_may_keep_its_name(world):
    await world.book.add(WORK)
    changed = replace(
        WORK, name="WORK", start_prefix="", ca_file="", limits=ConnectionLimits(parts=3)
    )
    await world.book.edit(changed)
    assert world.opened().all() == [changed]


async def test_the_way_to_a_store_is_kept_without_its_secrets(world):
    way = {"proxy": "http://me@10.0.0.1:3128", "client_certificate": "/c.pem", "verify": False}
    there = replace(WORK, client_key="/c.key", **way)
    await world.book.add(there)
    assert world.opened().all() == [there]
    await world.book.edit(WORK)
    assert world.opened().all() == [WORK]
    assert "verify" not in world.path.read_text()


@pytest.mark.parametrize("verify", ['"no"', "0", "1"])
async def test_only_false_turns_verification_off(world, verify, expected_logs):
    entry = f'[[connections]]\nid = "1"\nname = "Work"\nverify = {verify}\n'
    world.path.write_text(entry)
    assert world.opened().all() == []
    assert len(expected_logs) == 1


async def test_a_key_that_leaves_the_keyring_leaves_the_password_of_the_proxy(world):
    await world.book.add(HOME)
    await world.secrets.keep(HOME.id, Credentials("AKIA", "s3cr3t-s3cr3t"))
    await world.secrets.keep_way(HOME.id, WaySecrets("proxy-pw-1"))
    await world.book.edit(
        replace(HOME, credentials=CredentialReference(CredentialKind.ENVIRONMENT))
    )
    assert await world.secrets.credentials(HOME.id) is None
    assert (await world.secrets.way_secrets(HOME.id)).proxy_password == "proxy-pw-1"
    await world.book.remove(HOME.id)
    assert world.keyring.entries == {}


async def test_unknown_keys_stay_through_an_edit(world):
    world.path.write_text(
        'version = 1\nfuture = 1\n[[connections]]\nid = "1"\nname = "Work"\ncolour = "red"\n'
    )
    book = world.opened()
    await book.edit(replace(WORK, name="Office"))
    await book.add(HOME)
    document = tomllib.loads(world.path.read_text())
    assert document["future"] == 1
    assert document["connections"][0]["colour"] == "red"
    assert document["connections"][0]["name"] == "Office"


async def test_removing_a_connection_removes_its_secret(world):
    await world.book.add(HOME)
    await world.secrets.keep(HOME.id, Credentials("AKIA", "s3cr3t-s3cr3t"))
    await world.book.remove(HOME.id)
    assert (world.book.all(), world.opened().all(), world.keyring.entries) == ([], [], {})


async def test_a_connection_that_leaves_the_keyring_takes_its_secret_along(world):
    await world.book.add(HOME)
    await world.secrets.keep(HOME.id, Credentials("AKIA", "s3cr3t-s3cr3t"))
    await world.book.edit(replace(HOME, region="eu-west-1"))
    assert world.keyring.entries
    await world.book.edit(replace(HOME, credentials=CredentialReference(CredentialKind.ANONYMOUS)))
    assert world.keyring.entries == {}


async def test_a_change_keeps_what_another_process_wrote(world):
    other = world.opened()
    await other.add(WORK)
    await world.book.add(HOME)
    assert world.opened().all() == [WORK, HOME]
    assert world.book.all() == [WORK, HOME]


async def test_what_another_process_wrote_is_seen_and_told_once(world):
    other = ConnectionBook(world.path, EventBus(), world.secrets)
    await other.add(WORK)
    await world.book.refresh()
    await world.book.refresh()
    assert world.book.all() == [WORK]
    assert len(world.changes) == 1


async def test_a_file_that_is_half_written_changes_nothing(world):
    await world.book.add(WORK)
    whole = world.path.read_bytes()
    world.path.write_bytes(whole[:-9])
    await world.book.refresh()
    assert world.book.all() == [WORK]
    assert world.path.read_bytes() == whole[:-9]


async def test_what_cannot_be_read_is_counted_and_kept(world, expected_logs):
    world.path.write_text(
        'version = 1\n[[connections]]\nname = "no id"\n'
        '[[connections]]\nid = "5"\nname = "x"\naddressing = "sideways"\n'
        '[[connections]]\nid = "6"\nname = 7\n'
    )
    book = world.opened()
    assert "3 connections" in book.notice
    await book.add(HOME)
    assert book.all() == [HOME]
    assert len(tomllib.loads(world.path.read_text())["connections"]) == 4


async def test_a_damaged_file_is_kept_aside(world, expected_logs):
    world.path.write_text("[[connections")
    book = world.opened()
    assert "damaged" in book.notice
    assert book.all() == []


async def test_broken_unicode_is_refused_before_anything_is_written(world):
    with pytest.raises(ValidationError):
        await world.book.add(replace(HOME, start_bucket="b", start_prefix="\udcff"))
    assert not world.path.exists()


@pytest.mark.parametrize("text", ["keyring", "env", "anonymous", "profile:work", "profile:a:b"])
def test_a_credential_reference_is_written_as_it_is_read(text):
    assert str(parse_credential_reference(text)) == text


@pytest.mark.parametrize("text", ["", "profile", "profile:", "env:x", "password", "Keyring"])
def test_another_credential_reference_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        parse_credential_reference(text)


def test_ids_are_not_used_twice():
    assert new_connection_id() != new_connection_id()


async def test_a_start_folder_kept_without_its_slash_is_a_folder(world):
    world.path.write_text(
        'version = 1\n[[connections]]\nid = "1"\nname = "Work"\n'
        'start_bucket = "b"\nstart_prefix = "archive/2025"\n'
    )
    (old,) = world.opened().all()
    assert old.start == Prefix("b", "archive/2025/")


async def test_a_group_leads_where_its_first_member_does(world):
    first = Connection(new_connection_id(), "A", "http://a")
    second = Connection(new_connection_id(), "B", "http://b")
    members = Backend(first.id, (("data", "other"),)), Backend(second.id)
    group = group_connection(new_connection_id(), "G", FailoverGroup(members))
    await world.book.add_all([group, first, second])
    assert world.book.get(group.id).endpoint == "group:http://a#data=other"
    await world.book.edit(replace(first, endpoint="http://c"))
    assert world.book.get(group.id).endpoint == "group:http://c#data=other"
    turned = replace(group, group=FailoverGroup(tuple(reversed(members))))
    await world.book.edit(turned)
    assert world.book.get(group.id).endpoint == "group:http://b"
    await world.book.remove(second.id)
    assert world.book.get(group.id) is not None
