"""What a bucket can be told: the kinds of configuration, and a document of one of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

S3_NAMESPACE: Final = "http://s3.amazonaws.com/doc/2006-03-01/"
MINIMUM_SIZE_HEADER: Final = "x-amz-transition-default-minimum-object-size"


class ConfigKind(StrEnum):
    """A configuration of a bucket, in the order in which they are shown."""

    VERSIONING = "versioning"
    OBJECT_LOCK = "object_lock"
    ENCRYPTION = "encryption"
    LIFECYCLE = "lifecycle"
    REPLICATION = "replication"
    POLICY = "policy"
    PUBLIC_ACCESS_BLOCK = "public_access_block"
    OWNERSHIP = "ownership"
    ACL = "acl"
    CORS = "cors"
    TAGGING = "tagging"
    WEBSITE = "website"
    LOGGING = "logging"
    NOTIFICATION = "notification"
    REQUEST_PAYMENT = "request_payment"
    ACCELERATE = "accelerate"
    INTELLIGENT_TIERING = "intelligent_tiering"
    INVENTORY = "inventory"
    ANALYTICS = "analytics"
    METRICS = "metrics"


@dataclass(frozen=True, slots=True)
class KindFacts:
    """How S3 and the AWS CLI name a kind.

    `query` is the subresource, `root` the element of its document (empty for JSON), `command` what
    stands behind `get-`, `put-` and `delete-` at the CLI, `option` what takes the value there.
    `neutral` is written where S3 has no deletion, as JSON; None where it has one. A kind that
    `has_ids` is there several times. `headers` belong to the document: header to field.
    """

    query: str
    root: str
    command: str
    option: str
    neutral: Mapping[str, object] | None = None
    has_ids: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    deletion: str = ""


_K = ConfigKind
FACTS: Final[Mapping[ConfigKind, KindFacts]] = {
    _K.VERSIONING: KindFacts(
        "versioning",
        "VersioningConfiguration",
        "bucket-versioning",
        "versioning-configuration",
        neutral={"Status": "Suspended"},
    ),
    _K.OBJECT_LOCK: KindFacts(
        "object-lock",
        "ObjectLockConfiguration",
        "object-lock-configuration",
        "object-lock-configuration",
        neutral={"ObjectLockEnabled": "Enabled"},
    ),
    _K.ENCRYPTION: KindFacts(
        "encryption",
        "ServerSideEncryptionConfiguration",
        "bucket-encryption",
        "server-side-encryption-configuration",
    ),
    _K.LIFECYCLE: KindFacts(
        "lifecycle",
        "LifecycleConfiguration",
        "bucket-lifecycle-configuration",
        "lifecycle-configuration",
        headers={MINIMUM_SIZE_HEADER: "TransitionDefaultMinimumObjectSize"},
        deletion="bucket-lifecycle",
    ),
    _K.REPLICATION: KindFacts(
        "replication",
        "ReplicationConfiguration",
        "bucket-replication",
        "replication-configuration",
    ),
    _K.POLICY: KindFacts("policy", "", "bucket-policy", "policy"),
    _K.PUBLIC_ACCESS_BLOCK: KindFacts(
        "publicAccessBlock",
        "PublicAccessBlockConfiguration",
        "public-access-block",
        "public-access-block-configuration",
    ),
    _K.OWNERSHIP: KindFacts(
        "ownershipControls",
        "OwnershipControls",
        "bucket-ownership-controls",
        "ownership-controls",
    ),
    _K.ACL: KindFacts("acl", "AccessControlPolicy", "bucket-acl", "access-control-policy", {}),
    _K.CORS: KindFacts("cors", "CORSConfiguration", "bucket-cors", "cors-configuration"),
    _K.TAGGING: KindFacts("tagging", "Tagging", "bucket-tagging", "tagging"),
    _K.WEBSITE: KindFacts(
        "website", "WebsiteConfiguration", "bucket-website", "website-configuration"
    ),
    _K.LOGGING: KindFacts(
        "logging", "BucketLoggingStatus", "bucket-logging", "bucket-logging-status", {}
    ),
    _K.NOTIFICATION: KindFacts(
        "notification",
        "NotificationConfiguration",
        "bucket-notification-configuration",
        "notification-configuration",
        neutral={},
    ),
    _K.REQUEST_PAYMENT: KindFacts(
        "requestPayment",
        "RequestPaymentConfiguration",
        "bucket-request-payment",
        "request-payment-configuration",
        neutral={"Payer": "BucketOwner"},
    ),
    _K.ACCELERATE: KindFacts(
        "accelerate",
        "AccelerateConfiguration",
        "bucket-accelerate-configuration",
        "accelerate-configuration",
        neutral={"Status": "Suspended"},
    ),
    _K.INTELLIGENT_TIERING: KindFacts(
        "intelligent-tiering",
        "IntelligentTieringConfiguration",
        "bucket-intelligent-tiering-configuration",
        "intelligent-tiering-configuration",
        has_ids=True,
    ),
    _K.INVENTORY: KindFacts(
        "inventory",
        "InventoryConfiguration",
        "bucket-inventory-configuration",
        "inventory-configuration",
        has_ids=True,
    ),
    _K.ANALYTICS: KindFacts(
        "analytics",
        "AnalyticsConfiguration",
        "bucket-analytics-configuration",
        "analytics-configuration",
        has_ids=True,
    ),
    _K.METRICS: KindFacts(
        "metrics",
        "MetricsConfiguration",
        "bucket-metrics-configuration",
        "metrics-configuration",
        has_ids=True,
    ),
}


@dataclass(frozen=True, slots=True)
class BucketDocument:
    """One configuration exactly as a store sent it, or as it is to be sent: XML, a policy as JSON.

    `headers` are those of `FACTS[kind].headers`, which come and go beside the body. `id` is set for
    a kind that is there several times; `at` is when the store sent it, by its own clock.
    """

    kind: ConfigKind
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    id: str = ""
    at: datetime | None = field(default=None, compare=False)
