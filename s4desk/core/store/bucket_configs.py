"""How botocore names, wraps and unwraps each configuration of a bucket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from s4desk.core.store.protocol import ConfigKind

Value = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ConfigOperations:
    """The three operations on one kind of configuration.

    `argument` is the parameter of `put` that takes the value; `wrapped` says that a reply to `get`
    holds the value under that same name, rather than in its own fields. `beside` are fields that
    `put` takes next to the argument. `neutral` is written where S3 has no deletion.
    """

    get: str
    put: str
    delete: str | None
    argument: str
    wrapped: bool = False
    beside: frozenset[str] = frozenset()
    neutral: Value = field(default_factory=dict)

    def value_of(self, reply: Value) -> Value:
        """The configuration in a reply; empty when there is none."""
        value = reply.get(self.argument, {}) if self.wrapped else reply
        return {name: each for name, each in value.items() if name != "ResponseMetadata"}

    def arguments(self, value: Value) -> dict[str, Any]:
        """The parameters of `put` for a configuration."""
        inside = {name: each for name, each in value.items() if name not in self.beside}
        outside = {name: each for name, each in value.items() if name in self.beside}
        return {self.argument: inside, **outside}


@dataclass(frozen=True, slots=True)
class _PolicyOperations(ConfigOperations):
    """A policy is one JSON text, in the field of the same name."""

    def arguments(self, value: Value) -> dict[str, Any]:
        return dict(value)


OPERATIONS: Final[Mapping[ConfigKind, ConfigOperations]] = {
    ConfigKind.LIFECYCLE: ConfigOperations(
        "get_bucket_lifecycle_configuration",
        "put_bucket_lifecycle_configuration",
        "delete_bucket_lifecycle",
        "LifecycleConfiguration",
        beside=frozenset({"TransitionDefaultMinimumObjectSize"}),
    ),
    ConfigKind.VERSIONING: ConfigOperations(
        "get_bucket_versioning",
        "put_bucket_versioning",
        None,
        "VersioningConfiguration",
        neutral={"Status": "Suspended"},
    ),
    ConfigKind.REPLICATION: ConfigOperations(
        "get_bucket_replication",
        "put_bucket_replication",
        "delete_bucket_replication",
        "ReplicationConfiguration",
        wrapped=True,
    ),
    ConfigKind.OBJECT_LOCK: ConfigOperations(
        "get_object_lock_configuration",
        "put_object_lock_configuration",
        None,
        "ObjectLockConfiguration",
        wrapped=True,
        neutral={"ObjectLockEnabled": "Enabled"},
    ),
    ConfigKind.POLICY: _PolicyOperations(
        "get_bucket_policy", "put_bucket_policy", "delete_bucket_policy", "Policy"
    ),
    ConfigKind.CORS: ConfigOperations(
        "get_bucket_cors", "put_bucket_cors", "delete_bucket_cors", "CORSConfiguration"
    ),
    ConfigKind.TAGGING: ConfigOperations(
        "get_bucket_tagging", "put_bucket_tagging", "delete_bucket_tagging", "Tagging"
    ),
    ConfigKind.ENCRYPTION: ConfigOperations(
        "get_bucket_encryption",
        "put_bucket_encryption",
        "delete_bucket_encryption",
        "ServerSideEncryptionConfiguration",
        wrapped=True,
    ),
}
