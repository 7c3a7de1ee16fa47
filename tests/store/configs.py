"""A sample of every configuration, and how tests write and read one."""

from __future__ import annotations

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import as_json, from_json

VERSIONED = {"Status": "Enabled"}
PLAIN_LIFECYCLE = {
    "Rules": [
        {
            "ID": "old",
            "Status": "Enabled",
            "Filter": {"Prefix": "logs/"},
            "Expiration": {"Days": 30},
        }
    ]
}
CORS = {
    "CORSRules": [
        {"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 3000}
    ]
}
TAGGING = {"TagSet": [{"Key": "team", "Value": "störage"}]}
ENCRYPTION = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
LOCK = {
    "ObjectLockEnabled": "Enabled",
    "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}},
}
BLOCK = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": False,
    "RestrictPublicBuckets": False,
}
OWNERSHIP = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
WEBSITE = {
    "IndexDocument": {"Suffix": "index.html"},
    "ErrorDocument": {"Key": "error.html"},
    "RoutingRules": [
        {
            "Condition": {"KeyPrefixEquals": "docs/"},
            "Redirect": {"ReplaceKeyPrefixWith": "documents/"},
        }
    ],
}
TIERING = {
    "Id": "cold",
    "Status": "Enabled",
    "Filter": {"Prefix": "old/"},
    "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}],
}


def policy(bucket):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": ["*"]},
        "Action": ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{bucket}/public/*"],
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def inventory(bucket, name="all"):
    return {
        "Id": name,
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Weekly"},
        "OptionalFields": ["Size", "ETag"],
        "Destination": {
            "S3BucketDestination": {"Bucket": f"arn:aws:s3:::{bucket}", "Format": "CSV"}
        },
    }


async def put_config(store, bucket, kind, value, **how):
    await store.put_document(bucket, from_json(kind, value, **how))


async def get_config(store, bucket, kind, **how):
    """As JSON; None when the store has none, or one that says nothing."""
    return as_json(await store.get_document(bucket, kind, **how)) or None


def replication(bucket):
    rule = {
        "ID": "r",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": "x/"},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{bucket}"},
    }
    return {"Role": "arn:aws:iam::123456789012:role/r", "Rules": [rule]}


def sample(kind, bucket):
    """A configuration that could stand in a bucket of this name."""
    return {
        ConfigKind.VERSIONING: VERSIONED,
        ConfigKind.OBJECT_LOCK: LOCK,
        ConfigKind.ENCRYPTION: ENCRYPTION,
        ConfigKind.LIFECYCLE: PLAIN_LIFECYCLE,
        ConfigKind.REPLICATION: replication(bucket),
        ConfigKind.POLICY: policy(bucket),
        ConfigKind.PUBLIC_ACCESS_BLOCK: BLOCK,
        ConfigKind.OWNERSHIP: OWNERSHIP,
        ConfigKind.CORS: CORS,
        ConfigKind.TAGGING: TAGGING,
        ConfigKind.WEBSITE: WEBSITE,
        ConfigKind.LOGGING: {"LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": "log/"}},
        ConfigKind.NOTIFICATION: {"EventBridgeConfiguration": {}},
        ConfigKind.REQUEST_PAYMENT: {"Payer": "Requester"},
        ConfigKind.ACCELERATE: VERSIONED,
        ConfigKind.INTELLIGENT_TIERING: TIERING,
        ConfigKind.INVENTORY: inventory(bucket),
        ConfigKind.ANALYTICS: {"Id": "all", "StorageClassAnalysis": {}},
        ConfigKind.METRICS: {"Id": "all", "Filter": {"Prefix": "x/"}},
    }[kind]
