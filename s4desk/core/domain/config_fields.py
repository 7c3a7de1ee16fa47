"""What the elements of each configuration are called in JSON, and what their text means.

The names are those of the AWS CLI and of botocore, whose own description of S3 takes 100 ms to
load; a test compares the two. Elements that are not named here are text, or hold others.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.bucket_config import ConfigKind

if TYPE_CHECKING:
    from collections.abc import Mapping


class Shape(Enum):
    """What an element is. LIST is one that is repeated beside others, WRAPPED holds a list."""

    TEXT = auto()
    NUMBER = auto()
    FLAG = auto()
    STRUCT = auto()
    LIST = auto()
    WRAPPED = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """`json` is the name in JSON; `item` the element inside a WRAPPED one."""

    json: str
    shape: Shape = Shape.TEXT
    item: str = ""


Fields = dict[str, Field]
"""By the name of the element, or by `Parent/Name` where that decides."""


def _all(shape: Shape, names: str) -> Fields:
    """Fields by their elements; `Element=Name` where JSON calls it otherwise."""
    pairs = (name.partition("=") for name in names.split())
    return {element: Field(json or element.rpartition("/")[2], shape) for element, _, json in pairs}


def _wrapped(element: str, item: str, json: str = "") -> Fields:
    return {element: Field(json or element, Shape.WRAPPED, item)}


def _texts(names: str) -> Fields:
    return _all(Shape.TEXT, names)


_FILTER: Final = _all(Shape.STRUCT, "Filter And Tag") | _all(Shape.LIST, "And/Tag=Tags")
_GRANTEE: Final = _all(Shape.STRUCT, "Grantee") | _texts("DisplayName EmailAddress ID URI")
_KEY: Final = _texts("Key Value Prefix")
_S3_DESTINATION: Final = _all(Shape.STRUCT, "Destination S3BucketDestination") | _texts(
    "Bucket Format Prefix"
)

SAID_BY_BEING_THERE: Final = frozenset({"EventBridgeConfiguration", "SSES3", "SimplePrefix"})
"""Structures that are empty, and mean something."""

_K = ConfigKind
FIELDS: Final[Mapping[ConfigKind, Fields]] = {
    _K.VERSIONING: _texts("MfaDelete=MFADelete Status"),
    _K.OBJECT_LOCK: _texts("ObjectLockEnabled Mode")
    | _all(Shape.STRUCT, "Rule DefaultRetention DefaultEventHold")
    | _all(Shape.NUMBER, "Days Years"),
    _K.ENCRYPTION: _all(Shape.LIST, "Rule=Rules EncryptionType")
    | _all(Shape.STRUCT, "ApplyServerSideEncryptionByDefault BlockedEncryptionTypes")
    | _all(Shape.FLAG, "BucketKeyEnabled")
    | _texts("SSEAlgorithm KMSMasterKeyID"),
    _K.LIFECYCLE: _FILTER
    | _KEY
    | _texts("ID Status Date StorageClass")
    | _all(
        Shape.LIST,
        "Rule=Rules Transition=Transitions"
        " NoncurrentVersionTransition=NoncurrentVersionTransitions",
    )
    | _all(Shape.STRUCT, "Expiration NoncurrentVersionExpiration AbortIncompleteMultipartUpload")
    | _all(
        Shape.NUMBER,
        "Days ObjectSizeGreaterThan ObjectSizeLessThan NoncurrentDays NewerNoncurrentVersions"
        " DaysAfterInitiation",
    )
    | _all(Shape.FLAG, "ExpiredObjectDeleteMarker"),
    _K.REPLICATION: _FILTER
    | _KEY
    | _texts("ID Status Role Bucket Account StorageClass Owner ReplicaKmsKeyID")
    | _all(Shape.LIST, "Rule=Rules")
    | _all(
        Shape.STRUCT,
        "SourceSelectionCriteria SseKmsEncryptedObjects ReplicaModifications"
        " ExistingObjectReplication Destination AccessControlTranslation"
        " EncryptionConfiguration ReplicationTime Time Metrics EventThreshold"
        " DeleteMarkerReplication",
    )
    | _all(Shape.NUMBER, "Priority Minutes"),
    _K.POLICY: {},
    _K.PUBLIC_ACCESS_BLOCK: _all(
        Shape.FLAG, "BlockPublicAcls IgnorePublicAcls BlockPublicPolicy RestrictPublicBuckets"
    ),
    _K.OWNERSHIP: _all(Shape.LIST, "Rule=Rules") | _texts("ObjectOwnership"),
    _K.ACL: _GRANTEE
    | _all(Shape.STRUCT, "Owner")
    | _texts("Permission")
    | _wrapped("AccessControlList", "Grant", "Grants"),
    _K.CORS: _all(
        Shape.LIST,
        "CORSRule=CORSRules AllowedHeader=AllowedHeaders AllowedMethod=AllowedMethods"
        " AllowedOrigin=AllowedOrigins ExposeHeader=ExposeHeaders",
    )
    | _texts("ID")
    | _all(Shape.NUMBER, "MaxAgeSeconds"),
    _K.TAGGING: _wrapped("TagSet", "Tag") | _texts("Key Value"),
    _K.WEBSITE: _wrapped("RoutingRules", "RoutingRule")
    | _all(Shape.STRUCT, "ErrorDocument IndexDocument RedirectAllRequestsTo Condition Redirect")
    | _texts(
        "Key Suffix HostName Protocol HttpErrorCodeReturnedEquals KeyPrefixEquals"
        " HttpRedirectCode ReplaceKeyPrefixWith ReplaceKeyWith"
    ),
    _K.LOGGING: _GRANTEE
    | _wrapped("TargetGrants", "Grant")
    | _all(
        Shape.STRUCT,
        "LoggingEnabled TargetObjectKeyFormat SimplePrefix PartitionedPrefix",
    )
    | _texts("TargetBucket TargetPrefix PartitionDateSource Permission"),
    _K.NOTIFICATION: _all(
        Shape.LIST,
        "TopicConfiguration=TopicConfigurations QueueConfiguration=QueueConfigurations"
        " CloudFunctionConfiguration=LambdaFunctionConfigurations Event=Events"
        " FilterRule=FilterRules",
    )
    | _all(Shape.STRUCT, "Filter S3Key=Key EventBridgeConfiguration")
    | _texts("Id Topic=TopicArn Queue=QueueArn CloudFunction=LambdaFunctionArn Name Value"),
    _K.REQUEST_PAYMENT: _texts("Payer"),
    _K.ACCELERATE: _texts("Status"),
    _K.INTELLIGENT_TIERING: _FILTER
    | _KEY
    | _all(Shape.LIST, "Tiering=Tierings")
    | _all(Shape.NUMBER, "Days")
    | _texts("Id Status AccessTier"),
    _K.INVENTORY: _S3_DESTINATION
    | _all(Shape.STRUCT, "Encryption SSE-S3=SSES3 SSE-KMS=SSEKMS Filter Schedule")
    | _all(Shape.FLAG, "IsEnabled")
    | _wrapped("OptionalFields", "Field")
    | _texts("AccountId KeyId Id IncludedObjectVersions Frequency"),
    _K.ANALYTICS: _FILTER
    | _KEY
    | _S3_DESTINATION
    | _all(Shape.STRUCT, "StorageClassAnalysis DataExport")
    | _texts("Id BucketAccountId OutputSchemaVersion"),
    _K.METRICS: _FILTER | _KEY | _texts("Id AccessPointArn"),
}
"""The type of a grantee is an attribute: `xsi:type` is its field `Type`."""
